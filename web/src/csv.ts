// SPDX-License-Identifier: Apache-2.0
/*
 * csv.ts: lines of comma separated values (RFC 4180; semicolons and tabulators too, as spreadsheets of other countries write them) as
 * requests for jobs: one per line, with all that is wrong told by line.
 */
import type { JobRequest } from "./api/jobs.ts";
import type { Definition } from "./api/types.ts";
import { wrongParameters, type ParameterType, type Wrong } from "./parameter_type.ts";

export interface Line {
	/** Of the file, from 1: where it begins. */
	number: number;
	fields: string[];
}

export interface Problem {
	line: number;
	/** Which of the problems the console has words for, and what it is about. */
	kind: "quote" | "fields" | "noHeader" | "twice" | "noDefinition" | "unknown" | "disabled" | "priority" | "date" | "state" | "tooMany" | "parameter";
	about: string;
	/** Of "parameter": what it should be, and how it is not. */
	type?: ParameterType;
	rule?: Wrong;
}

/** What there is to launch. */
export type Launchable = Pick<Definition, "enabled" | "parameters" | "parameterTypes">;

export interface Bulk {
	requests: { line: number; request: JobRequest }[];
	problems: Problem[];
}

export const REQUESTS_MAX = 10000;

/** What a line is divided by: of the header the one there is most of. */
export function separatorOf(text: string): string {
	const header = text.slice(0, text.search(/[\r\n]|$/));
	const counts = [",", ";", "\t"].map((one) => ({ one, n: header.split(one).length }));
	return counts.sort((a, b) => b.n - a.n)[0]!.one;
}

/** The lines that have anything in them.  A quoted field may hold separators, quotes (twice) and ends of lines. */
export function linesOf(text: string): { lines: Line[]; problems: Problem[] } {
	const source = text.replace(/^\uFEFF/, "");
	const separator = separatorOf(source);
	const lines: Line[] = [];
	const problems: Problem[] = [];
	let number = 1;
	let at = 0;
	while (at < source.length) {
		const line: Line = { number, fields: [] };
		for (let more = true; more; ) {
			let field = "";
			if (source[at] === '"') {
				const began = number;
				for (at++; ; at++) {
					if (at >= source.length) {
						problems.push({ line: began, kind: "quote", about: field.slice(0, 40) });
						return { lines, problems };
					}
					if (source[at] === '"' && source[at + 1] !== '"') break;
					if (source[at] === '"') at++;
					if (source[at] === "\n") number++;
					field += source[at];
				}
				at++;
			}
			while (at < source.length && source[at] !== separator && source[at] !== "\n" && source[at] !== "\r") field += source[at++];
			line.fields.push(field);
			more = source[at] === separator;
			if (more) at++;
		}
		if (source[at] === "\r") at++;
		if (source[at] === "\n") at++;
		number++;
		if (line.fields.some((field) => field.trim() !== "")) lines.push(line);
	}
	return { lines, problems };
}

/** Columns that are about the job; any other is a parameter of that name. */
export const COLUMNS = ["definition", "user", "session", "queue", "priority", "after", "held", "keyword1", "keyword2", "keyword3"] as const;
type ColumnName = (typeof COLUMNS)[number];
const isColumn = (name: string): name is ColumnName => (COLUMNS as readonly string[]).includes(name);

/** Nothing: what is wrong with the value; else what it makes of the request. */
function taken(name: ColumnName, value: string): Partial<JobRequest> | Problem["kind"] {
	switch (name) {
		case "definition":
			return { applicationName: value };
		case "user":
			return { user: value };
		case "session":
			return { sessionID: value };
		case "queue":
			return { queueName: value };
		case "priority":
			return /^(10|[0-9])$/.test(value) ? { priority: Number(value) } : "priority";
		case "after": {
			const ms = new Date(value).getTime();
			return Number.isNaN(ms) ? "date" : { runAfter: ms };
		}
		case "held":
			if (/^(yes|true|1|oui)$/i.test(value)) return { startState: "HOLDED" };
			return /^(no|false|0|non)$/i.test(value) ? {} : "state";
		default:
			return { [name]: value };
	}
}

/** `there`: the definitions by name; `key` makes requests sent twice one job each. */
export function bulkOf(text: string, there: ReadonlyMap<string, Launchable>, key: string): Bulk {
	const { lines, problems } = linesOf(text);
	const [header, ...rows] = lines;
	const bulk: Bulk = { requests: [], problems };
	if (!header) return bulk;
	const names = header.fields.map((name) => name.trim()).map((name) => (isColumn(name.toLowerCase()) ? name.toLowerCase() : name));
	const twice = names.find((name, i) => names.indexOf(name) !== i);
	if (!names.includes("definition")) problems.push({ line: header.number, kind: "noHeader", about: names.join(", ") });
	else if (twice !== undefined) problems.push({ line: header.number, kind: "twice", about: twice });
	else if (rows.length > REQUESTS_MAX) problems.push({ line: rows[REQUESTS_MAX]!.number, kind: "tooMany", about: String(rows.length) });
	else for (const row of rows) takeRow(row, names, there, key, bulk);
	return bulk;
}

function takeRow(row: Line, names: string[], there: ReadonlyMap<string, Launchable>, key: string, bulk: Bulk): void {
	const wrong = (kind: Problem["kind"], about: string) => bulk.problems.push({ line: row.number, kind, about });
	const before = bulk.problems.length;
	const request: JobRequest = { applicationName: "", parameters: [], idempotencyKey: `${key}-${row.number}` };
	if (row.fields.length !== names.length) wrong("fields", `${row.fields.length} / ${names.length}`);
	names.forEach((name, i) => {
		const value = (row.fields[i] ?? "").trim();
		if (value === "" || name === "") return;
		if (!isColumn(name)) return void request.parameters.push({ key: name, value: row.fields[i]! });
		const made = taken(name, value);
		if (typeof made === "string") wrong(made, value);
		else Object.assign(request, made);
	});
	const known = there.get(request.applicationName);
	if (request.applicationName === "") wrong("noDefinition", "");
	else if (known === undefined) wrong("unknown", request.applicationName);
	else if (!known.enabled) wrong("disabled", request.applicationName);
	else
		for (const [about, rule] of wrongParameters(known.parameterTypes, known.parameters, request.parameters))
			bulk.problems.push({ line: row.number, kind: "parameter", about, rule, type: known.parameterTypes.find((one) => one.key === about) });
	if (bulk.problems.length === before) bulk.requests.push({ line: row.number, request });
}
