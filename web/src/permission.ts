// SPDX-License-Identifier: Apache-2.0
/* permission.ts: a permission as docs/permissions.md describes it: "object:verb,verb@limit". */

export const OBJECTS = [
	"*", "job_instance", "logs", "files", "queue_position",
	"node", "queue", "qmapping", "jndi", "prm", "jd", "cl", "concurrency", "webhook", "history", "user", "role", "metrics", "doctor",
];
export const VERBS = ["read", "create", "update", "delete"];
/** Objects a limit covers a part of. */
export const SCOPED_OBJECTS = ["*", "job_instance", "logs", "files", "queue_position", "jd", "queue"];

export interface Permission {
	object: string;
	verbs: string[];
	/** "": everywhere; "own", "queue=NAME", "definition=NAME". */
	limit: string;
}

/** null: a text of another form, which the server understands or refuses by itself. */
export function permissionOf(text: string): Permission | null {
	const at = text.indexOf("@");
	const [what, limit] = at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
	const parts = what.toLowerCase().split(":").map((part) => part.trim());
	const [object = "", verbs = ""] = parts;
	const list = verbs === "" ? [] : verbs.split(",").map((verb) => verb.trim());
	if (parts.length !== 2 || !OBJECTS.includes(object) || !list.every((verb) => verb === "*" || VERBS.includes(verb))) return null;
	if (at >= 0 && !/^(own|queue=.*|definition=.*)$/s.test(limit)) return null;
	return { object, verbs: list, limit };
}

export const textOf = ({ object, verbs, limit }: Permission) => `${object}:${verbs.join(",")}${limit ? `@${limit}` : ""}`;

export function limitedOf(limit: string): { kind: "" | "own" | "queue" | "definition"; name: string } {
	const [kind = "", ...name] = limit.split("=");
	return { kind: kind as "" | "own" | "queue" | "definition", name: name.join("=") };
}
