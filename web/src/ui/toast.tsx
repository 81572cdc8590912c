// SPDX-License-Identifier: Apache-2.0
/* ui/toast.tsx: the outcome of an order, said where it disturbs nobody.  Failures stay until they are dismissed. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { errorWords } from "./basics.tsx";

interface Toast {
	key: number;
	text: string;
	failed: boolean;
}

let next = 1;
let publish: (toast: Toast) => void = () => {};

export const say = (text: string) => publish({ key: next++, text, failed: false });
export const sayFailure = (error: unknown) =>
	publish({ key: next++, text: error instanceof Error ? errorWords(error) : String(error), failed: true });

/** Give an order and say how it went; true when it was carried out. */
export async function attempt(done: string, run: () => Promise<unknown>): Promise<boolean> {
	try {
		await run();
		say(done);
		return true;
	} catch (failure) {
		sayFailure(failure);
		return false;
	}
}

export function Toasts() {
	const [toasts, setToasts] = useState<Toast[]>([]);
	const drop = (key: number) => setToasts((all) => all.filter((toast) => toast.key !== key));
	useEffect(() => {
		publish = (toast) => {
			setToasts((all) => [...all.slice(-4), toast]);
			if (!toast.failed) setTimeout(() => drop(toast.key), 5000);
		};
		return () => {
			publish = () => {};
		};
	}, []);
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toasts.map((toast) => (
				<div key={toast.key} class={toast.failed ? "toast failed" : "toast"}>
					<span>{toast.text}</span>
					<button type="button" class="plain" aria-label={t("action.close")} onClick={() => drop(toast.key)}>
						×
					</button>
				</div>
			))}
		</div>
	);
}
