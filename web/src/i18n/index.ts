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

/** The text, {names} in it replaced. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
	return TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
		name in values ? String(values[name]) : whole,
	);
}

const locale = () => (language === "fr" ? "fr-FR" : "en-GB");

export const number = (n: number) => n.toLocaleString(locale());

/** A date in the reader's zone. */
export const dateTime = (ms: number) =>
	new Date(ms).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "medium" });

/** Hour and minute of a time in seconds since 1970. */
export const clockTime = (s: number) =>
	new Date(s * 1000).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });

/** A day of a time in seconds since 1970. */
export const day = (s: number) => new Date(s * 1000).toLocaleDateString(locale(), { day: "numeric", month: "short" });

export const dayTime = (s: number) => `${day(s)} ${clockTime(s)}`;

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(n: number): string {
	let unit = 0;
	while (n >= 1000 && unit < UNITS.length - 1) {
		n /= 1000;
		unit++;
	}
	return `${n.toLocaleString(locale(), { maximumFractionDigits: unit === 0 || n >= 100 ? 0 : 1 })} ${UNITS[unit]}`;
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h; 2 h when it is just that. */
export function duration(ms: number): string {
	const s = Math.max(0, ms) / 1000;
	const two = (big: number, unit: string, small: number, smaller: string) =>
		small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smaller}`;
	if (s < 10) return `${s.toLocaleString(locale(), { maximumFractionDigits: 1 })} s`;
	if (s < 60) return `${Math.floor(s)} s`;
	if (s < 3600) return two(Math.floor(s / 60), "min", Math.floor(s % 60), "s");
	if (s < 86400) return two(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
	return two(Math.floor(s / 86400), t("unit.day"), Math.floor((s % 86400) / 3600), "h");
}

/** "3 min ago", "in 2 h". */
export function relative(ms: number, now: number): string {
	return ms <= now ? t("time.ago", { time: duration(now - ms) }) : t("time.in", { time: duration(ms - now) });
}
