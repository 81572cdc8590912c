// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../src/api/types.ts";
import { dependencyOf, edgesOf, spotsOf } from "../src/family.ts";

const job = (id: number, more: Partial<Job> = {}) => ({ id, parent: 0, restartOf: null, waitFor: [], ...more }) as unknown as Job;

test("what a job waits for is read with its condition", () => {
	assert.deepEqual(dependencyOf("12"), { id: 12, tie: "success" });
	assert.deepEqual(dependencyOf("failure:7"), { id: 7, tie: "failure" });
});

test("each job stands behind all it comes from", () => {
	const jobs = [job(1), job(2, { parent: 1 }), job(3, { parent: 1, waitFor: ["2", "end:99"] }), job(4, { restartOf: 3 })];
	const edges = edgesOf(jobs);
	assert.equal(edges.length, 4); // nothing of 99, which is not among them
	const spots = spotsOf(jobs, edges);
	assert.deepEqual(jobs.map(({ id }) => spots.get(id)!.column), [0, 1, 2, 3]);
	for (const edge of edges) assert.ok(spots.get(edge.from)!.column < spots.get(edge.to)!.column);
});

test("no two stand in the same place, and a circle does not hang", () => {
	const jobs = [job(1, { waitFor: ["2"] }), job(2, { waitFor: ["1"] }), job(3), job(4)];
	const spots = spotsOf(jobs, edgesOf(jobs));
	assert.equal(new Set([...spots.values()].map((spot) => `${spot.column} ${spot.row}`)).size, 4);
});

test("a tie over a column does not run through who stands there", () => {
	const jobs = [job(1), job(2, { parent: 1 }), job(3, { parent: 1, waitFor: ["2"] })];
	const spots = spotsOf(jobs, edgesOf(jobs));
	assert.notEqual(spots.get(3)!.row, spots.get(2)!.row);
});
