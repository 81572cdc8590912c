// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bulkOf, linesOf, REQUESTS_MAX, type Launchable } from "../src/csv.ts";

const there = new Map<string, Launchable>([
	["Invoice", { enabled: true, parameters: [], parameterTypes: [] }],
	["Old", { enabled: false, parameters: [], parameterTypes: [] }],
	[
		"Typed",
		{
			enabled: true,
			parameters: [{ key: "city", value: "Lyon" }],
			parameterTypes: [
				{ key: "month", type: "INTEGER", required: true, hint: null, choices: [] },
				{ key: "city", type: "CHOICE", required: true, hint: null, choices: ["Lyon", "Lille"] },
			],
		},
	],
]);
const of = (text: string) => bulkOf(text, there, "k");
const wrong = (text: string) => of(text).problems.map((one) => `${one.line} ${one.kind}`);

test("quotes hold separators, quotes and ends of lines; lines are counted through them", () => {
	const { lines } = linesOf('\uFEFFa,b\r\n"x, ""y""\nz",2\r\n\r\n3,4');
	assert.deepEqual(lines, [
		{ number: 1, fields: ["a", "b"] },
		{ number: 2, fields: ['x, "y"\nz', "2"] },
		{ number: 5, fields: ["3", "4"] },
	]);
});

test("semicolons and tabulators separate too", () => {
	assert.deepEqual(linesOf("a;b\n1,5;2").lines[1]!.fields, ["1,5", "2"]);
	assert.deepEqual(linesOf("a\tb\n1;5\t2").lines[1]!.fields, ["1;5", "2"]);
});

test("a line is a request; what is no column of ours is a parameter, and an empty one is none", () => {
	const { requests, problems } = of("Definition,priority,held,month,City\nInvoice,7,yes,03,\nInvoice,,,04,Lyon");
	assert.deepEqual(problems, []);
	assert.deepEqual(requests.map((one) => one.request), [
		{ applicationName: "Invoice", priority: 7, startState: "HOLDED", parameters: [{ key: "month", value: "03" }], idempotencyKey: "k-2" },
		{ applicationName: "Invoice", parameters: [{ key: "month", value: "04" }, { key: "City", value: "Lyon" }], idempotencyKey: "k-3" },
	]);
});

test("everything wrong is told by line, and such a line is no request", () => {
	const text = "definition,priority,after,held\nNobody,1,,\nOld,1,,\n,1,,\nInvoice,11,,\nInvoice,1,soon,\nInvoice,1,,perhaps\nInvoice,1\nInvoice,1,,";
	assert.deepEqual(wrong(text), ["2 unknown", "3 disabled", "4 noDefinition", "5 priority", "6 date", "7 state", "8 fields"]);
	assert.deepEqual(of(text).requests.map((one) => one.line), [9]);
});

test("parameters are what their definition says they are", () => {
	const { requests, problems } = of("definition,month,city\nTyped,3,\nTyped,,Lille\nTyped,May,Paris\nInvoice,May,Paris");
	assert.deepEqual(requests.map((one) => one.line), [2, 5]);
	assert.deepEqual(problems.map((one) => [one.line, one.kind, one.about, one.rule]), [
		[3, "parameter", "month", "missing"],
		[4, "parameter", "month", "INTEGER"],
		[4, "parameter", "city", "CHOICE"],
	]);
});

test("a file that is none is refused as a whole", () => {
	assert.deepEqual(wrong("month,user\n3,x"), ["1 noHeader"]);
	assert.deepEqual(wrong("definition,a,a\nInvoice,1,2"), ["1 twice"]);
	assert.deepEqual(wrong('definition\nInvoice\n"never closed'), ["3 quote"]);
	assert.deepEqual(wrong(""), []);
	assert.deepEqual(wrong(`definition\n${"Invoice\n".repeat(REQUESTS_MAX + 1)}`), [`${REQUESTS_MAX + 2} tooMany`]);
	assert.equal(of(`definition\n${"Invoice\n".repeat(REQUESTS_MAX)}`).requests.length, REQUESTS_MAX);
});
