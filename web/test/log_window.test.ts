// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	emptyWindow,
	indexOfText,
	LINE_BYTES_MAX,
	lineAt,
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

test("what came before is added from the beginning of a line on", () => {
	const window = withPrevious(windowOf(20, bytes("three\n")), 8, bytes("alf a\ntwo...\n").slice(0, 12));
	assert.deepEqual(linesOf(window), ["two...three"]);
	assert.equal(window.start, 14);
	assert.deepEqual(linesOf(withPrevious(windowOf(4, bytes("b\n")), 0, bytes("aaa\n"))), ["aaa", "b"]);
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
