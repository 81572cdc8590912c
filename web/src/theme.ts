// SPDX-License-Identifier: Apache-2.0
/* theme.ts: light or dark: what the system says, unless the reader said otherwise here. */

export type Theme = "system" | "light" | "dark";
const STORED = "jqm-theme";

export function currentTheme(): Theme {
	const stored = localStorage.getItem(STORED);
	return stored === "light" || stored === "dark" ? stored : "system";
}

export function applyTheme(): void {
	const theme = currentTheme();
	if (theme === "system") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = theme;
}

export function setTheme(theme: Theme): void {
	localStorage.setItem(STORED, theme);
	applyTheme();
}
