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

/** Who typed no wildcard means "has this in it". */
const contains = (text: string | null) => (!text ? undefined : text.includes("%") ? text : `%${text}%`);

const whole = (text: string | null) => (text && /^\d+$/.test(text) ? Number(text) : undefined);

/** Which jobs: neither page nor order, so it serves orders to all of them, too. */
export function filterOf(query: URLSearchParams, now: number): JobQuery {
	const states = query.getAll("state").filter(isState);
	const name = contains(query.get("name"));
	const live = states.length === 0 || states.some((state) => LIVE_STATES.includes(state as never));
	const past = states.length === 0 || states.some((state) => PAST_STATES.includes(state as never));
	return {
		jobInstanceId: whole(query.get("id")),
		parentId: whole(query.get("parent")),
		applicationName: name === undefined ? undefined : [name],
		user: contains(query.get("user")),
		sessionId: contains(query.get("session")),
		queueName: query.get("queue") || undefined,
		nodeName: query.get("node") || undefined,
		instanceKeyword1: contains(query.get("keyword")),
		enqueuedAfter: dateOf(query.get("from"), now),
		enqueuedBefore: dateOf(query.get("to"), now),
		statuses: states.length === 0 ? undefined : states,
		queryLiveInstances: live,
		queryHistoryInstances: past,
	};
}

export interface Order {
	column: string;
	down: boolean;
}

export function orderOf(query: URLSearchParams): Order {
	const [column = "id", way = "down"] = (query.get("sort") ?? "id:down").split(":");
	return column in SORTABLE ? { column, down: way !== "up" } : { column: "id", down: true };
}

/** A page of them: by key where they are sorted by number, which is quick however far inside. */
export function pageQuery(query: URLSearchParams, now: number): JobQuery {
	const order = orderOf(query);
	const byId = order.column === "id";
	const page = whole(query.get("page")) ?? 0;
	return {
		...filterOf(query, now),
		pageSize: PAGE_SIZE,
		sortby: [{ col: SORTABLE[order.column]!, order: order.down ? "DESCENDING" : "ASCENDING" }],
		after: byId ? whole(query.get("after")) : undefined,
		firstRow: byId ? undefined : page * PAGE_SIZE,
	};
}

export const FILTERS = ["id", "parent", "name", "user", "session", "queue", "node", "keyword", "from", "to", "state"] as const;

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
