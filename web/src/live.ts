// SPDX-License-Identifier: Apache-2.0
/* live.ts: answers that are kept fresh while somebody looks. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Turns } from "./events.ts";

export interface Live<T> {
	value: T | undefined;
	error: Error | undefined;
	loading: boolean;
	/** Ask again now. */
	refresh: () => void;
}

/**
 * Ask `question` now, and again `everyMs` after each answer while the tab is visible (0: only on refresh()).  `key` says
 * what is asked: when it changes, the old answer goes, its request too.  An answer equal to the last one changes
 * nothing, so nothing is drawn again; a failed repetition keeps the last good answer beside the error.  `told` says of which events
 * the server may tell (docs/events.md), so that it need not be asked again and again.
 */
export function useLive<T>(
	key: string,
	question: (signal: AbortSignal) => Promise<T>,
	everyMs = 0,
	told: Record<string, string> | null = null,
): Live<T> {
	const [state, setState] = useState<{ key: string; text: string; value?: T; error?: Error }>({ key: "", text: "" });
	const [turn, setTurn] = useState(0);
	const asked = useRef(question);
	asked.current = question;
	const toldText = JSON.stringify(told);

	// Not an effect that waits for the next frame: that would be one more between somebody and the answer.
	useLayoutEffect(() => {
		const stop = new AbortController();
		const ask = async () => {
			if (document.hidden && everyMs > 0) return; // "visible" below goes on
			try {
				const value = await asked.current(stop.signal);
				const text = JSON.stringify(value) ?? "";
				setState((old) => (old.key === key && old.text === text && !old.error ? old : { key, text, value }));
			} catch (failure) {
				if (stop.signal.aborted) return;
				const error = failure instanceof Error ? failure : new Error(String(failure));
				setState((old) => (old.key === key ? { ...old, error } : { key, text: "", error }));
			}
		};
		const turns = new Turns(everyMs, ask, toldText === "null" ? null : (JSON.parse(toldText) as Record<string, string>));
		const visible = () => {
			if (!document.hidden) void turns.now();
		};
		void turns.now();
		if (everyMs > 0) document.addEventListener("visibilitychange", visible);
		return () => {
			stop.abort();
			turns.end();
			document.removeEventListener("visibilitychange", visible);
		};
	}, [key, everyMs, toldText, turn]);

	const refresh = useCallback(() => setTurn((n) => n + 1), []);
	const current = state.key === key;
	return {
		value: current ? state.value : undefined,
		error: current ? state.error : undefined,
		loading: !current,
		refresh,
	};
}

/** The time, again every `everyMs`: for durations that grow. */
export function useNow(everyMs: number): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => {
			if (!document.hidden) setNow(Date.now());
		}, everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}
