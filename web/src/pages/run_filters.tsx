// SPDX-License-Identifier: Apache-2.0
/* pages/run_filters.tsx: which jobs one wants to see: fields that go to the address, and filters saved under a name. */
import { useEffect, useRef, useState } from "preact/hooks";
import { queues } from "../api/jobs.ts";
import { LIVE_STATES, PAST_STATES } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { FormDialog } from "../ui/dialog.tsx";
import { Dropdown } from "../ui/dropdown.tsx";
import { DATES, FILTERS, filtersAnything, fromFirstPage, savedFilters, saveFilters, type SavedFilter } from "./run_filter.ts";

/** Since when, at one press. */
const LATELY = ["1h", "24h", "7d"] as const;

/** Filters that are not needed each day, by what they are about. */
const MORE: { title: TextKey; fields: Record<string, TextKey> }[] = [
	{ title: "runs.when", fields: { from: "runs.filter.from", to: "runs.filter.to", beganfrom: "runs.filter.beganfrom", beganto: "runs.filter.beganto", endedfrom: "runs.filter.endedfrom", endedto: "runs.filter.endedto" } },
	{ title: "runs.about.job", fields: { id: "runs.filter.id", parent: "runs.filter.parent", session: "run.session", node: "run.node" } },
	{ title: "runs.about.request", fields: { application: "run.application", module: "run.module", keyword: "definition.keyword1", keyword2: "definition.keyword2", keyword3: "definition.keyword3" } },
	{ title: "runs.about.definition", fields: { defapplication: "run.application", defmodule: "run.module", defkeyword1: "definition.keyword1", defkeyword2: "definition.keyword2", defkeyword3: "definition.keyword3" } },
];

/** What is typed goes to the address, which asks the server: at once after a pause, while one types so often at most, the last of it always. */
const TYPING_MS = 50;

/**
 * What stands in the fields: what the address says, or what is typed and on its way there.  An address that came another way ("back", a
 * link) counts for more than what was on its way, however slow the machine.
 */
function useDraft(text: string) {
	const [draft, setDraft] = useState(() => new URLSearchParams(text));
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const sent = useRef<string | undefined>(undefined);
	const sentAt = useRef(-TYPING_MS);
	useEffect(() => {
		if (text === sent.current && timer.current !== undefined) return; // ours, and more is typed
		clearTimeout(timer.current);
		timer.current = undefined;
		setDraft(new URLSearchParams(text));
	}, [text]);
	useEffect(() => () => clearTimeout(timer.current), []);
	const send = (next: URLSearchParams) => {
		timer.current = undefined;
		sent.current = next.toString();
		sentAt.current = performance.now();
		go(placeHref("runs", next), "replace");
	};
	const later = (next: URLSearchParams, ms: number) => {
		setDraft(next);
		clearTimeout(timer.current);
		if (ms <= 0) send(next);
		else timer.current = setTimeout(() => send(next), ms);
	};
	/** What is chosen rather than typed counts at once. */
	return { draft, type: (next: URLSearchParams) => later(next, sentAt.current + TYPING_MS - performance.now()), choose: (next: URLSearchParams) => later(next, 0) };
}

export function Filters({ query }: { query: URLSearchParams }) {
	const { may } = useSession();
	const text = query.toString();
	const allQueues = useLive("queues", (signal) => (may("queue:read") ? queues(signal) : Promise.resolve([])));
	const { draft, type, choose } = useDraft(text);

	const withValue = (name: string, value: string) => {
		const next = fromFirstPage(draft);
		if (value) next.set(name, value);
		else next.delete(name);
		return next;
	};
	const set = (name: string, value: string) => type(withValue(name, value));
	const toggle = (state: string) => {
		const next = fromFirstPage(draft);
		const states = next.getAll("state");
		next.delete("state");
		for (const one of states.includes(state) ? states.filter((other) => other !== state) : [...states, state])
			next.append("state", one);
		choose(next);
	};
	const active = MORE.flatMap((group) => Object.entries(group.fields).filter(([name]) => draft.get(name)));
	return (
		<form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
			<input
				type="search"
				aria-label={t("run.name")}
				placeholder={t("run.name")}
				value={draft.get("name") ?? ""}
				onInput={(event) => set("name", event.currentTarget.value)}
			/>
			<select aria-label={t("run.queue")} value={draft.get("queue") ?? ""} onChange={(event) => choose(withValue("queue", event.currentTarget.value))}>
				<option value="">{t("runs.anyQueue")}</option>
				{allQueues.value?.map((queue) => (
					<option key={queue.id} value={queue.name}>
						{queue.name}
					</option>
				))}
			</select>
			<input
				type="search"
				aria-label={t("run.user")}
				placeholder={t("run.user")}
				value={draft.get("user") ?? ""}
				onInput={(event) => set("user", event.currentTarget.value)}
			/>
			<div class="states" role="group" aria-label={t("run.state")}>
				{[...LIVE_STATES, ...PAST_STATES].map((state) => (
					<button
						type="button"
						key={state}
						class={`badge state-${state.toLowerCase()}`}
						aria-pressed={draft.getAll("state").includes(state)}
						onClick={() => toggle(state)}
					>
						{t(`state.${state}`)}
					</button>
				))}
			</div>
			<div class="quick" role="group" aria-label={t("runs.filter.from")}>
				{LATELY.map((back) => (
					<button
						type="button"
						key={back}
						aria-pressed={draft.get("from") === back}
						onClick={() => choose(withValue("from", draft.get("from") === back ? "" : back))}
					>
						{t(`runs.last.${back}`)}
					</button>
				))}
			</div>
			{active
				.filter(([name]) => !(name === "from" && LATELY.some((back) => back === draft.get(name))))
				.map(([name, label]) => (
					<button
						type="button"
						key={name}
						class="chip"
						aria-label={t("runs.withoutFilter", { name: t(label), value: draft.get(name) ?? "" })}
						onClick={() => choose(withValue(name, ""))}
					>
						{t(label)}: {draft.get(name)?.replace("T", " ")} ×
					</button>
				))}
			{FILTERS.some((name) => draft.get(name)) && (
				<a class="button" href={placeHref("runs", { view: draft.get("view") ?? undefined })}>
					{t("runs.clear")}
				</a>
			)}
			<Saved query={query} />
			<details class="more">
				<summary>{t("runs.moreFilters")}</summary>
				<div class="more-filters">
					{MORE.map((group) => (
						<fieldset key={group.title}>
							<legend>{t(group.title)}</legend>
							{Object.entries(group.fields).map(([name, label]) => (
								<MoreFilter key={name} name={name} label={t(label)} value={draft.get(name) ?? ""} onInput={(value) => set(name, value)} />
							))}
						</fieldset>
					))}
				</div>
			</details>
		</form>
	);
}

function MoreFilter(props: { name: string; label: string; value: string; onInput: (value: string) => void }) {
	const isDate = props.name in DATES;
	const isNumber = props.name === "id" || props.name === "parent";
	return (
		<label>
			{props.label}
			<input
				type={isDate ? (/^\d+[hd]$/.test(props.value) ? "text" : "datetime-local") : "search"}
				inputMode={isNumber ? "numeric" : undefined}
				pattern={isNumber ? "[0-9]{1,15}" : undefined}
				title={isNumber ? t("runs.filter.digits") : undefined}
				value={props.value}
				onInput={(event) => props.onInput(event.currentTarget.value)}
			/>
		</label>
	);
}

/** Filters under names, in this browser; each is an address like any other. */
function Saved({ query }: { query: URLSearchParams }) {
	const [saved, setSaved] = useState(savedFilters);
	const [naming, setNaming] = useState(false);
	const change = (next: SavedFilter[]) => {
		saveFilters(next);
		setSaved(next);
	};
	if (saved.length === 0 && !filtersAnything(query)) return null;
	return (
		<>
			<Dropdown label={t("runs.saved")}>
				{saved.map((one) => (
					<span key={one.name} class="saved">
						<a href={placeHref("runs", new URLSearchParams(one.query))}>{one.name}</a>
						<button
							type="button"
							class="plain"
							aria-label={t("action.deleteWhat", { name: one.name })}
							onClick={() => change(saved.filter((other) => other !== one))}
						>
							×
						</button>
					</span>
				))}
				{filtersAnything(query) && (
					<button type="button" onClick={() => setNaming(true)}>
						{t("runs.save")}
					</button>
				)}
			</Dropdown>
			{naming && <NameDialog onClose={() => setNaming(false)} onName={(name) => change(withFilter(saved, name, query))} />}
		</>
	);
}

function withFilter(saved: SavedFilter[], name: string, query: URLSearchParams): SavedFilter[] {
	const others = saved.filter((one) => one.name !== name);
	return [...others, { name, query: fromFirstPage(query).toString() }].sort((a, b) => a.name.localeCompare(b.name));
}

function NameDialog(props: { onClose: () => void; onName: (name: string) => void }) {
	const [name, setName] = useState("");
	return (
		<FormDialog title={t("runs.save")} action={t("action.save")} onClose={props.onClose} save={async () => props.onName(name.trim())}>
			<label>
				{t("runs.saveName")}
				<input required pattern=".*\S.*" maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} />
			</label>
		</FormDialog>
	);
}
