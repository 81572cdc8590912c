// SPDX-License-Identifier: Apache-2.0
/*
 * log_window.ts: the part of a log that is in memory: consecutive bytes of it, at most MAX_BYTES, cut into lines.  A log of
 * 2 GB is looked at through it; nothing here grows with the log.
 */

export const CHUNK_BYTES = 256 * 1024;
export const MAX_BYTES = 4 * 1024 * 1024;
/** Longer lines are shown as several. */
export const LINE_BYTES_MAX = 2000;

const NEWLINE = 10;

export interface LogWindow {
	/** Where in the log its first byte is. */
	start: number;
	bytes: Uint8Array<ArrayBuffer>;
	/** Index in bytes of each line's first byte, ascending. */
	lines: Uint32Array<ArrayBuffer>;
}

export const emptyWindow = (start = 0): LogWindow => windowOf(start, new Uint8Array(0));

export const windowEnd = (window: LogWindow) => window.start + window.bytes.length;

/** Lines begin after newlines, and after LINE_BYTES_MAX bytes at a place where a character of UTF-8 begins. */
export function windowOf(start: number, bytes: Uint8Array<ArrayBuffer>): LogWindow {
	const lines: number[] = [];
	let line = 0;
	for (let i = 0; i < bytes.length; i++) {
		if (i === line) lines.push(i);
		if (bytes[i] === NEWLINE) line = i + 1;
		else if (i - line >= LINE_BYTES_MAX && (bytes[i + 1]! & 0xc0) !== 0x80) line = i + 1;
	}
	return { start, bytes, lines: Uint32Array.from(lines) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
	const both = new Uint8Array(a.length + b.length);
	both.set(a);
	both.set(b, a.length);
	return both;
}

const said = (words: string) => new TextEncoder().encode(words);

/**
 * The window with what follows it; what is too much goes from its beginning, whole lines.  A piece that does not begin where
 * the window ends comes behind a line about what is missing, and begins a window of its own as to offsets.
 */
export function withNext(window: LogWindow, start: number, bytes: Uint8Array<ArrayBuffer>, missing: (n: number) => string): LogWindow {
	const gap = start - windowEnd(window);
	if (window.bytes.length === 0) return windowOf(start, bytes);
	if (gap < 0) return withNext(window, windowEnd(window), bytes.slice(-gap), missing);
	let piece = bytes;
	let first = window.start;
	if (gap > 0) {
		const note = said(`\n${missing(gap)}\n`);
		piece = joined(note, bytes);
		first += gap - note.length;
	}
	const all = joined(window.bytes, piece);
	const whole = windowOf(first, all);
	if (all.length <= MAX_BYTES) return whole;
	const cut = whole.lines.find((index) => all.length - index <= MAX_BYTES) ?? 0;
	return windowOf(first + cut, all.slice(cut));
}

/** The window with what comes before it, from a line's beginning on; what is too much goes from its end. */
export function withPrevious(window: LogWindow, start: number, bytes: Uint8Array<ArrayBuffer>): LogWindow {
	if (bytes.length === 0 || start >= window.start) return window;
	const piece = bytes.subarray(0, window.start - start);
	const newline = start === 0 ? -1 : piece.indexOf(NEWLINE);
	const from = newline + 1 < piece.length ? newline + 1 : 0;
	const all = joined(piece.subarray(from), window.bytes);
	return windowOf(start + from, all.length <= MAX_BYTES ? all : all.slice(0, MAX_BYTES));
}

const decoder = new TextDecoder("utf-8");

/** Text of a line, without its end. */
export function lineText(window: LogWindow, line: number): string {
	const from = window.lines[line] ?? window.bytes.length;
	const to = window.lines[line + 1] ?? window.bytes.length;
	return decoder.decode(window.bytes.subarray(from, to)).replace(/\r?\n$/, "");
}

/** The line a byte of the log is in. */
export function lineAt(window: LogWindow, offset: number): number {
	const index = offset - window.start;
	let low = 0;
	let high = window.lines.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (window.lines[middle]! <= index) low = middle;
		else high = middle - 1;
	}
	return low;
}

const fold = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

function isAt(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
	for (let k = 0; k < wanted.length; k++) if (fold(bytes[at + k]!) !== fold(wanted[k]!)) return false;
	return true;
}

/** Index of a text in bytes from an index on, ASCII letters of either case; -1: not there. */
export function indexOfText(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
	const first = fold(wanted[0] ?? 0);
	for (let i = from; i + wanted.length <= bytes.length; i++) if (fold(bytes[i]!) === first && isAt(bytes, wanted, i)) return i;
	return -1;
}

/** The same, the last one that begins at an index or before it. */
export function lastIndexOfText(bytes: Uint8Array, wanted: Uint8Array, upTo: number): number {
	const first = fold(wanted[0] ?? 0);
	for (let i = Math.min(upTo, bytes.length - wanted.length); i >= 0; i--) if (fold(bytes[i]!) === first && isAt(bytes, wanted, i)) return i;
	return -1;
}
