// SPDX-License-Identifier: Apache-2.0
/*
 * pages/runs_live.ts: a page of jobs kept fresh at little cost.  What is over never changes, so as long as nothing comes or goes only the
 * live jobs are asked for; the whole page when something did, and now and then in case a job came and went in between.  While the server
 * tells what happens, nothing is asked until it does.
 */
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isLive, searchJobs } from "../api/jobs.ts";
import type { Job, JobPage, JobQuery } from "../api/types.ts";
import { Turns } from "../events.ts";
import { useLive } from "../live.ts";
import { PAGE_SIZE } from "./run_filter.ts";

const EVERY_MS = 3000;
/** What a list shows of a job. */
const TOLD = { kinds: "state,change,progress" };
/** Every so manieth time the whole page. */
const WHOLE_EVERY = 5;

/** The query for live jobs only, if its answer tells what changed in a page of the other one; else null. */
export function liveQueryOf(query: JobQuery): JobQuery | null {
	if (query.firstRow !== undefined || !query.queryHistoryInstances || !query.queryLiveInstances) return null;
	return { ...query, queryHistoryInstances: false };
}

/** Is the job of a later page, in the order of this one?  A page that is not full has none behind it. */
function isBehind(page: JobPage, job: Job): boolean {
	const first = page.instances[0];
	const last = page.instances.at(-1);
	if (!first || !last || page.instances.length < PAGE_SIZE) return false;
	return first.id > last.id ? job.id < last.id : job.id > last.id;
}

/** The page with its live jobs as they are now; null: some came or went, the page has to be asked for. */
export function withLive(page: JobPage, live: readonly Job[]): JobPage | null {
	const now = new Map(live.map((job) => [job.id, job]));
	const shown = new Set(page.instances.map((job) => job.id));
	if (live.some((job) => !shown.has(job.id) && !isBehind(page, job))) return null;
	if (page.instances.some((job) => isLive(job) && !now.has(job.id))) return null;
	return { ...page, instances: page.instances.map((job) => now.get(job.id) ?? job) };
}

/** The jobs one is reading where they stand, as they are in a newer page; and how many that one has besides. */
export function inPlace(page: JobPage, newer: JobPage): { page: JobPage; fresh: number } {
	const now = new Map(newer.instances.map((job) => [job.id, job]));
	const shown = new Set(page.instances.map((job) => job.id));
	return {
		page: { ...newer, instances: page.instances.map((job) => now.get(job.id) ?? job) },
		fresh: newer.instances.filter((job) => !shown.has(job.id)).length,
	};
}

export interface Runs {
	page: JobPage | undefined;
	/** While another page is awaited: the last one, so that lines do not vanish and come again at each key. */
	before: JobPage | undefined;
	error: Error | undefined;
	loading: boolean;
	refresh: () => void;
	/** So many more have come; they are shown by showFresh(), not under the eyes of who reads. */
	fresh: number;
	showFresh: () => void;
}

interface State {
	key: string;
	page?: JobPage;
	newer?: JobPage;
	error?: Error;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** `reading` says whether lines must stay where they are. */
export function useRuns(key: string, query: () => JobQuery, reading: () => boolean): Runs {
	const [state, setState] = useState<State>({ key: "" });
	const [turn, setTurn] = useState(0);
	const latest = useRef({ query, reading, page: undefined as JobPage | undefined });
	latest.current.query = query;
	latest.current.reading = reading;
	latest.current.page = state.key === key ? (state.newer ?? state.page) : undefined;

	// Not an effect that waits for the next frame: whoever filters waits for what is asked here.
	useLayoutEffect(() => {
		const stop = new AbortController();
		let light = false;
		let turns = 0;
		const take = (page: JobPage) =>
			setState((old) => {
				if (old.key !== key || !old.page) return { key, page };
				if (same(old.newer ?? old.page, page) && !old.error) return old;
				const { page: kept, fresh } = inPlace(old.page, page);
				return fresh > 0 && latest.current.reading() ? { key, page: kept, newer: page } : { key, page };
			});
		const whole = async () => {
			const before = latest.current.page;
			const page = await searchJobs(latest.current.query(), stop.signal);
			light = before !== undefined && same(before.instances.map((job) => job.id), page.instances.map((job) => job.id));
			take(page);
		};
		const ask = async () => {
			if (document.hidden && latest.current.page) return; // "visible" below goes on
			try {
				const before = latest.current.page;
				const asked = light && before && ++turns % WHOLE_EVERY !== 0 ? liveQueryOf(latest.current.query()) : null;
				const merged = asked && before && withLive(before, (await searchJobs(asked, stop.signal)).instances);
				if (merged) take(merged);
				else await whole();
			} catch (failure) {
				if (stop.signal.aborted) return;
				const error = failure instanceof Error ? failure : new Error(String(failure));
				setState((old) => (old.key === key ? { ...old, error } : { key, error }));
			}
		};
		const asking = new Turns(EVERY_MS, ask, TOLD);
		const visible = () => {
			if (document.hidden) return;
			light = false;
			void asking.now();
		};
		void asking.now();
		document.addEventListener("visibilitychange", visible);
		return () => {
			stop.abort();
			asking.end();
			document.removeEventListener("visibilitychange", visible);
		};
	}, [key, turn]);

	const refresh = useCallback(() => setTurn((n) => n + 1), []);
	const showFresh = useCallback(() => setState((old) => (old.newer ? { key: old.key, page: old.newer } : old)), []);
	const current = state.key === key;
	return {
		page: current ? state.page : undefined,
		before: current ? undefined : (state.newer ?? state.page),
		error: current ? state.error : undefined,
		loading: !current,
		refresh,
		fresh: current && state.page && state.newer ? inPlace(state.page, state.newer).fresh : 0,
		showFresh,
	};
}

export interface Total {
	n: number;
	estimated: boolean;
}
const TOTAL_MS = 60000;
/** Nobody looks at a count while typing on. */
const RESTING_MS = 300;

async function counted(query: JobQuery, signal: AbortSignal): Promise<JobPage> {
	await new Promise((resolve) => setTimeout(resolve, RESTING_MS));
	return searchJobs(query, signal); // not sent when somebody typed on
}

/**
 * How many there are on all pages; null: not known (yet).  A page that is not full knows by itself; else it is asked apart and behind the
 * page, which never waits for a count.
 */
export function useTotal(key: string, page: JobPage | undefined, isFirst: boolean, question: () => JobQuery): Total | null {
	const all = page !== undefined && isFirst && page.instances.length < PAGE_SIZE;
	const known = page?.resultSize ?? (all ? page.instances.length : null);
	const ask = page !== undefined && known === null;
	const total = useLive(ask ? key : "", (signal) => (ask ? counted(question(), signal) : Promise.resolve(undefined)), ask ? TOTAL_MS : 0);
	if (known !== null) return { n: known, estimated: page!.resultSizeEstimated };
	const n = total.value?.resultSize ?? null;
	return n === null ? null : { n, estimated: total.value!.resultSizeEstimated };
}
