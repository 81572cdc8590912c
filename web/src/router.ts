// SPDX-License-Identifier: Apache-2.0
/*
 * router.ts: where one is.  The fragment of the address holds it all: "#/runs?state=CRASHED".  So a page can be
 * bookmarked and sent to a colleague, "back" works, and nginx needs to know nothing about pages.
 */
import { useEffect, useRef, useState } from "preact/hooks";

export interface Place {
	/** "runs", "run/12": no leading slash. */
	path: string;
	query: URLSearchParams;
}

export function readPlace(hash: string): Place {
	const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
	return { path, query: new URLSearchParams(query) };
}

export function placeHref(path: string, query?: URLSearchParams | Record<string, string | undefined>): string {
	const params = new URLSearchParams();
	const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query ?? {});
	for (const [name, value] of entries) if (value) params.append(name, value);
	const text = params.toString();
	return `#/${path}${text ? `?${text}` : ""}`;
}

export function go(href: string, how: "push" | "replace" = "push"): void {
	if (how === "push") location.hash = href;
	else {
		history.replaceState(null, "", href);
		dispatchEvent(new HashChangeEvent("hashchange"));
	}
}

/** The place, again whenever it changes. */
export function usePlace(): Place {
	const [place, setPlace] = useState(() => readPlace(location.hash));
	const first = useRef(location.hash);
	useEffect(() => {
		const moved = () => setPlace(readPlace(location.hash));
		addEventListener("hashchange", moved);
		if (location.hash !== first.current) moved(); // before anybody listened
		return () => removeEventListener("hashchange", moved);
	}, []);
	return place;
}
