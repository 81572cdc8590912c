// SPDX-License-Identifier: Apache-2.0
/*
 * family.ts: the jobs around one: its parents, its children, what each of them waited for, and what it was started again in place of; and where
 * each stands in a picture of them, from left to right in the order in which they come about.
 */
import type { Job } from "./api/types.ts";

export type Tie = "child" | "success" | "failure" | "end" | "restart";

export interface Edge {
	from: number;
	to: number;
	tie: Tie;
}

/** "12", "failure:12": what it takes of which job. */
export function dependencyOf(text: string): { id: number; tie: Tie } {
	const [condition, id] = text.includes(":") ? (text.split(":", 2) as [string, string]) : ["success", text];
	return { id: Number(id), tie: condition as Tie };
}

/** Ties among these jobs; those to jobs that are not among them are left out. */
export function edgesOf(jobs: readonly Job[]): Edge[] {
	const known = new Set(jobs.map((job) => job.id));
	return jobs
		.flatMap((job): Edge[] => [
			...(job.parent ? [{ from: job.parent, to: job.id, tie: "child" as const }] : []),
			...(job.restartOf !== null ? [{ from: job.restartOf, to: job.id, tie: "restart" as const }] : []),
			...job.waitFor.map(dependencyOf).map(({ id, tie }) => ({ from: id, to: job.id, tie })),
		])
		.filter((edge) => known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to);
}

export interface Spot {
	column: number;
	row: number;
}

/**
 * A column for each job: one behind the last of those it comes from (only older jobs can be waited for, so there is no circle; should
 * there be one in what we are told, it is cut).  Rows as they come, but below what a tie would run through on its way.
 */
export function spotsOf(jobs: readonly Job[], edges: readonly Edge[]): Map<number, Spot> {
	const before = new Map<number, number[]>();
	for (const edge of edges) before.set(edge.to, [...(before.get(edge.to) ?? []), edge.from]);
	const columns = new Map<number, number>();
	const columnOf = (id: number, path: ReadonlySet<number>): number => {
		const known = columns.get(id);
		if (known !== undefined) return known;
		const column = Math.max(-1, ...(before.get(id) ?? []).filter((one) => !path.has(one)).map((one) => columnOf(one, new Set([...path, id])))) + 1;
		columns.set(id, column);
		return column;
	};
	const used = new Map<number, number>();
	const spots = new Map<number, Spot>();
	for (const { id } of [...jobs].sort((a, b) => a.id - b.id)) {
		const column = columnOf(id, new Set());
		const ways = (before.get(id) ?? []).map((one) => spots.get(one)?.column ?? column);
		const between = [...used].filter(([other]) => other > Math.min(...ways) && other <= column).map(([, rows]) => rows);
		const row = Math.max(0, used.get(column) ?? 0, ...between);
		used.set(column, row + 1);
		spots.set(id, { column, row });
	}
	return spots;
}
