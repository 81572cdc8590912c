// SPDX-License-Identifier: Apache-2.0
/*
 * parameter_type.ts: what a definition says of its parameters, by the rules of sql/schema/0042_parameter_types.sql: the server decides,
 * here it is said while one types.
 */
import type { Pair } from "./api/types.ts";

export const PARAMETER_TYPES = ["TEXT", "INTEGER", "NUMBER", "BOOLEAN", "DATE", "CHOICE"] as const;

export interface ParameterType {
	key: string;
	type: (typeof PARAMETER_TYPES)[number];
	required: boolean;
	hint: string | null;
	choices: string[];
}

/** Which rule is broken. */
export type Wrong = "missing" | "INTEGER" | "NUMBER" | "BOOLEAN" | "DATE" | "CHOICE";

function isDay(value: string): boolean {
	const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
	if (!parts) return false;
	const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
	const date = new Date(0);
	date.setUTCFullYear(year, month - 1, day);
	return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function fits(type: ParameterType, value: string): boolean {
	switch (type.type) {
		case "INTEGER":
			return /^[-+]?[0-9]{1,18}$/.test(value);
		case "NUMBER":
			return /^[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})?$/.test(value);
		case "BOOLEAN":
			return value === "true" || value === "false";
		case "DATE":
			return isDay(value);
		case "CHOICE":
			return type.choices.includes(value);
		default:
			return true;
	}
}

/**
 * What is wrong with a request's parameters (`given` over the definition's `own`), by their keys.  An empty value is none; of a secret
 * one only the server knows whether it has one.
 */
export function wrongParameters(types: ParameterType[], own: Pair[], given: Pair[]): Map<string, Wrong> {
	const wrong = new Map<string, Wrong>();
	for (const type of types) {
		const pair = [...given, ...own].find((one) => one.key === type.key && (one.value ?? "") !== "");
		if (!pair) {
			if (type.required) wrong.set(type.key, "missing");
		} else if (type.type !== "TEXT" && !pair.secret && !fits(type, pair.value)) wrong.set(type.key, type.type);
	}
	return wrong;
}

/** As they are sent: rows without a key say nothing, and only a choice has choices. */
export const usedTypes = (types: ParameterType[]): ParameterType[] =>
	types
		.filter((one) => one.key !== "")
		.map((one) => ({
			...one,
			hint: one.hint || null,
			choices: one.type === "CHOICE" ? one.choices.map((choice) => choice.trim()).filter(Boolean) : [],
		}));
