// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobPage } from "../src/api/types.ts";
import { countQuery, PAGE_SIZE, pageQuery } from "../src/pages/run_filter.ts";
import { inPlace, liveQueryOf, withLive } from "../src/pages/runs_live.ts";

const job = (id: number, state: string, progress = 0) => ({ id, state, progress }) as Job;
const page = (...instances: Job[]): JobPage => ({ instances, resultSize: instances.length, resultSizeEstimated: false });

test("live jobs change in place, past ones are not asked for again", () => {
	const query = pageQuery(new URLSearchParams(""), 0);
	assert.equal(liveQueryOf(query)!.queryHistoryInstances, false);
	const merged = withLive(page(job(3, "RUNNING"), job(2, "ENDED")), [job(3, "RUNNING", 50)]);
	assert.deepEqual(merged!.instances.map((one) => [one.id, one.progress]), [[3, 50], [2, 0]]);
});

test("a job that came or went means asking for the page", () => {
	assert.equal(withLive(page(job(3, "RUNNING"), job(2, "ENDED")), []), null);
	assert.equal(withLive(page(job(3, "RUNNING")), [job(3, "RUNNING"), job(4, "SUBMITTED")]), null);
});

test("live jobs of later pages are not new ones", () => {
	const full = page(...Array.from({ length: PAGE_SIZE }, (_, i) => job(1000 - i, "ENDED")));
	assert.equal(withLive(full, [job(5, "RUNNING")])!.instances.length, PAGE_SIZE);
	assert.equal(withLive(full, [job(1001, "RUNNING")]), null);
	assert.equal(withLive(page(job(3, "ENDED")), [job(2, "RUNNING")]), null);
	const upwards = page(...Array.from({ length: PAGE_SIZE }, (_, i) => job(100 + i, "ENDED")));
	assert.notEqual(withLive(upwards, [job(5000, "RUNNING")]), null);
	assert.equal(withLive(upwards, [job(5, "RUNNING")]), null);
});

test("a page of past jobs only, or by row, has no live part", () => {
	assert.equal(liveQueryOf(pageQuery(new URLSearchParams("state=ENDED"), 0)), null);
	assert.equal(liveQueryOf(pageQuery(new URLSearchParams("sort=name:up"), 0)), null);
});

test("who reads keeps his lines, and is told how many more there are", () => {
	const { page: kept, fresh } = inPlace(page(job(3, "RUNNING"), job(2, "ENDED")), page(job(5, "RUNNING"), job(4, "ENDED"), job(3, "ENDED")));
	assert.deepEqual(kept.instances.map((one) => [one.id, one.state]), [[3, "ENDED"], [2, "ENDED"]]);
	assert.equal(fresh, 2);
});

test("a page by key comes without a count: how many there are is asked apart, and without rows", () => {
	const query = new URLSearchParams("state=CRASHED&name=Inv&after=77");
	assert.equal(pageQuery(query, 0).after, 77);
	query.delete("after");
	assert.equal(pageQuery(query, 0).after, Number.MAX_SAFE_INTEGER);
	query.set("sort", "id:up");
	assert.equal(pageQuery(query, 0).after, 0);
	const { pageSize, after, firstRow, statuses, applicationName } = countQuery(query, 0);
	assert.deepEqual({ pageSize, after, firstRow, statuses, applicationName }, { pageSize: 0, after: undefined, firstRow: undefined, statuses: ["CRASHED"], applicationName: ["%Inv%"] });
});
