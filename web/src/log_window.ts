// SPDX-License-Identifier: Apache-2.0
/*
 * log_window.ts: the part of a log that is in memory: at most MAX_BYTES of it, cut into lines.  They are consecutive but for what the log
 * has lost, for which a line of ours stands.  A log of 2 GB is looked at through it; nothing here grows with the log.
 */

export const CHUNK_BYTES = 256 * 1024;
export const MAX_BYTES = 4 * 1024 * 1024;
/** Longer lines are shown as several. */
export const LINE_BYTES_MAX = 2000;

const NEWLINE = 10;

/** What the log has lost, and the line in its place. */
interface Gap {
	/** Index of that line's first byte, and how long it is. */
	at: number;
	length: number;
	/** Bytes of the log it stands for. */
	missing: number;
}

export interface LogWindow {
	/** Where in the log its first byte is. */
	start: number;
	bytes: Uint8Array<ArrayBuffer>;
	/** Index in bytes of each line's first byte, ascending. */
	lines: Uint32Array<ArrayBuffer>;
	gaps: Gap[];
}

/** How a gap of so many bytes is told. */
export type Missing = (n: number) => string;

export const emptyWindow = (start = 0): LogWindow => windowOf(start, new Uint8Array(0));

/** Where in the log the byte of an index is; of a line of ours, where the gap begins. */
export function offsetAt(window: LogWindow, index: number): number {
	let offset = window.start + index;
	for (const gap of window.gaps) {
		if (index < gap.at) break;
		if (index < gap.at + gap.length) return offset - (index - gap.at);
		offset += gap.missing - gap.length;
	}
	return offset;
}

/** Index of a byte of the log; of one in a gap, of the line about it. */
function indexAt(window: LogWindow, offset: number): number {
	let index = offset - window.start;
	for (const gap of window.gaps) {
		if (index < gap.at) break;
		if (index < gap.at + gap.missing) return gap.at;
		index += gap.length - gap.missing;
	}
	return index;
}

export const windowEnd = (window: LogWindow) => offsetAt(window, window.bytes.length);

export const isInside = (window: LogWindow, offset: number) => offset >= window.start && offset < windowEnd(window);

/** Lines begin after newlines, and after LINE_BYTES_MAX bytes at a place where a character of UTF-8 begins. */
export function windowOf(start: number, bytes: Uint8Array<ArrayBuffer>, gaps: Gap[] = []): LogWindow {
	const lines: number[] = [];
	let line = 0;
	for (let i = 0; i < bytes.length; i++) {
		if (i === line) lines.push(i);
		if (bytes[i] === NEWLINE) line = i + 1;
		else if (i - line >= LINE_BYTES_MAX && (bytes[i + 1]! & 0xc0) !== 0x80) line = i + 1;
	}
	return { start, bytes, lines: Uint32Array.from(lines), gaps };
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** The line about n missing bytes, to go behind some others; nothing when none are missing. */
function noteOf(n: number, behind: Uint8Array, missing: Missing): Uint8Array {
	if (n === 0) return new Uint8Array(0);
	const open = behind.length > 0 && behind.at(-1) !== NEWLINE;
	return new TextEncoder().encode(`${open ? "\n" : ""}${missing(n)}\n`);
}

const moved = (gaps: Gap[], by: number) => gaps.map((gap) => ({ ...gap, at: gap.at + by }));

/** From an index on; a line about a gap is not cut: it goes as a whole. */
function withoutBeginning(window: LogWindow, cut: number): LogWindow {
	const broken = window.gaps.find((gap) => gap.at < cut && cut < gap.at + gap.length);
	const from = broken ? broken.at + broken.length : cut;
	return windowOf(offsetAt(window, from), window.bytes.slice(from), moved(window.gaps.filter((gap) => gap.at >= from), -from));
}

function withoutEnd(window: LogWindow, cut: number): LogWindow {
	const broken = window.gaps.find((gap) => gap.at < cut && cut < gap.at + gap.length);
	const to = broken ? broken.at : cut;
	return windowOf(window.start, window.bytes.slice(0, to), window.gaps.filter((gap) => gap.at < to));
}

/**
 * The window with what follows it; what is too much goes from its beginning, whole lines.  A piece that does not begin where
 * the window ends comes behind a line about what is missing.
 */
export function withNext(window: LogWindow, start: number, bytes: Uint8Array<ArrayBuffer>, missing: Missing): LogWindow {
	const gap = start - windowEnd(window);
	if (window.bytes.length === 0) return windowOf(start, bytes);
	if (gap < 0) return withNext(window, windowEnd(window), bytes.slice(-gap), missing);
	const note = noteOf(gap, window.bytes, missing);
	const gaps = gap > 0 ? [...window.gaps, { at: window.bytes.length, length: note.length, missing: gap }] : window.gaps;
	const whole = windowOf(window.start, joined(window.bytes, note, bytes), gaps);
	const length = whole.bytes.length;
	if (length <= MAX_BYTES) return whole;
	return withoutBeginning(whole, whole.lines.find((index) => length - index <= MAX_BYTES) ?? 0);
}

/**
 * The window with what comes before it, from a line's beginning on; what is too much goes from its end.  A piece that ends before the
 * window begins comes before a line about what is missing.
 */
export function withPrevious(window: LogWindow, start: number, bytes: Uint8Array<ArrayBuffer>, missing: Missing): LogWindow {
	if (bytes.length === 0 || start >= window.start) return window;
	const before = bytes.subarray(0, window.start - start);
	const newline = start === 0 ? -1 : before.indexOf(NEWLINE);
	const from = newline + 1 < before.length ? newline + 1 : 0;
	const piece = before.subarray(from);
	const gap = window.start - (start + before.length);
	const note = noteOf(gap, piece, missing);
	const gaps = moved(window.gaps, piece.length + note.length);
	if (gap > 0) gaps.unshift({ at: piece.length, length: note.length, missing: gap });
	const whole = windowOf(start + from, joined(piece, note, window.bytes), gaps);
	return whole.bytes.length <= MAX_BYTES ? whole : withoutEnd(whole, MAX_BYTES);
}

const decoder = new TextDecoder("utf-8");

/** All of it. */
export const windowText = (window: LogWindow) => decoder.decode(window.bytes);

/** Text of a line, without its end. */
export function lineText(window: LogWindow, line: number): string {
	const from = window.lines[line] ?? window.bytes.length;
	const to = window.lines[line + 1] ?? window.bytes.length;
	return decoder.decode(window.bytes.subarray(from, to)).replace(/\r?\n$/, "");
}

/** The line a byte of the log is in. */
export function lineAt(window: LogWindow, offset: number): number {
	const index = indexAt(window, offset);
	let low = 0;
	let high = window.lines.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (window.lines[middle]! <= index) low = middle;
		else high = middle - 1;
	}
	return low;
}

/** Where in the log a line begins. */
export const lineOffset = (window: LogWindow, line: number) => offsetAt(window, window.lines[line] ?? window.bytes.length);

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
