// SPDX-License-Identifier: Apache-2.0
/*
 * log_search.ts: a text in a log of any size, piece by piece, in both directions; a log whose middle was given up is searched on both
 * sides of that.
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

/** Where what is missing at an offset, and goes on up to `end`, begins. */
async function beginOfGap(read: ReadPiece, inside: number, end: number): Promise<number> {
	let low = -1;
	let high = inside;
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		const piece = await read(middle, 1);
		if (!piece || piece.start >= end) high = middle;
		else low = middle;
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
