// SPDX-License-Identifier: Apache-2.0
/* theme.ts: light or dark: what the system says, unless the reader said otherwise here. */

export type Theme = "system" | "light" | "dark";
const STORED = "jqm-theme";

export function currentTheme(): Theme {
	const stored = localStorage.getItem(STORED);
	return stored === "light" || stored === "dark" ? stored : "system";
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
systemIsDark.addEventListener("change", applyTheme);

export function applyTheme(): void {
	const theme = currentTheme();
	document.documentElement.dataset.theme = theme === "system" ? (systemIsDark.matches ? "dark" : "light") : theme;
}

export function setTheme(theme: Theme): void {
	localStorage.setItem(STORED, theme);
	applyTheme();
}
