// SPDX-License-Identifier: Apache-2.0
/* api/doctor.ts: what "jqm doctor" found on the nodes, as each told last. */
import { get, order } from "./http.ts";

export interface Finding {
	kind: "wrong" | "fixed" | "note";
	/** The group of checks. */
	check: string | null;
	what: string | null;
	why: string | null;
	repair: string | null;
}

export interface FindingsCount {
	nodeId: number;
	node: string;
	/** If not, there was no report yet, and the figures say nothing. */
	reported: boolean;
	/** The report is so old that it says nothing about now: others should have come. */
	outdated: boolean;
	reportDate: number | null;
	/** Since when a new report is wanted; null: it is there. */
	askedDate: number | null;
	ok: number;
	notes: number;
	fixed: number;
	wrong: number;
}

export interface Findings extends FindingsCount {
	account: string | null;
	/** The worst first; of long reports the rest is left out. */
	findings: Finding[];
}

export const findingsCounts = (signal?: AbortSignal) => get<FindingsCount[]>("admin/stats/findings", { signal });
export const findingsOf = (node: number, signal?: AbortSignal) => get<Findings>(`admin/node/${node}/findings`, { signal });
/** Have the node look again: the report comes later. */
export const askFindings = (node: number) => order("POST", `admin/node/${node}/findings`);
