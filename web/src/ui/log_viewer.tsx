// SPDX-License-Identifier: Apache-2.0
/*
 * ui/log_viewer.tsx: a log of any size, growing or not: byte ranges of it, and only the lines one sees in the page.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ansiSpans, withPictures } from "../ansi.ts";
import { logHref, readLog, type LogPiece, type LogRange, type Stream } from "../api/jobs.ts";
import { bytes as size, t } from "../i18n/index.ts";
import { findBefore, findFrom, pieceBefore, type ReadPiece } from "../log_search.ts";
import {
	CHUNK_BYTES,
	emptyWindow,
	isInside,
	lineAt,
	lineOffset,
	lineText,
	windowEnd,
	windowOf,
	windowText,
	withNext,
	withPrevious,
	type LogWindow,
} from "../log_window.ts";
import { Empty, ErrorBox, errorWords } from "./basics.tsx";
import { attempt as attemptTo } from "./toast.tsx";

const LINE_PX = 18;
const FOLLOW_MS = 1000;
const WRAPPED_LINES_MAX = 2000;

const missing = (n: number) => t("log.missing", { size: size(n) });

/** What is shown, and how to move it. */
function useLog(id: number, stream: Stream, attempt: number | undefined) {
	const [window, setWindow] = useState<LogWindow>(emptyWindow());
	const [total, setTotal] = useState(0);
	const [error, setError] = useState<Error>();
	const [loaded, setLoaded] = useState(false);
	const busy = useRef<Promise<unknown> | null>(null);
	/** Nothing is before this offset. */
	const nothingBefore = useRef(0);

	/** One at a time: who is patient waits until nothing is under way, else nothing is asked then. */
	const fetchPiece = useCallback(async (ask: () => Promise<LogPiece | null>, patient: boolean) => {
		while (busy.current) {
			if (!patient) return null;
			await busy.current;
		}
		const asked = ask();
		busy.current = asked.catch(() => undefined);
		try {
			const piece = await asked;
			if (piece) setTotal(piece.total);
			setError(undefined);
			return piece;
		} catch (failure) {
			setError(failure as Error);
			return null;
		} finally {
			busy.current = null;
			setLoaded(true);
		}
	}, []);
	const read = useCallback((range: LogRange) => readLog(id, stream, range, attempt), [id, stream, attempt]);
	const goTo = useCallback(
		async (range: LogRange) => {
			const piece = await fetchPiece(() => read(range), true);
			if (piece) setWindow(windowOf(piece.start, piece.bytes));
		},
		[fetchPiece, read],
	);
	const toEnd = useCallback(() => goTo({ last: CHUNK_BYTES }), [goTo]);
	const toOffset = useCallback((offset: number) => goTo({ from: offset, length: CHUNK_BYTES }), [goTo]);
	const next = useCallback(async () => {
		const end = windowEnd(window);
		const piece = await fetchPiece(() => read(end === 0 ? { last: CHUNK_BYTES } : { from: end, length: CHUNK_BYTES }), false);
		if (piece && piece.bytes.length > 0) setWindow((old) => withNext(old, piece.start, piece.bytes, missing));
	}, [fetchPiece, read, window]);
	const previous = useCallback(async () => {
		if (window.start <= nothingBefore.current) return;
		const piece = await fetchPiece(async () => {
			const found = await pieceBefore((from, length) => read({ from, length }), window.start, CHUNK_BYTES);
			if (!found) nothingBefore.current = window.start;
			return found;
		}, false);
		if (piece) setWindow((old) => (old === window ? withPrevious(old, piece.start, piece.bytes, missing) : old));
	}, [fetchPiece, read, window]);

	useEffect(() => {
		setWindow(emptyWindow());
		setLoaded(false);
		nothingBefore.current = 0;
		void toEnd();
	}, [toEnd]);
	return { window, total, error, loaded, toEnd, toOffset, next, previous };
}

export function LogViewer(props: { id: number; stream: Stream; attempt?: number; live: boolean }) {
	const { id, stream, attempt, live } = props;
	const log = useLog(id, stream, attempt);
	const { window, next } = log;
	const [follow, setFollow] = useState(true);
	const [wrap, setWrap] = useState(false);
	const [raw, setRaw] = useState(false);
	const [search, setSearch] = useState("");
	const [hit, setHit] = useState<number | null>(null);
	/** A place that was asked for and is not seen yet. */
	const sought = useRef<number | null>(null);
	const [, seek] = useState(0);
	const [searching, setSearching] = useState<string>();
	const [looking, setLooking] = useState(false);
	const stopSearch = useRef<AbortController | undefined>(undefined);
	const box = useRef<HTMLDivElement>(null);
	const [view, setView] = useState({ top: 0, height: 600 });

	useEffect(() => {
		if (!follow || !live) return;
		const timer = setInterval(() => {
			if (!document.hidden) void next();
		}, FOLLOW_MS);
		return () => clearInterval(timer);
	}, [follow, live, next]);
	// The last words of a job that is over; who reads elsewhere stays there.
	const current = useRef({ follow, log });
	current.current = { follow, log };
	const wasLive = useRef(live);
	useEffect(() => {
		if (wasLive.current && !live) void (current.current.follow ? current.current.log.toEnd() : current.current.log.next());
		wasLive.current = live;
	}, [live]);
	const shown = useRef(window);
	useLayoutEffect(() => {
		const element = box.current;
		const before = shown.current;
		shown.current = window;
		if (!element) return;
		if (follow) element.scrollTop = element.scrollHeight;
		else if (before !== window && !wrap) stay(element, before, window);
		setView({ top: element.scrollTop, height: element.clientHeight });
		// Too little to scroll by.
		if (element.scrollHeight <= element.clientHeight) void current.current.log.previous();
	}, [window, follow, wrap]);
	useEffect(() => () => stopSearch.current?.abort(), []);

	const scrolled = async () => {
		const element = box.current!;
		setView({ top: element.scrollTop, height: element.clientHeight });
		const below = element.scrollHeight - element.scrollTop - element.clientHeight;
		const left = below > 40;
		if (left && follow) setFollow(false);
		if (element.scrollTop < 400 && window.start > 0 && (left || !follow)) await log.previous();
		else if (below < 400 && windowEnd(window) < log.total) await log.next();
	};

	/** The next place of the text behind the last one, or the one before it, once around. */
	const find = async (way: "next" | "previous") => {
		const wanted = new TextEncoder().encode(search);
		if (wanted.length === 0) return;
		setFollow(false);
		setWrap(false);
		stopSearch.current?.abort();
		const ours = (stopSearch.current = new AbortController());
		const read: ReadPiece = (from, length) => readLog(id, stream, { from, length }, attempt, ours.signal);
		const tell = (done: number) => ours.signal.aborted || setSearching(t("log.searching", { done: size(done), all: size(log.total) }));
		const from = way === "next" ? (hit === null ? 0 : hit + 1) : (hit ?? log.total);
		const look = (at: number) => (way === "next" ? findFrom(read, wanted, at, log.total, tell) : findBefore(read, wanted, at, tell));
		const start = way === "next" ? 0 : log.total;
		setLooking(true);
		try {
			const found = (await look(from)) ?? (from !== start ? await look(start) : null);
			if (ours.signal.aborted) return;
			setSearching(found === null ? t("log.notFound") : undefined);
			if (found === null) return;
			if (!isInside(window, found)) await log.toOffset(Math.max(0, found - CHUNK_BYTES / 4));
			sought.current = found;
			setHit(found);
			seek((n) => n + 1);
		} catch (failure) {
			if (!ours.signal.aborted) setSearching(errorWords(failure as Error));
		} finally {
			if (stopSearch.current === ours) setLooking(false);
		}
	};
	const stop = () => {
		stopSearch.current?.abort();
		setSearching(t("log.stopped"));
	};
	// Once: who scrolls on afterwards is not brought back.
	useLayoutEffect(() => {
		const at = sought.current;
		if (at === null || !isInside(window, at) || !box.current) return;
		sought.current = null;
		box.current.scrollTop = Math.max(0, (lineAt(window, at) - 5) * LINE_PX);
	});

	const count = window.lines.length;
	const first = wrap ? Math.max(0, count - WRAPPED_LINES_MAX) : Math.max(0, Math.floor(view.top / LINE_PX) - 20);
	const last = wrap ? count : Math.min(count, Math.ceil((view.top + view.height) / LINE_PX) + 20);
	const hitLine = hit !== null && isInside(window, hit) ? lineAt(window, hit) : -1;
	return (
		<section class="log" aria-label={t(stream === "stdout" ? "run.stdout" : "run.stderr")}>
			<div class="log-tools">
				<button type="button" onClick={() => { setFollow(false); void log.toOffset(0).then(() => box.current && (box.current.scrollTop = 0)); }}>
					{t("log.start")}
				</button>
				<button type="button" onClick={() => { void log.toEnd(); setFollow(true); }}>
					{t("log.end")}
				</button>
				<label>
					<input type="checkbox" checked={wrap} onChange={() => setWrap(!wrap)} /> {t("log.wrap")}
				</label>
				<label title={t("log.rawHint")}>
					<input type="checkbox" checked={raw} onChange={() => setRaw(!raw)} /> {t("log.raw")}
				</label>
				{live && (
					<label>
						<input type="checkbox" checked={follow} onChange={() => setFollow(!follow)} /> {t("log.follow")}
					</label>
				)}
				<form
					role="search"
					onSubmit={(event) => {
						event.preventDefault();
						void find("next");
					}}
				>
					<input
						type="search"
						aria-label={t("log.search")}
						placeholder={t("log.search")}
						value={search}
						onInput={(event) => { stopSearch.current?.abort(); setSearch(event.currentTarget.value); setHit(null); setSearching(undefined); }}
						onKeyDown={(event) => {
							if (event.key !== "Enter" || !event.shiftKey) return;
							event.preventDefault();
							void find("previous");
						}}
					/>
					<button type="submit">{t("log.next")}</button>
					<button type="button" title={t("log.previousHint")} onClick={() => void find("previous")}>
						{t("log.previous")}
					</button>
					{looking && (
						<button type="button" onClick={stop}>
							{t("log.stop")}
						</button>
					)}
				</form>
				{"clipboard" in navigator && (
					<button
						type="button"
						title={t("log.copyHint", { size: size(window.bytes.length) })}
						onClick={() => void attemptTo(t("log.copied", { size: size(window.bytes.length) }), () => navigator.clipboard.writeText(windowText(window)))}
					>
						{t("log.copy")}
					</button>
				)}
				<a href={`${logHref(id, stream)}${attempt ? `?attempt=${attempt}` : ""}`} download>
					{t("log.download")}
				</a>
				<span class="small" aria-live={looking ? "off" : "polite"}>{searching ?? t("log.size", { size: size(log.total) })}</span>
			</div>
			<ErrorBox error={log.error} retry={() => void log.toEnd()} />
			{log.loaded && count === 0 ? (
				<Empty>{t("log.empty")}</Empty>
			) : (
				<div ref={box} class={`log-lines${wrap ? " wrapped" : ""}`} onScroll={scrolled} tabIndex={0} role="log" aria-live="off">
					<div style={wrap ? {} : { height: `${count * LINE_PX}px` }}>
						<div style={wrap ? {} : { transform: `translateY(${first * LINE_PX}px)` }}>
							{Array.from({ length: Math.max(0, last - first) }, (_, i) => (
								<LogLine key={window.start + window.lines[first + i]!} text={lineText(window, first + i)} raw={raw} hit={first + i === hitLine} />
							))}
						</div>
					</div>
				</div>
			)}
		</section>
	);
}

/** The line at the top stays there, whatever came before it or went. */
function stay(element: HTMLElement, before: LogWindow, now: LogWindow) {
	const top = Math.floor(element.scrollTop / LINE_PX);
	if (top >= before.lines.length) return;
	const offset = lineOffset(before, top);
	if (isInside(now, offset)) element.scrollTop = lineAt(now, offset) * LINE_PX + (element.scrollTop % LINE_PX);
}

function LogLine({ text, raw, hit }: { text: string; raw: boolean; hit: boolean }) {
	return (
		<div class={hit ? "log-line hit" : "log-line"}>
			{(raw ? [{ text: withPictures(text), classes: "" }] : ansiSpans(text)).map((span, i) => (
				<span key={i} class={span.classes}>
					{span.text}
				</span>
			))}
		</div>
	);
}
