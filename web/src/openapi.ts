// SPDX-License-Identifier: Apache-2.0
/* openapi.ts: what a reader of the API's description wants to know of it; no drawing. */

export interface Schema {
	$ref?: string;
	type?: string | string[];
	format?: string;
	description?: string;
	enum?: (string | null)[];
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
	oneOf?: Schema[];
	anyOf?: Schema[];
	minimum?: number;
	maximum?: number;
	maxLength?: number;
}

export interface Parameter {
	name: string;
	in: "path" | "query" | "header";
	description?: string;
	required?: boolean;
	schema: Schema;
	example?: unknown;
}

interface Media {
	schema?: Schema;
	example?: unknown;
	examples?: Record<string, { $ref?: string; value?: unknown }>;
}
type Content = Record<string, Media>;

export interface Answer {
	$ref?: string;
	description?: string;
	content?: Content;
}

interface Operation {
	operationId: string;
	tags: string[];
	summary: string;
	description?: string;
	parameters?: Parameter[];
	requestBody?: { content: Content };
	responses: Record<string, Answer>;
	security?: unknown[];
	"x-permission": string[];
	"x-job-token": boolean;
}

export interface Description {
	info: { version: string; description: string };
	tags: { name: string; description: string }[];
	paths: Record<string, Record<string, Operation>>;
	components: { schemas: Record<string, Schema>; responses: Record<string, Answer>; examples?: Record<string, { value?: unknown }> };
}

export interface Call extends Operation {
	method: string;
	path: string;
}

/** All calls, in the order of the document; those that have every word of `find` in address, summary or permission. */
export function callsOf(doc: Description, find = ""): Call[] {
	const words = find.toLowerCase().split(/\s+/).filter(Boolean);
	return Object.entries(doc.paths)
		.flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })))
		.filter((call) => {
			const text = `${call.method} ${call.path} ${call.summary} ${call["x-permission"].join(" ")}`.toLowerCase();
			return words.every((word) => text.includes(word));
		});
}

/** What "#/components/schemas/x" leads to, and its name; anything else is itself. */
export function followed(doc: Description, schema: Schema): { name?: string; schema: Schema } {
	const name = schema.$ref?.split("/").pop();
	return name === undefined ? { schema } : { name, schema: doc.components.schemas[name] ?? {} };
}

export function answerOf(doc: Description, answer: Answer): Answer {
	const name = answer.$ref?.split("/").pop();
	return name === undefined ? answer : (doc.components.responses[name] ?? {});
}

/** "integer, 1 to 100", "array of jobInstance", "ENDED | CRASHED". */
export function typeWords(schema: Schema): string {
	if (schema.$ref) return schema.$ref.split("/").pop() ?? "";
	const either = schema.oneOf ?? schema.anyOf;
	if (either) return either.map(typeWords).join(" | ");
	if (schema.enum) return schema.enum.map(String).join(" | ");
	if (schema.items) return `array of ${typeWords(schema.items)}`;
	const words = [schema.type ?? "anything"].flat().join(" | ");
	if (schema.minimum !== undefined && schema.maximum !== undefined) return `${words}, ${schema.minimum} to ${schema.maximum}`;
	if (schema.maxLength !== undefined) return `${words}, ${schema.maxLength} characters`;
	return words;
}

/** The example of what is taken or answered as that media type; undefined: there is none. */
export function exampleOf(doc: Description, media: Media): unknown {
	if (media.example !== undefined) return media.example;
	const first = Object.values(media.examples ?? {})[0];
	const name = first?.$ref?.split("/").pop();
	return name === undefined ? first?.value : doc.components.examples?.[name]?.value;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A line for a shell that makes this call; `base` is where the API is. */
export function curlOf(doc: Description, call: Call, base: string): string {
	const parts = ["curl -u LOGIN"];
	if (call.method !== "GET") parts.push(`-X ${call.method}`);
	const [type, media] = Object.entries(call.requestBody?.content ?? {})[0] ?? [];
	const example = media && exampleOf(doc, media);
	if (type === "application/x-www-form-urlencoded") {
		for (const [name, value] of Object.entries(example ?? {})) parts.push(`--data-urlencode ${quoted(`${name}=${value}`)}`);
	} else if (type !== undefined) {
		parts.push(`-H ${quoted(`Content-Type: ${type}`)}`);
		parts.push(type === "application/json" && example !== undefined ? `-d ${quoted(JSON.stringify(example))}` : "--data-binary @FILE");
	}
	const query = (call.parameters ?? []).filter((one) => one.in === "query" && one.required)
		.map((one) => `${one.name}=${encodeURIComponent(String(one.example ?? "..."))}`);
	const path = call.path.replace(/^\/ws\//, "").replace(/^\//, "../");
	parts.push(quoted(`${base}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`));
	return parts.join(" ");
}
