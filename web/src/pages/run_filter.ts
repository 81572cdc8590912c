// SPDX-License-Identifier: Apache-2.0
/* pages/run_filter.ts: the filter of the runs page: in the address as text, for the server as a query. */
import { LIVE_STATES, PAST_STATES, type JobQuery } from "../api/types.ts";

export const PAGE_SIZE = 50;

/** Columns the server can sort by. */
export const SORTABLE: Record<string, string> = {
	id: "ID",
	name: "APPLICATIONNAME",
	queue: "QUEUENAME",
	state: "STATUS",
	enqueued: "DATEENQUEUE",
	began: "DATEEXECUTION",
	ended: "DATEEND",
	user: "USERNAME",
	parent: "PARENTID",
};

const isState = (state: string) => [...LIVE_STATES, ...PAST_STATES].includes(state as never);

/** "2026-11-26T10:00" in the reader's zone, or a number of the kind "1h", "7d" before now. */
export function dateOf(text: string | null, now: number): number | undefined {
	if (!text) return undefined;
	const back = /^(\d+)([hd])$/.exec(text);
	if (back) return now - Number(back[1]) * (back[2] === "h" ? 3600e3 : 86400e3);
	const ms = new Date(text).getTime();
	return Number.isNaN(ms) ? undefined : ms;
}

/** No job has this number. */
const NO_JOB = -1;

/** Who typed no wildcard means "has this in it". */
const contains = (text: string | null) => (!text ? undefined : text.includes("%") ? text : `%${text}%`);

const whole = (text: string | null) => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** Filters of a number, text or date, by their names in the address: what they are called in a query. */
const NUMBERS = { id: "jobInstanceId", parent: "parentId" } as const;
const TEXTS = {
	user: "user",
	session: "sessionId",
	keyword: "instanceKeyword1",
	keyword2: "instanceKeyword2",
	keyword3: "instanceKeyword3",
	application: "instanceApplication",
	module: "instanceModule",
	defkeyword1: "jobDefKeyword1",
	defkeyword2: "jobDefKeyword2",
	defkeyword3: "jobDefKeyword3",
	defapplication: "jobDefApplication",
	defmodule: "jobDefModule",
} as const;
export const DATES = {
	from: "enqueuedAfter",
	to: "enqueuedBefore",
	beganfrom: "beganRunningAfter",
	beganto: "beganRunningBefore",
	endedfrom: "endedAfter",
	endedto: "endedBefore",
} as const;

/** What is set of a kind of filters, read; `unread` is told when somebody set what cannot be. */
function setOf<T>(query: URLSearchParams, names: Record<string, keyof JobQuery>, read: (text: string | null) => T | undefined, unread: () => void): JobQuery {
	const set: Record<string, T> = {};
	for (const [name, member] of Object.entries(names)) {
		const value = read(query.get(name));
		if (value !== undefined) set[member] = value;
		else if (query.get(name)) unread();
	}
	return set as JobQuery;
}

/**
 * Which jobs: neither page nor order, so it serves orders to all of them, too.  What cannot be read (the number "x") finds nothing: it
 * must not be as if it were not there.
 */
export function filterOf(query: URLSearchParams, now: number): JobQuery {
	const given = query.getAll("state");
	const states = given.filter(isState);
	const name = contains(query.get("name"));
	const live = states.length === 0 || states.some((state) => LIVE_STATES.includes(state as never));
	const past = states.length === 0 || states.some((state) => PAST_STATES.includes(state as never));
	let impossible = given.length > 0 && states.length === 0;
	const unread = () => (impossible = true);
	const filter: JobQuery = {
		...setOf(query, NUMBERS, whole, unread),
		...setOf(query, TEXTS, contains, unread),
		...setOf(query, DATES, (text) => dateOf(text, now), unread),
		applicationName: name === undefined ? undefined : [name],
		queueName: query.get("queue") || undefined,
		nodeName: query.get("node") || undefined,
		statuses: states.length === 0 ? undefined : states,
		queryLiveInstances: live,
		queryHistoryInstances: past,
	};
	return impossible ? { ...filter, jobInstanceId: NO_JOB } : filter;
}

export interface Order {
	column: string;
	down: boolean;
}

export function orderOf(query: URLSearchParams): Order {
	const [column = "id", way = "down"] = (query.get("sort") ?? "id:down").split(":");
	return column in SORTABLE ? { column, down: way !== "up" } : { column: "id", down: true };
}

/** Behind no job at all: a page by key comes without a count, which may take longer than all of its rows. */
const BEFORE_ALL = { down: Number.MAX_SAFE_INTEGER, up: 0 };

/** A page of them: by key where they are sorted by number, which is quick however far inside. */
export function pageQuery(query: URLSearchParams, now: number): JobQuery {
	const order = orderOf(query);
	const byId = order.column === "id";
	const page = whole(query.get("page")) ?? 0;
	return {
		...filterOf(query, now),
		pageSize: PAGE_SIZE,
		sortby: [{ col: SORTABLE[order.column]!, order: order.down ? "DESCENDING" : "ASCENDING" }],
		after: byId ? (whole(query.get("after")) ?? BEFORE_ALL[order.down ? "down" : "up"]) : undefined,
		firstRow: byId ? undefined : page * PAGE_SIZE,
	};
}

/** How many there are on all pages: no rows. */
export const countQuery = (query: URLSearchParams, now: number): JobQuery => ({ ...filterOf(query, now), pageSize: 0 });

export const FILTERS = ["name", "queue", "node", "state", ...Object.keys({ ...NUMBERS, ...TEXTS, ...DATES })];

/** Does it leave anything out?  An order to everything there is must not happen by an empty filter. */
export const filtersAnything = (query: URLSearchParams) => FILTERS.some((name) => query.get(name));

/** The same from its first page on: for another filter or order. */
export function fromFirstPage(query: URLSearchParams): URLSearchParams {
	const first = new URLSearchParams(query);
	first.delete("after");
	first.delete("page");
	return first;
}

export interface SavedFilter {
	name: string;
	/** Of the address. */
	query: string;
}
const STORED = "jqm-run-filters";

/** Those of this browser; what is stored there is not trusted to be ours. */
export function savedFilters(): SavedFilter[] {
	try {
		const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
		return (Array.isArray(stored) ? stored : []).filter(
			(one: SavedFilter | null) => typeof one?.name === "string" && typeof one.query === "string",
		);
	} catch {
		return [];
	}
}

export const saveFilters = (filters: SavedFilter[]) => localStorage.setItem(STORED, JSON.stringify(filters));
