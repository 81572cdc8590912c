// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { dateOf, filterOf, filtersAnything, orderOf, pageQuery } from "../src/pages/run_filter.ts";

const of = (text: string) => new URLSearchParams(text);
const NOW = 1_800_000_000_000;

test("states decide where is looked", () => {
	assert.equal(filterOf(of("state=RUNNING"), NOW).queryHistoryInstances, false);
	assert.equal(filterOf(of("state=CRASHED"), NOW).queryLiveInstances, false);
	const both = filterOf(of("state=CRASHED&state=RUNNING"), NOW);
	assert.ok(both.queryLiveInstances && both.queryHistoryInstances);
	assert.equal(filterOf(of("state=NONSENSE"), NOW).statuses, undefined);
});

test("a name is looked for inside, unless it has wildcards of its own", () => {
	assert.deepEqual(filterOf(of("name=Rep"), NOW).applicationName, ["%Rep%"]);
	assert.deepEqual(filterOf(of("name=Rep%25"), NOW).applicationName, ["Rep%"]);
});

test("dates are points of time or so long ago", () => {
	assert.equal(dateOf("2h", NOW), NOW - 7200e3);
	assert.equal(dateOf("7d", NOW), NOW - 7 * 86400e3);
	assert.equal(dateOf("nonsense", NOW), undefined);
	assert.equal(dateOf("2026-11-26T10:00", NOW), new Date("2026-11-26T10:00").getTime());
});

test("pages go by key when sorted by number, else by row", () => {
	assert.equal(pageQuery(of("after=77"), NOW).after, 77);
	const byName = pageQuery(of("sort=name:up&page=2&after=77"), NOW);
	assert.equal(byName.after, undefined);
	assert.equal(byName.firstRow, 100);
	assert.deepEqual(byName.sortby, [{ col: "APPLICATIONNAME", order: "ASCENDING" }]);
	assert.deepEqual(orderOf(of("sort=password:up")), { column: "id", down: true });
});

test("an empty filter is told from one that leaves something out", () => {
	assert.equal(filtersAnything(of("sort=name:up&page=3")), false);
	assert.equal(filtersAnything(of("user=x")), true);
});

test("each filter of the query API can be set", () => {
	const names = "id parent user session keyword keyword2 keyword3 application module defkeyword1 defkeyword2 defkeyword3 defapplication defmodule".split(" ");
	const dates = "from to beganfrom beganto endedfrom endedto".split(" ");
	const query = of([...names.map((name) => `${name}=7`), ...dates.map((name) => `${name}=2h`), "name=a&queue=b&node=c&state=ENDED"].join("&"));
	const filter = filterOf(query, NOW);
	assert.equal(Object.values(filter).filter((value) => value !== undefined).length, names.length + dates.length + 4 + 2);
	assert.equal(filter.jobDefModule, "%7%");
	assert.equal(filter.endedBefore, NOW - 7200e3);
});

test("what cannot be read finds nothing, so no order goes to all jobs by mistake", () => {
	for (const wrong of ["id=x", "parent=1e3", "from=yesterday", "state=NONSENSE"]) assert.equal(filterOf(of(wrong), NOW).jobInstanceId, -1, wrong);
	assert.equal(filterOf(of("id=12"), NOW).jobInstanceId, 12);
});
