// SPDX-License-Identifier: Apache-2.0
/* ui/basics.tsx: the small pieces every page uses. */
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/http.ts";
import { dateTime, duration, relative, t, type TextKey } from "../i18n/index.ts";

/** State of a job: a word and a colour, never the colour alone. */
export function StateBadge({ state, late }: { state: string; late?: boolean }) {
	const key = `state.${state}` as TextKey;
	return (
		<span class={`badge state-${state.toLowerCase()}`}>
			{t(key)}
			{late && <span class="late"> {t("state.late")}</span>}
		</span>
	);
}

/** A date in the reader's zone; UTC, as the server counts, on hover. */
export function When({ ms, now }: { ms: number | null | undefined; now?: number }) {
	if (ms === null || ms === undefined) return <span class="none">–</span>;
	const date = new Date(ms);
	return (
		<time dateTime={date.toISOString()} title={date.toISOString()}>
			{now === undefined ? dateTime(ms) : relative(ms, now)}
		</time>
	);
}

export function Took({ from, to }: { from: number | null; to: number | null }) {
	if (from === null) return <span class="none">–</span>;
	return <>{duration((to ?? Date.now()) - from)}</>;
}

/** What went wrong, in words: the server's own when it said any. */
export function errorWords(error: Error): string {
	if (error instanceof ApiError) {
		if (error.status === 0) return t(error.message === "order" ? "error.unreachable" : "error.unreachableRead");
		if (error.status === 403) return `${t("error.forbidden")}: ${error.message}`;
		if (error.status === 412) return t("error.conflict");
		return error.message;
	}
	return error.message;
}

export function ErrorBox({ error, retry }: { error: Error | undefined; retry?: () => void }) {
	if (!error) return null;
	const requestId = error instanceof ApiError ? error.requestId : null;
	const problems = error instanceof ApiError ? error.problems : [];
	return (
		<div class="error-box" role="alert">
			<p>{errorWords(error)}</p>
			{problems.length > 1 && (
				<ul>
					{problems.map((problem) => (
						<li key={problem}>{problem}</li>
					))}
				</ul>
			)}
			{requestId && <p class="small">{t("error.request", { id: requestId })}</p>}
			{retry && (
				<button type="button" onClick={retry}>
					{t("action.retry")}
				</button>
			)}
		</div>
	);
}

/** Nothing to show, and what to do about it. */
export function Empty({ children }: { children: ComponentChildren }) {
	return <div class="empty">{children}</div>;
}

export function PageHead({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<header class="page-head">
			<h1>{title}</h1>
			<div class="page-actions">{children}</div>
		</header>
	);
}

/** A label and what it labels. */
export function Field(props: {
	label: string;
	hint?: string;
	error?: string;
	children: (id: string, describedBy: string | undefined) => ComponentChildren;
	id: string;
}) {
	const note = props.error ?? props.hint;
	const noteId = note ? `${props.id}-note` : undefined;
	return (
		<div class={`field${props.error ? " wrong" : ""}`}>
			<label for={props.id}>{props.label}</label>
			{props.children(props.id, noteId)}
			{note && (
				<p id={noteId} class="hint">
					{note}
				</p>
			)}
		</div>
	);
}

export function Progress({ percent }: { percent: number }) {
	if (percent < 1) return null;
	return percent <= 100 ? (
		<progress max={100} value={percent} title={`${percent} %`}>
			{percent} %
		</progress>
	) : (
		<span>{percent}</span>
	);
}
