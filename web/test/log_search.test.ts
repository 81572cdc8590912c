// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { findBefore, findFrom, pieceBefore, SEARCH_BYTES, type ReadPiece } from "../src/log_search.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const quiet = () => undefined;

interface Log {
	total: number;
	read: ReadPiece;
	reads: number;
}

/** A log of that length with texts at offsets, and nothing from gap[0] to gap[1]; as the server gives it. */
function logOf(total: number, texts: Record<number, string>, gap: [number, number] = [0, 0]): Log {
	const log: Log = {
		total,
		reads: 0,
		read: async (from, length) => {
			log.reads++;
			const start = from >= gap[0] && from < gap[1] ? gap[1] : from;
			const end = Math.min(total, from + length, start < gap[0] ? gap[0] : total);
			if (start >= end) return start >= total ? null : { start, bytes: new Uint8Array(0) };
			const bytes = new Uint8Array(end - start).fill(46);
			for (const [at, text] of Object.entries(texts))
				bytesOf(text).forEach((byte, i) => {
					const index = Number(at) + i - start;
					if (index >= 0 && index < bytes.length) bytes[index] = byte;
				});
			return { start, bytes };
		},
	};
	return log;
}
const back = (log: Log, text: string, before = log.total) => findBefore(log.read, bytesOf(text), before, quiet);
const on = (log: Log, text: string, from = 0) => findFrom(log.read, bytesOf(text), from, log.total, quiet);

test("each place is found from the end to the beginning, and from the beginning to the end", async () => {
	const places = [0, 7, SEARCH_BYTES - 2, SEARCH_BYTES * 2, SEARCH_BYTES * 3 - 4];
	const log = logOf(SEARCH_BYTES * 3, Object.fromEntries(places.map((at) => [at, "need"])));
	const backwards: number[] = [];
	for (let at = await back(log, "NEED"); at !== null; at = await back(log, "NEED", at)) backwards.push(at);
	assert.deepEqual(backwards, [...places].reverse());
	const forwards: number[] = [];
	for (let at = await on(log, "need"); at !== null; at = await on(log, "need", at + 1)) forwards.push(at);
	assert.deepEqual(forwards, places);
});

test("one place is found only once where pieces meet", async () => {
	for (let shift = -5; shift <= 5; shift++) {
		const at = SEARCH_BYTES + shift;
		const log = logOf(SEARCH_BYTES * 2, { [at]: "need" });
		assert.equal(await back(log, "need"), at);
		assert.equal(await back(log, "need", at), null);
		assert.equal(await on(log, "need"), at);
		assert.equal(await on(log, "need", at + 1), null);
	}
});

test("a log whose middle was given up is searched on both sides, without asking for what is missing", async () => {
	const gap: [number, number] = [5_000_000, 2_000_000_000];
	const log = logOf(2_010_000_000, { 3: "need", 4_999_996: "need", 2_000_000_000: "need" }, gap);
	assert.equal(await back(log, "need"), 2_000_000_000);
	assert.equal(await back(log, "need", 2_000_000_000), 4_999_996);
	assert.equal(await back(log, "need", 4_999_996), 3);
	assert.equal(await on(log, "need", 4), 4_999_996);
	assert.equal(await on(log, "need", 4_999_997), 2_000_000_000);
	assert.equal(await on(log, "need", 2_000_000_001), null);
	assert.ok(log.reads < 120, `${log.reads} reads`);
});

test("what is not there is not found, also in nothing", async () => {
	const log = logOf(SEARCH_BYTES * 2 + 100, {});
	assert.equal(await back(log, "need"), null);
	assert.equal(await on(log, "need"), null);
	assert.equal(await back(logOf(0, {}), "need"), null);
	assert.equal(await on(logOf(0, {}), "need"), null);
	assert.equal(await back(logOf(3, { 0: "nee" }), "need"), null);
	assert.equal(await back(logOf(2_000_000_000, {}, [0, 1_999_999_990]), "need"), null);
});

test("what comes before a place is what is there, also before a gap", async () => {
	const log = logOf(2_010_000_000, {}, [5_000_000, 2_000_000_000]);
	const before = async (at: number) => {
		const piece = await pieceBefore(log.read, at, 1000);
		return piece && [piece.start, piece.start + piece.bytes.length];
	};
	assert.deepEqual(await before(500), [0, 501]);
	assert.deepEqual(await before(2_000_005_000), [2_000_004_000, 2_000_005_001]);
	assert.deepEqual(await before(2_000_000_300), [2_000_000_000, 2_000_000_301]);
	log.reads = 0;
	assert.deepEqual(await before(2_000_000_000), [4_999_000, 5_000_000]);
	assert.ok(log.reads < 40, `${log.reads} reads`);
	assert.equal(await before(0), null);
	assert.equal(await pieceBefore(logOf(2000, {}, [0, 1000]).read, 1000, 100), null);
});
