// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { ansiSpans, withPictures } from "../src/ansi.ts";

test("colours become classes, and end where they end", () => {
	assert.deepEqual(ansiSpans("a \x1b[1;31mred\x1b[0m b"), [
		{ text: "a ", classes: "" },
		{ text: "red", classes: "ansi-red ansi-bold" },
		{ text: " b", classes: "" },
	]);
});

test("what is no colour is left out: cursor moves, titles, bells", () => {
	const text = ansiSpans("\x1b]0;title\x07a\x1b[2J\x1b[10;5Hb\x07\x1b(Bc\x9b").map((span) => span.text).join("");
	assert.equal(text, "abc");
});

test("a sequence that is cut off takes nothing else with it", () => {
	assert.equal(ansiSpans("a\x1b[31").map((span) => span.text).join("").startsWith("a"), true);
	assert.equal(ansiSpans("\x1b").length, 0);
});

test("colours of 256 and RGB do not become others", () => {
	assert.deepEqual(ansiSpans("\x1b[38;5;31mx\x1b[48;2;31;32;33my"), [
		{ text: "x", classes: "" },
		{ text: "y", classes: "" },
	]);
});

test("markup stays text", () => {
	assert.deepEqual(ansiSpans("<img src=x onerror=alert(1)>"), [{ text: "<img src=x onerror=alert(1)>", classes: "" }]);
});

test("of 256 colours the usual ones are shown, the others do no harm", () => {
	assert.deepEqual(ansiSpans("\x1b[38;5;9mred\x1b[0m \x1b[38;5;200;1mbold\x1b[38;2;1;2;3;4mon"), [
		{ text: "red", classes: "ansi-red" },
		{ text: " ", classes: "" },
		{ text: "bold", classes: "ansi-bold" },
		{ text: "on", classes: "ansi-bold ansi-underline" },
	]);
});

test("raw is every byte, the unseen ones as pictures", () => {
	assert.equal(withPictures("a\x1b[31mb\r\x00\tc\x7f"), "a␛[31mb␍␀\tc␡");
});
