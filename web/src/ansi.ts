// SPDX-License-Identifier: Apache-2.0
/*
 * ansi.ts: colours of a terminal (ECMA-48 SGR) in a line of a log as spans with classes; every other control sequence is left
 * out.  What comes of it is text and class names of ours, never markup.
 */

export interface Span {
	text: string;
	classes: string;
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

interface Look {
	colour: string;
	background: string;
	bold: boolean;
	dim: boolean;
	underline: boolean;
}

const PLAIN: Look = { colour: "", background: "", bold: false, dim: false, underline: false };

function apply(look: Look, codes: number[]): Look {
	const next = { ...look };
	for (let i = 0; i < codes.length; i++) {
		const code = codes[i]!;
		if (code === 0) Object.assign(next, PLAIN);
		else if (code === 1) next.bold = true;
		else if (code === 2) next.dim = true;
		else if (code === 4) next.underline = true;
		else if (code === 22) next.bold = next.dim = false;
		else if (code === 24) next.underline = false;
		else if (code >= 30 && code <= 37) next.colour = COLOURS[code - 30]!;
		else if (code >= 90 && code <= 97) next.colour = COLOURS[code - 90]!;
		else if (code >= 40 && code <= 47) next.background = COLOURS[code - 40]!;
		else if (code === 39) next.colour = "";
		else if (code === 49) next.background = "";
		else if (code >= 100 && code <= 107) next.background = COLOURS[code - 100]!;
		else if (code === 38 || code === 48) {
			// Of 256 colours the first 16 are the usual ones; the others, and RGB, are not shown.
			const [kind, chosen = 16] = codes.slice(i + 1);
			if (kind === 5 && chosen < 16) next[code === 38 ? "colour" : "background"] = COLOURS[chosen % 8]!;
			i += kind === 5 ? 2 : 4;
		}
	}
	return next;
}

function classesOf(look: Look): string {
	return [
		look.colour && `ansi-${look.colour}`,
		look.background && `ansi-on-${look.background}`,
		look.bold && "ansi-bold",
		look.dim && "ansi-dim",
		look.underline && "ansi-underline",
	]
		.filter(Boolean)
		.join(" ");
}

// CSI ... final byte; OSC ... BEL or ST; two-character escapes; other control characters but tab.
const SEQUENCE = /\x1b\[([0-9;:?<=>]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

/** Every byte as it is: control characters as the pictures Unicode has of them. */
export const withPictures = (line: string) =>
	line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (one) => (one === "\x7f" ? "\u2421" : String.fromCharCode(0x2400 + one.charCodeAt(0))));

export function ansiSpans(line: string): Span[] {
	const spans: Span[] = [];
	let look = PLAIN;
	let at = 0;
	const add = (text: string) => {
		if (text !== "") spans.push({ text, classes: classesOf(look) });
	};
	for (const match of line.matchAll(SEQUENCE)) {
		add(line.slice(at, match.index));
		at = match.index + match[0].length;
		if (match[2] === "m") look = apply(look, (match[1] || "0").split(/[;:]/).map((code) => Number(code) || 0));
	}
	add(line.slice(at));
	return spans;
}
