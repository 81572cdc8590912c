// SPDX-License-Identifier: Apache-2.0
/* sse.ts: server-sent events out of pieces of text, however these are cut (HTML standard, 9.2.6). */

export interface SentEvent {
	event: string;
	data: string;
}

export class SentEvents {
	private rest = "";
	private event = "";
	private data: string[] = [];
	private id = "";
	/** Stands for all events that were given out. */
	lastId = "";

	/** The events that are complete with this piece. */
	push(piece: string): SentEvent[] {
		const lines = (this.rest + piece).split("\n");
		this.rest = lines.pop() ?? "";
		return lines.flatMap((line) => this.line(line.endsWith("\r") ? line.slice(0, -1) : line));
	}

	private line(line: string): SentEvent[] {
		if (line === "") return this.end();
		const colon = line.indexOf(":");
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (field === "event") this.event = value;
		else if (field === "data") this.data.push(value);
		else if (field === "id") this.id = value;
		return [];
	}

	private end(): SentEvent[] {
		const given = { event: this.event || "message", data: this.data.join("\n") };
		const some = this.data.length > 0;
		this.lastId = this.id;
		this.event = "";
		this.data = [];
		return some ? [given] : [];
	}
}
