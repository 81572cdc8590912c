// SPDX-License-Identifier: Apache-2.0
/*
 * session.tsx: who one is here.  The server keeps the session (a cookie no script can read); this holds what it said about it: the
 * login and its permissions.  When a session ends, the next call asks for a login in place and then goes on.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Me } from "./api/types.ts";

/** Does one of the permissions held include "object:verb"?  The rule of fcgi/authz.h; the server asks again anyway. */
export function includes(held: readonly string[], wanted: string): boolean {
	const [object = "", verb = ""] = wanted.split(":");
	return held.some((permission) => {
		const [objects = "*", verbs = "*"] = permission.toLowerCase().split("@")[0]!.split(":").map((part) => part.trim());
		const has = (part: string, word: string) =>
			part.split(",").some((one) => one.trim() === "*" || one.trim() === word);
		return has(objects, object) && has(verbs, verb);
	});
}

export interface Session {
	me: Me;
	/** May it do one of these? */
	may: (...wanted: string[]) => boolean;
}

export const sessionOf = (me: Me): Session => ({
	me,
	may: (...wanted) => wanted.some((permission) => includes(me.permissions, permission)),
});

export const SessionContext = createContext<Session>(sessionOf({ login: null, permissions: [] }));
export const useSession = () => useContext(SessionContext);
