// SPDX-License-Identifier: Apache-2.0
/*
 * log_search.ts: a log of any size piece by piece: a text in it, in both directions, and what comes before a place; a log whose middle
 * was given up has both sides of that.
 */
import { CHUNK_BYTES, indexOfText, lastIndexOfText } from "./log_window.ts";

export interface Piece {
	start: number;
	bytes: Uint8Array;
}

/** Bytes of a log from an offset on, as they were written: fewer than asked for where something is missing, and where that begins what comes behind it.  Null: nothing is there. */
export type ReadPiece = (from: number, length: number) => Promise<Piece | null>;

export const SEARCH_BYTES = 4 * CHUNK_BYTES;

const endOf = (piece: Piece) => piece.start + piece.bytes.length;

/** The first place of the text that begins at an offset or behind it; null: there is none. `tell` is told how far it got. */
export async function findFrom(read: ReadPiece, wanted: Uint8Array, from: number, total: number, tell: (at: number) => unknown): Promise<number | null> {
	for (let at = from; at + wanted.length <= total; ) {
		tell(at);
		const piece = await read(at, SEARCH_BYTES);
		if (!piece || endOf(piece) <= at) return null;
		const found = indexOfText(piece.bytes, wanted);
		if (found >= 0) return piece.start + found;
		// The text may have begun in this piece; a short one ends where something is missing.
		const again = endOf(piece) - wanted.length + 1;
		at = again > at ? again : endOf(piece);
	}
	return null;
}

/** All that is there of a range, in its order. */
async function piecesOf(read: ReadPiece, from: number, to: number): Promise<Piece[]> {
	const pieces: Piece[] = [];
	for (let at = from; at < to; ) {
		const piece = await read(at, to - at);
		if (!piece || endOf(piece) <= at) break;
		pieces.push(piece);
		at = endOf(piece);
	}
	return pieces;
}

/**
 * Where what is missing at an offset, and goes on up to `end`, begins.  The byte at the end is asked for each time, too: there always is an
 * answer, and what there is before the gap comes in pieces that show where it ends.
 */
async function beginOfGap(read: ReadPiece, inside: number, end: number): Promise<number> {
	let low = -1;
	let high = inside;
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		const piece = await read(middle, end + 1 - middle);
		if (!piece || piece.bytes.length === 0 || piece.start > middle) high = middle;
		else low = Math.min(endOf(piece), high) - 1;
	}
	return high;
}

/** The last place of the text that begins before an offset; null: there is none. */
export async function findBefore(read: ReadPiece, wanted: Uint8Array, before: number, tell: (at: number) => unknown): Promise<number | null> {
	for (let end = before; end > 0; ) {
		tell(end);
		const from = Math.max(0, end - SEARCH_BYTES);
		const pieces = await piecesOf(read, from, end + wanted.length - 1);
		for (const piece of pieces.reverse()) {
			const found = lastIndexOfText(piece.bytes, wanted, end - 1 - piece.start);
			if (found >= 0) return piece.start + found;
		}
		const first = pieces.at(-1);
		if (first && first.start <= from) end = from;
		else if (first) end = await beginOfGap(read, from, first.start);
		else end = from;
	}
	return null;
}

/** What there is right before an offset, so long at most: of a log whose middle is missing there, what comes before that.  Null: nothing. */
export async function pieceBefore<P extends Piece>(
	read: (from: number, length: number) => Promise<P | null>,
	before: number,
	length: number,
): Promise<P | null> {
	const from = Math.max(0, before - length);
	const piece = await read(from, before - from + 1); // the byte at the offset is there, so there always is an answer
	if (piece && piece.bytes.length > 0 && piece.start < before) return piece;
	const end = before > 0 ? await beginOfGap(read, before - 1, before) : 0;
	if (end === 0) return null;
	const earlier = Math.max(0, end - length);
	return read(earlier, end - earlier);
}
