// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { en } from "../src/i18n/en.ts";
import { fr } from "../src/i18n/fr.ts";

const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("both languages have the same texts with the same names in them", () => {
	assert.deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
	for (const key of Object.keys(en) as (keyof typeof en)[]) assert.equal(names(fr[key]), names(en[key]), key);
});

test("every text is used somewhere", () => {
	const root = "src";
	const source = (readdirSync(root, { recursive: true }) as string[])
		.filter((name) => /\.tsx?$/.test(name) && !/^i18n.(en|fr)/.test(name))
		.map((name) => readFileSync(path.join(root, name), "utf8"))
		.join("\n");
	// Of t(`state.${x}`) the part before the name counts.
	const prefixes = [...source.matchAll(/`([a-z]+\.(?:[a-z]+\.)?)\$\{|words: "([a-zA-Z]+\.[a-zA-Z]+\.)"/g)].map((match) => (match[1] ?? match[2])!);
	const unused = Object.keys(en).filter(
		(key) => !source.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)),
	);
	assert.deepEqual(unused.filter((key) => !["yes", "no"].includes(key)), []);
});
