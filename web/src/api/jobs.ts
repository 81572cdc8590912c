// SPDX-License-Identifier: Apache-2.0
/* api/jobs.ts: the client API: jobs, their files and logs. */
import { ApiError, get, order, send, url } from "./http.ts";
import type { Deliverable, Job, JobPage, JobQuery, Queue } from "./types.ts";

export const isLive = (job: Pick<Job, "state">) =>
	!["ENDED", "CRASHED", "KILLED", "CANCELLED"].includes(job.state);

export const searchJobs = async (query: JobQuery, signal?: AbortSignal) =>
	(await order<JobPage>("POST", "client/ji/query", { json: query, signal })) as JobPage;

export const readJob = (id: number, signal?: AbortSignal) => get<Job>(`client/ji/${id}`, { signal });

export const childrenOf = (id: number, signal?: AbortSignal) =>
	get<Job[]>("client/ji", { query: { parent: id }, signal });

/** Jobs that were told to wait for one: the oldest behind the job `after`, as many as that. */
export const dependentsOf = (id: number, oldest: number, after: number, signal?: AbortSignal) =>
	get<Job[]>("client/ji", { query: { waitsFor: id, oldest, after: after || undefined }, signal });

export const filesOf = (id: number, signal?: AbortSignal) => get<Deliverable[]>(`client/ji/${id}/files`, { signal });

/** Offered under the name its job gave it. */
export const fileHref = (id: number) => url(`client/ji/files/${id}`, { name: "original" });

export interface FileLink {
	/** From the root of the server on: "/ws/...". */
	url: string;
	expirationDate: number;
}

/** An address that opens the file without an account, for so long. */
export async function linkToFile(id: number, seconds: number): Promise<{ href: string; until: number }> {
	const link = (await order<FileLink>("POST", `client/ji/files/${id}/link`, { query: { seconds } }))!;
	// Behind a reverse proxy's prefix the root of the server is where this page is.
	return { href: new URL(link.url.replace(/^\//, ""), document.baseURI).toString(), until: link.expirationDate };
}

/** How many there were. */
export const endLinksToFile = async (id: number) => Number((await order<number>("DELETE", `client/ji/files/${id}/link`)) ?? 0);

export const queues = (signal?: AbortSignal) => get<Queue[]>("client/q", { signal });

export interface JobRequest {
	applicationName: string;
	parameters: { key: string; value: string }[];
	user?: string;
	sessionID?: string;
	queueName?: string;
	priority?: number;
	startState?: string;
	runAfter?: number;
	keyword1?: string;
	keyword2?: string;
	keyword3?: string;
	application?: string;
	module?: string;
	email?: string;
	/** Numbers of jobs; "failure:12", "end:12". */
	waitFor?: string[];
	maxAttempts?: number;
	concurrencyKey?: string;
	idempotencyKey?: string;
}

/** All of them, or none; their numbers in the same order. */
export const enqueueAll = async (requests: JobRequest[]) =>
	(await order<number[]>("POST", "client/ji/bulk/requests", { json: requests })) ?? [];

export const enqueue = async (request: JobRequest) =>
	(await order<Job>("POST", "client/ji", { json: request })) as Job;

/** What can be ordered about one job, and about many. */
export type JobOrder = "kill" | "hold" | "resume" | "pauseRunning" | "resumeRunning" | "restart" | "again" | "delete";

const ORDERS: Record<JobOrder, (id: number) => Promise<unknown>> = {
	kill: (id) => order("POST", `client/ji/killed/${id}`),
	hold: (id) => order("POST", `client/ji/paused/${id}`),
	resume: (id) => order("DELETE", `client/ji/paused/${id}`),
	pauseRunning: (id) => order("POST", `client/ji/running/paused/${id}`),
	resumeRunning: (id) => order("DELETE", `client/ji/running/paused/${id}`),
	restart: (id) => order("DELETE", `client/ji/crashed/${id}`),
	again: (id) => enqueueAgain(id),
	delete: (id) => order("DELETE", `client/ji/waiting/${id}`),
};

export const orderJob = (what: JobOrder, id: number): Promise<unknown> => ORDERS[what](id);

/** Enqueue a past job once more; the number of the new one. */
export const enqueueAgain = async (id: number) =>
	Number(await (await send("POST", `client/ji/${id}`, { accept: "text/plain" })).text());

export const changeJob = (id: number, what: "priority" | "position", value: number) =>
	order("POST", `client/ji/${id}/${what}/${value}`);

export const moveJob = (id: number, queueId: number) => order("POST", `client/q/${queueId}/${id}`);

export type BulkOrder = "killed" | "paused" | "resumed" | "again" | { queue: number };

function bulkPath(what: BulkOrder): string {
	if (typeof what === "object") return `client/q/${what.queue}/bulk`;
	return what === "again" ? "client/ji/bulk" : `client/ji/${what}`;
}

/** Who is meant: numbers, or all that a filter finds. */
export type BulkTarget = number[] | JobQuery;

export async function orderJobs(what: BulkOrder, target: BulkTarget, dryRun: boolean): Promise<number> {
	const answer = await order<number | unknown[]>("POST", bulkPath(what), {
		json: target,
		query: { dryRun: dryRun || undefined },
	});
	return Array.isArray(answer) ? answer.length : Number(answer ?? 0);
}

export const logHref = (id: number, stream: Stream) => url(`client/ji/${id}/${stream}`);

export interface LogPiece {
	start: number;
	bytes: Uint8Array<ArrayBuffer>;
	/** Length of the whole log as far as it is known. */
	total: number;
}

/** How much there is of a log: 0 when nothing was printed yet, or there is no such log. */
async function logLength(id: number, stream: Stream, attempt: number | undefined, signal?: AbortSignal): Promise<number> {
	try {
		const answer = await send("HEAD", `client/ji/${id}/${stream}`, { accept: "*/*", query: { attempt }, signal });
		// Without the header (its middle is missing) there is something, and nobody knows how much.
		return Number(answer.headers.get("Content-Length") ?? 1);
	} catch (failure) {
		if (failure instanceof ApiError && failure.status === 404) return 0;
		throw failure;
	}
}

export type Stream = "stdout" | "stderr";

/** Bytes of a log: the last `last`, or `length` from `from` on. */
export type LogRange = { last: number } | { from: number; length: number };

/**
 * A piece of a log; null when nothing is there (yet).  Offsets count what the job wrote, so they stay when the log's middle goes: a
 * piece then begins where the log goes on.
 */
export async function readLog(
	id: number,
	stream: Stream,
	range: LogRange,
	attempt?: number,
	signal?: AbortSignal,
): Promise<LogPiece | null> {
	if ("last" in range && (await logLength(id, stream, attempt, signal)) === 0) return null;
	// The byte before is asked for too: that one is there, so there always is an answer.
	const piece = await askLog(id, stream, range, "from" in range && range.from > 0 ? 1 : 0, attempt, signal);
	// Only that one, and more is there: the log's middle is missing from here on, and what comes behind it is asked for.
	if (piece && "from" in range && piece.bytes.length === 0 && piece.start < piece.total) return askLog(id, stream, range, 0, attempt, signal);
	return piece;
}

async function askLog(
	id: number,
	stream: Stream,
	range: LogRange,
	before: number,
	attempt?: number,
	signal?: AbortSignal,
): Promise<LogPiece | null> {
	const bytes = "last" in range ? `-${range.last}` : `${range.from - before}-${range.from + range.length - 1}`;
	let response: Response;
	try {
		response = await send("GET", `client/ji/${id}/${stream}`, {
			accept: "*/*",
			headers: { Range: `bytes=${bytes}` },
			query: { offsets: "written", attempt },
			signal,
		});
	} catch (failure) {
		if (failure instanceof ApiError && (failure.status === 416 || failure.status === 404)) return null;
		throw failure;
	}
	const got = new Uint8Array(await response.arrayBuffer());
	const where = /^bytes (\d+)-\d+\/(\d+|\*)/.exec(response.headers.get("Content-Range") ?? "");
	const start = where ? Number(where[1]) : 0;
	const total = where && where[2] !== "*" ? Number(where[2]) : start + got.length;
	const skip = "from" in range && start < range.from ? range.from - start : 0;
	return { start: start + skip, bytes: got.slice(skip), total };
}
