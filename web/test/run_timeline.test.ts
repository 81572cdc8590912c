// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanOf, ticksOf } from "../src/time_span.ts";
import type { Job } from "../src/api/types.ts";

test("a span holds all that happened, and now while something goes on", () => {
	const jobs = [{ enqueueDate: 1000, endDate: 61000 }, { enqueueDate: 31000, endDate: null }] as Job[];
	const span = spanOf(jobs, 101000)!;
	assert.equal(span.from, 1000);
	assert.ok(span.to >= 101000 && span.to < 103000);
	assert.equal(spanOf([], 0), null);
});

test("ticks are round times, and never too many", () => {
	for (const long of [1e3, 60e3, 3600e3, 86400e3, 400 * 86400e3]) {
		const ticks = ticksOf({ from: 1_800_000_123_456, to: 1_800_000_123_456 + long });
		assert.ok(ticks.length <= 15, `${long}: ${ticks.length}`);
		assert.ok(ticks.every((tick) => tick % 1000 === 0));
	}
});
