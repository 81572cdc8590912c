// SPDX-License-Identifier: Apache-2.0
/* i18n: every text the console says, in the reader's language.  Texts of the server come as it says them. */
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type TextKey = keyof typeof en;
export type Language = "en" | "fr";

const TEXTS: Record<Language, Record<TextKey, string>> = { en, fr };
const STORED = "jqm-i18n-language";

function initial(): Language {
	const stored = localStorage.getItem(STORED);
	if (stored === "en" || stored === "fr") return stored;
	return navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
}

let language: Language = initial();
document.documentElement.lang = language;

export const currentLanguage = () => language;

export function setLanguage(to: Language): void {
	language = to;
	localStorage.setItem(STORED, to);
	document.documentElement.lang = to;
}

/** "{n:job|jobs}": one word or the other, by how many n are, which is a number or one that was written out. */
const ONE: Record<Language, string[]> = { en: ["1"], fr: ["0", "1"] };

/** The text, {names} in it replaced. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
	return TEXTS[language][key].replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
		if (!(name in values)) return whole;
		const value = String(values[name]);
		if (one === undefined) return value;
		return (ONE[language].includes(value) ? one : many) ?? "";
	});
}

const locale = () => (language === "fr" ? "fr-FR" : "en-GB");

/** Making a format costs a hundred times what using it does, and a list has hundreds of dates and numbers. */
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(name: string, make: (locale: string) => T): T {
	const key = `${language} ${name}`;
	let format = formats.get(key) as T | undefined;
	if (!format) formats.set(key, (format = make(locale())));
	return format;
}

const rounded = (n: number, digits: number) =>
	kept(`number ${digits}`, (where) => new Intl.NumberFormat(where, { maximumFractionDigits: digits })).format(n);
const dated = (ms: number, name: string, options: Intl.DateTimeFormatOptions) =>
	kept(name, (where) => new Intl.DateTimeFormat(where, options)).format(ms);

export const number = (n: number) => rounded(n, 3);

/** A date in the reader's zone. */
export const dateTime = (ms: number) => dated(ms, "dateTime", { dateStyle: "medium", timeStyle: "medium" });

/** Hour and minute of a time in seconds since 1970. */
export const clockTime = (s: number) => dated(s * 1000, "clock", { hour: "2-digit", minute: "2-digit" });

export const clockTimeSeconds = (s: number) => dated(s * 1000, "seconds", { timeStyle: "medium" });

/** A day of a time in seconds since 1970. */
export const day = (s: number) => dated(s * 1000, "day", { day: "numeric", month: "short" });

export const dayTime = (s: number) => `${day(s)} ${clockTime(s)}`;

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(n: number): string {
	let unit = 0;
	while (n >= 1000 && unit < UNITS.length - 1) {
		n /= 1000;
		unit++;
	}
	return `${rounded(n, unit === 0 || n >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h; 2 h when it is just that. */
export function duration(ms: number): string {
	const s = Math.max(0, ms) / 1000;
	const two = (big: number, unit: string, small: number, smaller: string) =>
		small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smaller}`;
	if (s < 10) return `${rounded(s, 1)} s`;
	if (s < 60) return `${Math.floor(s)} s`;
	if (s < 3600) return two(Math.floor(s / 60), "min", Math.floor(s % 60), "s");
	if (s < 86400) return two(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
	return two(Math.floor(s / 86400), t("unit.day"), Math.floor((s % 86400) / 3600), "h");
}

/** "3 min ago", "in 2 h". */
export function relative(ms: number, now: number): string {
	return ms <= now ? t("time.ago", { time: duration(now - ms) }) : t("time.in", { time: duration(ms - now) });
}
