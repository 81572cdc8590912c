// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	emptyWindow,
	indexOfText,
	LINE_BYTES_MAX,
	lineAt,
	lineOffset,
	lineText,
	MAX_BYTES,
	windowEnd,
	windowOf,
	withNext,
	withPrevious,
} from "../src/log_window.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const linesOf = (window: ReturnType<typeof windowOf>) => Array.from(window.lines, (_, i) => lineText(window, i));
const missing = (n: number) => `missing ${n}`;

test("a window is cut into lines, the last one without an end too", () => {
	assert.deepEqual(linesOf(windowOf(0, bytes("a\nbc\r\n\nd"))), ["a", "bc", "", "d"]);
	assert.deepEqual(linesOf(emptyWindow()), []);
});

test("a line that is too long is shown as several, never cut within a character", () => {
	const long = "é".repeat(LINE_BYTES_MAX);
	const lines = linesOf(windowOf(0, bytes(long)));
	assert.ok(lines.length > 1);
	assert.equal(lines.join(""), long);
});

test("what follows is added, a piece that overlaps only once", () => {
	const window = withNext(windowOf(10, bytes("one\ntw")), 14, bytes("two\n"), missing);
	assert.deepEqual(linesOf(window), ["one", "two"]);
	assert.equal(windowEnd(window), 18);
});

test("what the log lost is said, and offsets go on behind it", () => {
	const window = withNext(windowOf(0, bytes("head\n")), 1005, bytes("tail\n"), missing);
	assert.deepEqual(linesOf(window).filter(Boolean), ["head", "missing 1000", "tail"]);
	assert.equal(windowEnd(window), 1010);
});

test("what comes before a gap is added with a line about it, and every line is where it is in the log", () => {
	const window = withPrevious(windowOf(1000, bytes("tail\nend\n")), 7, bytes("x\nhead\n"), missing);
	assert.deepEqual(linesOf(window), ["head", "missing 986", "tail", "end"]);
	assert.deepEqual([0, 1, 2, 3].map((line) => lineOffset(window, line)), [9, 14, 1000, 1005]);
	assert.deepEqual([9, 13, 14, 999, 1000, 1005].map((offset) => lineAt(window, offset)), [0, 0, 1, 1, 2, 3]);
	assert.deepEqual([window.start, windowEnd(window)], [9, 1009]);
	const more = withNext(withPrevious(window, 0, bytes("first\n123"), missing), 1009, bytes("new\n"), missing);
	assert.deepEqual(linesOf(more), ["first", "123head", "missing 986", "tail", "end", "new"]);
	assert.deepEqual([lineOffset(more, 3), lineOffset(more, 5), windowEnd(more)], [1000, 1009, 1013]);
});

test("a window that is full gives a line about a gap up as a whole", () => {
	const line = `${"x".repeat(99)}\n`;
	const full = bytes(line.repeat(MAX_BYTES / 100));
	const behind = withNext(windowOf(0, bytes("head\n")), 1000, full, missing);
	assert.deepEqual([behind.start, behind.gaps.length, lineText(behind, 0)], [1000, 0, line.trimEnd()]);
	const before = withPrevious(windowOf(MAX_BYTES + 1000, bytes("tail\n")), 0, full, missing);
	assert.deepEqual([before.start, before.gaps.length, windowEnd(before)], [0, 0, full.length]);
	const both = withPrevious(windowOf(MAX_BYTES + 1000, bytes("tail\n")), 0, full.slice(0, MAX_BYTES - 300), missing);
	assert.deepEqual([linesOf(both).at(-1), both.gaps.length, windowEnd(both)], ["tail", 1, MAX_BYTES + 1005]);
});

test("what came before is added from the beginning of a line on", () => {
	const window = withPrevious(windowOf(20, bytes("three\n")), 8, bytes("alf a\ntwo...\n").slice(0, 12), missing);
	assert.deepEqual(linesOf(window), ["two...three"]);
	assert.equal(window.start, 14);
	assert.deepEqual(linesOf(withPrevious(windowOf(4, bytes("b\n")), 0, bytes("aaa\n"), missing)), ["aaa", "b"]);
});

test("a window never holds more than it may, and drops whole lines", () => {
	let window = emptyWindow();
	const line = `${"x".repeat(99)}\n`;
	const chunk = bytes(line.repeat(10000));
	for (let at = 0; at < 2 * MAX_BYTES; at += chunk.length) window = withNext(window, at, chunk, missing);
	assert.ok(window.bytes.length <= MAX_BYTES);
	assert.equal(window.start % 100, 0);
	assert.equal(lineText(window, 0), line.trimEnd());
});

test("a byte of the log is found in its line", () => {
	const window = windowOf(100, bytes("ab\ncd\nef"));
	assert.equal(lineAt(window, 100), 0);
	assert.equal(lineAt(window, 104), 1);
	assert.equal(lineAt(window, 107), 2);
});

test("text is found in either case", () => {
	assert.equal(indexOfText(bytes("so an Error came"), bytes("eRROR")), 6);
	assert.equal(indexOfText(bytes("so"), bytes("error")), -1);
});
