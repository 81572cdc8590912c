// SPDX-License-Identifier: Apache-2.0
/* time_span.ts: the scale of a timeline. */
import type { Job } from "./api/types.ts";

/** Steps of the scale: what clocks and calendars show. */
const STEPS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 30 * 86400];
const TICKS_MAX = 8;

export interface Span {
	from: number;
	to: number;
}

/** From the first to the last thing that happened to them, in milliseconds. */
export function spanOf(jobs: readonly Job[], now: number): Span | null {
	const begins = jobs.flatMap((job) => (job.enqueueDate === null ? [] : [job.enqueueDate]));
	if (begins.length === 0) return null;
	const from = Math.min(...begins);
	const ends = jobs.map((job) => job.endDate ?? now);
	const to = Math.max(from + 1000, ...ends);
	return { from, to: to + (to - from) / 100 }; // what ended last is seen, too
}

/** Round times in it, in the reader's zone. */
export function ticksOf({ from, to }: Span): number[] {
	const step = (STEPS.find((s) => (to - from) / (s * 1000) <= TICKS_MAX) ?? STEPS.at(-1)!) * 1000;
	const zone = new Date(from).getTimezoneOffset() * 60000;
	const ticks = [];
	for (let at = Math.ceil((from - zone) / step) * step + zone; at <= to; at += step) ticks.push(at);
	return ticks;
}
