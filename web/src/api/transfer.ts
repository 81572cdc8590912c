// SPDX-License-Identifier: Apache-2.0
/* api/transfer.ts: configuration as files: which kinds there are, and what an import of one did or would do. */
import { order, url } from "./http.ts";

export const FILE_KINDS = [
	{ key: "definitions", path: "jd", exported: "jd/all/xml", needs: "jd:read" },
	{ key: "queues", path: "q", exported: "q/all/xml", needs: "queue:read" },
	{ key: "resources", path: "jndi", exported: "jndi/all/xml", needs: "jndi:read" },
	{ key: "configuration", path: "configuration", exported: "configuration/xml", needs: "prm:read" },
] as const;

export interface TransferChange {
	field: string;
	from: string | null;
	to: string | null;
}

export interface TransferObject {
	kind: string;
	name: string;
	result: "created" | "updated" | "unchanged" | "skipped";
	changes: TransferChange[];
}

/** Which door a file belongs to: the rule of "jqm import"; what cannot be read is for the server to judge. */
export function kindOfFile(xml: string): (typeof FILE_KINDS)[number]["path"] {
	const root = new DOMParser().parseFromString(xml, "application/xml").documentElement;
	if (root.localName === "queues") return "q";
	if (root.localName === "resources") return "jndi";
	const has = (name: string) => [...root.children].some((child) => child.localName === name);
	return root.localName !== "jqm" || root.children.length === 0 || has("jar") || has("context") ? "jd" : "configuration";
}

/** What it did, or would do; an ApiError has all that is wrong with the file in its problems. */
export async function importFile(xml: string, dryRun: boolean): Promise<TransferObject[]> {
	const report = await order<{ objects: TransferObject[] }>("POST", `admin/${kindOfFile(xml)}/xml`, {
		body: xml,
		contentType: "application/xml",
		query: { dryRun: dryRun || undefined },
	});
	return report?.objects ?? [];
}

export const exportHref = (exported: string) => url(`admin/${exported}`);
