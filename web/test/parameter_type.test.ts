// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { usedTypes, wrongParameters, type ParameterType } from "../src/parameter_type.ts";

const of = (type: ParameterType["type"], more: Partial<ParameterType> = {}): ParameterType => ({ key: "k", type, required: false, hint: null, choices: [], ...more });
const wrong = (type: ParameterType, value: string) => wrongParameters([type], [], [{ key: "k", value }]).get("k");

test("a value is of its type by the same rules as on the server", () => {
	const good: [ParameterType["type"], string[]][] = [
		["TEXT", ["x", "1"]],
		["INTEGER", ["0", "-007", "+3", "999999999999999999"]],
		["NUMBER", ["12.5", "-.5e-3", "7", "1.", "1E9"]],
		["BOOLEAN", ["true", "false"]],
		["DATE", ["2026-11-30", "2024-02-29", "0001-01-01", "9999-12-31"]],
		["CHOICE", ["red", "light blue"]],
	];
	const bad: [ParameterType["type"], string[]][] = [
		["INTEGER", ["1.0", "1234567890123456789", " 1", "abc", "1\n", "٣"]],
		["NUMBER", ["1,5", "NaN", ".", "1e9999", "0x10", "Infinity"]],
		["BOOLEAN", ["TRUE", "1", "yes"]],
		["DATE", ["2026-02-29", "2026-11-31", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "30.11.2026", "2026-1-1"]],
		["CHOICE", ["blue", "Red"]],
	];
	for (const [type, values] of good) for (const value of values) assert.equal(wrong(of(type, { choices: ["red", "light blue"] }), value), undefined, `${type} ${value}`);
	for (const [type, values] of bad) for (const value of values) assert.equal(wrong(of(type, { choices: ["red", "light blue"] }), value), type, `${type} ${value}`);
});

test("what is required may be the definition's, an empty value is none, and of a secret nothing is known here", () => {
	const required = [of("INTEGER", { required: true })];
	assert.deepEqual([...wrongParameters(required, [], [])], [["k", "missing"]]);
	assert.deepEqual([...wrongParameters(required, [], [{ key: "k", value: "" }])], [["k", "missing"]]);
	assert.deepEqual([...wrongParameters(required, [{ key: "k", value: "3" }], [])], []);
	assert.deepEqual([...wrongParameters(required, [{ key: "k", value: "3" }], [{ key: "k", value: "x" }])], [["k", "INTEGER"]]);
	assert.deepEqual([...wrongParameters([of("TEXT", { required: true })], [{ key: "k", value: "********", secret: true }], [])], []);
	assert.deepEqual([...wrongParameters([of("INTEGER")], [], [])], []);
});

test("rows that say nothing are not sent, nor choices of what is no choice", () => {
	assert.deepEqual(usedTypes([of("TEXT", { key: "" }), of("INTEGER", { hint: "", choices: ["a"] }), of("CHOICE", { choices: [" a ", "", "b"] })]), [
		of("INTEGER"),
		of("CHOICE", { choices: ["a", "b"] }),
	]);
});
