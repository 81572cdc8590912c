// SPDX-License-Identifier: Apache-2.0
/*
 * events.ts: the server says when something happens to jobs; who shows jobs asks anew then, and not again and again.
 *
 * One connection for each filter, while somebody shows what it is about and the tab is seen: browsers have few.  When it is away pages ask
 * again and again as before.
 */
import { ApiError, send } from "./api/http.ts";
import { SentEvents } from "./sse.ts";

export interface JobEvent {
	kind: string;
	id: number;
	state: string;
}

/** null: something may have been missed, or from now on nothing is told. */
export type Hearer = (event: JobEvent | null) => void;

const AGAIN_MS = 2000;
/** After it was refused or could not be reached at all. */
const LATER_MS = 30000;
/** The server says something every 15 seconds. */
const SILENT_MS = 40000;

class Stream {
	readonly hearers = new Set<Hearer>();
	up = false;
	private stop: AbortController | null = null;
	private lastId = "";

	constructor(private readonly filter: Record<string, string>) {}

	start() {
		if (this.stop || document.hidden || this.hearers.size === 0) return;
		this.stop = new AbortController();
		void this.keep(this.stop.signal);
	}

	end() {
		this.stop?.abort();
		this.stop = null;
		this.lastId = ""; // who comes back reads afresh
		this.up = false;
	}

	private tell(event: JobEvent | null) {
		for (const hearer of [...this.hearers]) hearer(event);
	}

	private async keep(signal: AbortSignal) {
		while (!signal.aborted) {
			let wait = LATER_MS;
			try {
				await this.hear(signal);
				wait = AGAIN_MS;
			} catch (failure) {
				if (signal.aborted) return;
				if (this.up) wait = AGAIN_MS;
				// Refused: a new beginning may be what it takes.
				if (failure instanceof ApiError && failure.status === 400) this.lastId = "";
			}
			if (signal.aborted) return;
			if (this.up) {
				this.up = false;
				this.tell(null);
			}
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
	}

	/** Until the connection ends. */
	private async hear(stopped: AbortSignal) {
		const silent = new AbortController();
		let timer = setTimeout(() => silent.abort(), SILENT_MS);
		try {
			const response = await send("GET", "client/events", {
				query: this.filter,
				accept: "text/event-stream",
				headers: this.lastId ? { "Last-Event-ID": this.lastId } : {},
				signal: AbortSignal.any([stopped, silent.signal]),
				anonymous: true, // whoever asks for anything else will be asked for a login
			});
			const events = new SentEvents();
			const text = new TextDecoder();
			const reader = response.body!.getReader();
			events.lastId = this.lastId;
			for (;;) {
				const { value, done } = await reader.read();
				if (done || stopped.aborted) return;
				clearTimeout(timer);
				timer = setTimeout(() => silent.abort(), SILENT_MS);
				for (const { event, data } of events.push(text.decode(value, { stream: true }))) this.take(event, data);
				if (events.lastId) this.lastId = events.lastId;
			}
		} finally {
			clearTimeout(timer);
		}
	}

	private take(event: string, data: string) {
		const told = JSON.parse(data) as JobEvent & { goesOn?: boolean };
		if (event === "hello") {
			this.up = true;
			if (!told.goesOn) this.tell(null);
		} else {
			this.tell(event === "gap" ? null : { kind: event, id: told.id, state: told.state });
		}
	}
}

const streams = new Map<string, Stream>();
let watching = false;

function watchTab() {
	if (watching) return;
	watching = true;
	document.addEventListener("visibilitychange", () => {
		for (const stream of streams.values())
			if (document.hidden) stream.end();
			else stream.start();
	});
}

/** Hear of what the filter (docs/events.md) lets through, until the function that is returned is called. */
export function hear(filter: Record<string, string>, hearer: Hearer): () => void {
	const key = JSON.stringify(filter);
	watchTab();
	let stream = streams.get(key);
	if (!stream) streams.set(key, (stream = new Stream(filter)));
	const mine = stream;
	mine.hearers.add(hearer);
	mine.start();
	return () => {
		mine.hearers.delete(hearer);
		if (mine.hearers.size > 0) return;
		mine.end();
		streams.delete(key);
	};
}

/** Is the server telling now? */
export function isHeard(filter: Record<string, string>): boolean {
	return streams.get(JSON.stringify(filter))?.up ?? false;
}

const QUIET_MS = 60000;
const GATHER_MS = 100;

/**
 * When to ask again: `everyMs` after an answer while nobody tells, `QUIET_MS` while the server does; and soon after it told something, but not
 * more often than each `everyMs / 3`.
 */
export class Turns {
	private timer: ReturnType<typeof setTimeout> | undefined;
	private asked = 0;
	private asking = false;
	private stirred = false;
	private readonly deaf: () => void;

	constructor(
		private readonly everyMs: number,
		private readonly ask: () => Promise<void>,
		private readonly filter: Record<string, string> | null,
	) {
		this.deaf = filter && everyMs > 0 ? hear(filter, () => this.stir()) : () => {};
	}

	/** Ask now. */
	async now(): Promise<void> {
		clearTimeout(this.timer);
		if (this.asking) {
			this.stirred = true;
			return;
		}
		this.asking = true;
		this.stirred = false;
		this.asked = Date.now();
		try {
			await this.ask();
		} finally {
			this.asking = false;
		}
		if (this.stirred) this.stir();
		else if (this.everyMs > 0) this.in(this.filter && isHeard(this.filter) ? QUIET_MS : this.everyMs);
	}

	end() {
		this.deaf();
		clearTimeout(this.timer);
		this.asking = true; // for ever: what is under way leads to nothing more
	}

	private in(ms: number) {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => void this.now(), ms);
	}

	private stir() {
		this.stirred = true;
		if (!this.asking) this.in(Math.max(GATHER_MS, this.asked + this.everyMs / 3 - Date.now()));
	}
}
