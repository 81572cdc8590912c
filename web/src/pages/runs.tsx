// SPDX-License-Identifier: Apache-2.0
/* pages/runs.tsx: all jobs, live and past, in one table, and orders to many of them. */
import { useEffect, useState } from "preact/hooks";
import { queues, searchJobs } from "../api/jobs.ts";
import type { Job, JobPage } from "../api/types.ts";
import { number, t, type TextKey } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead, Progress, StateBadge, Took, When } from "../ui/basics.tsx";
import { BulkBar } from "./bulk_bar.tsx";
import type { PageProps } from "./index.ts";
import { LIVE_STATES, PAST_STATES } from "../api/types.ts";
import { FILTERS, filtersAnything, orderOf, PAGE_SIZE, pageQuery, SORTABLE } from "./run_filter.ts";

const EVERY_MS = 3000;

interface RunColumn {
	key: string;
	show: (job: Job, now: number) => preact.ComponentChildren;
	/** Shown unless the reader chose other columns. */
	usual: boolean;
	wideOnly?: boolean;
}

const COLUMNS: RunColumn[] = [
	{ key: "id", usual: true, show: (job) => <a href={`#/run/${job.id}`}>{job.id}</a> },
	{ key: "name", usual: true, show: (job) => job.applicationName },
	{ key: "state", usual: true, show: (job) => <StateBadge state={job.state} late={job.late} /> },
	{ key: "queue", usual: true, wideOnly: true, show: (job) => job.queueName },
	{ key: "enqueued", usual: true, show: (job, now) => <When ms={job.enqueueDate} now={now} /> },
	{ key: "began", usual: false, wideOnly: true, show: (job, now) => <When ms={job.beganRunningDate} now={now} /> },
	{ key: "ended", usual: true, wideOnly: true, show: (job, now) => <When ms={job.endDate} now={now} /> },
	{ key: "took", usual: true, wideOnly: true, show: (job) => <Took from={job.beganRunningDate} to={job.endDate} /> },
	{ key: "user", usual: true, wideOnly: true, show: (job) => job.user },
	{ key: "node", usual: false, wideOnly: true, show: (job) => job.nodeName },
	{ key: "parent", usual: false, wideOnly: true, show: (job) => (job.parent ? <a href={`#/run/${job.parent}`}>{job.parent}</a> : null) },
	{ key: "progress", usual: false, wideOnly: true, show: (job) => <Progress percent={job.progress} /> },
	{ key: "session", usual: false, wideOnly: true, show: (job) => job.sessionID },
	{ key: "reason", usual: false, wideOnly: true, show: (job) => job.endReason },
];
const STORED_COLUMNS = "jqm-run-columns";

function storedColumns(): string[] {
	const stored = localStorage.getItem(STORED_COLUMNS)?.split(",").filter((key) => COLUMNS.some((one) => one.key === key));
	return stored && stored.length > 0 ? stored : COLUMNS.filter((one) => one.usual).map((one) => one.key);
}

export function RunsPage({ query }: PageProps) {
	const [now] = useState(Date.now()); // "1h" of a filter counts from when the page was opened
	const clock = useNow(1000);
	const page = useLive<JobPage>(`runs ${query}`, (signal) => searchJobs(pageQuery(query, now), signal), EVERY_MS);
	const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
	const [columns, setColumns] = useState(storedColumns);
	const shown = COLUMNS.filter((column) => columns.includes(column.key));
	const jobs = page.value?.instances ?? [];

	const choose = (ids: number[], on: boolean) => {
		const next = new Set(chosen);
		for (const id of ids) if (on) next.add(id);
			else next.delete(id);
		setChosen(next);
	};
	return (
		<>
			<PageHead title={t("page.runs")}>
				<ColumnChoice
					columns={columns}
					onChange={(next) => {
						localStorage.setItem(STORED_COLUMNS, next.join(","));
						setColumns(next);
					}}
				/>
			</PageHead>
			<Filters query={query} />
			<ErrorBox error={page.error} retry={page.refresh} />
			<BulkBar
				chosen={chosen}
				query={query}
				now={now}
				total={page.value?.resultSize ?? null}
				mayAll={filtersAnything(query)}
				onDone={() => {
					setChosen(new Set());
					page.refresh();
				}}
				onNone={() => setChosen(new Set())}
			/>
			{page.value && jobs.length === 0 ? (
				<Empty>{filtersAnything(query) ? t("runs.noneFound") : t("runs.none")}</Empty>
			) : (
				<div class="table-scroll">
					<table class="runs" aria-busy={page.loading}>
						<caption class="unseen">{t("page.runs")}</caption>
						<thead>
							<tr>
								<th scope="col" class="check">
									<input
										type="checkbox"
										aria-label={t("runs.choosePage")}
										checked={jobs.length > 0 && jobs.every((job) => chosen.has(job.id))}
										onChange={(event) => choose(jobs.map((job) => job.id), event.currentTarget.checked)}
									/>
								</th>
								{shown.map((column) => (
									<Heading key={column.key} column={column} query={query} />
								))}
							</tr>
						</thead>
						<tbody>
							{jobs.map((job) => (
								<tr key={job.id} class={chosen.has(job.id) ? "chosen" : ""}>
									<td class="check">
										<input
											type="checkbox"
											aria-label={t("runs.choose", { id: job.id })}
											checked={chosen.has(job.id)}
											onChange={(event) => choose([job.id], event.currentTarget.checked)}
										/>
									</td>
									{shown.map((column) => (
										<td key={column.key} class={column.wideOnly ? "wide-only" : ""}>
											{column.show(job, clock)}
										</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			<Pager query={query} page={page.value} />
		</>
	);
}

function Heading({ column, query }: { column: RunColumn; query: URLSearchParams }) {
	const order = orderOf(query);
	const label = t(`run.${column.key}` as TextKey);
	const sorted = order.column === column.key;
	const next = new URLSearchParams(query);
	next.set("sort", `${column.key}:${sorted && order.down ? "up" : "down"}`);
	next.delete("after");
	next.delete("page");
	return (
		<th
			scope="col"
			class={column.wideOnly ? "wide-only" : ""}
			aria-sort={sorted ? (order.down ? "descending" : "ascending") : undefined}
		>
			{column.key in SORTABLE ? <a href={placeHref("runs", next)}>{label}</a> : label}
		</th>
	);
}

function Pager({ query, page }: { query: URLSearchParams; page: JobPage | undefined }) {
	if (!page) return null;
	const order = orderOf(query);
	const at = Number(query.get("page") ?? 0);
	const inside = query.has("after") || at > 0;
	const first = new URLSearchParams(query);
	first.delete("after");
	first.delete("page");
	const next = new URLSearchParams(query);
	if (order.column === "id") next.set("after", String(page.instances.at(-1)?.id ?? ""));
	else next.set("page", String(at + 1));
	return (
		<nav class="pager" aria-label={t("runs.pages")}>
			{inside && <a class="button" href={placeHref("runs", first)}>{t("runs.firstPage")}</a>}
			{inside && <button type="button" onClick={() => history.back()}>{t("runs.previousPage")}</button>}
			{page.instances.length === PAGE_SIZE && (
				<a class="button" href={placeHref("runs", next)} rel="next">
					{t("runs.nextPage")}
				</a>
			)}
			{page.resultSize !== null && (
				<span class="small">
					{t(page.resultSizeEstimated ? "runs.about" : "runs.total", { n: number(page.resultSize) })}
				</span>
			)}
		</nav>
	);
}

function ColumnChoice({ columns, onChange }: { columns: string[]; onChange: (columns: string[]) => void }) {
	return (
		<details class="dropdown">
			<summary class="button">{t("runs.columns")}</summary>
			<div class="dropdown-body">
				{COLUMNS.map(({ key }) => (
					<label key={key}>
						<input
							type="checkbox"
							checked={columns.includes(key)}
							disabled={key === "id"}
							onChange={(event) =>
								onChange(event.currentTarget.checked ? [...columns, key] : columns.filter((one) => one !== key))
							}
						/>{" "}
						{t(`run.${key}` as TextKey)}
					</label>
				))}
			</div>
		</details>
	);
}

/** What is typed goes to the address a moment later, which asks the server. */
function Filters({ query }: { query: URLSearchParams }) {
	const { may } = useSession();
	const text = query.toString();
	const [draft, setDraft] = useState(() => new URLSearchParams(query));
	const allQueues = useLive("queues", (signal) => (may("queue:read") ? queues(signal) : Promise.resolve([])));
	useEffect(() => setDraft(new URLSearchParams(text)), [text]);
	useEffect(() => {
		const wanted = draft.toString();
		if (wanted === text) return;
		const timer = setTimeout(() => go(placeHref("runs", draft), "replace"), 300);
		return () => clearTimeout(timer);
	}, [draft, text]);

	const set = (name: string, value: string) => {
		const next = new URLSearchParams(draft);
		if (value) next.set(name, value);
		else next.delete(name);
		next.delete("after");
		next.delete("page");
		setDraft(next);
	};
	const toggle = (state: string) => {
		const next = new URLSearchParams(draft);
		const states = next.getAll("state");
		next.delete("state");
		next.delete("after");
		next.delete("page");
		for (const one of states.includes(state) ? states.filter((other) => other !== state) : [...states, state])
			next.append("state", one);
		setDraft(next);
	};
	const more = ["id", "parent", "session", "node", "keyword", "from", "to"] as const;
	return (
		<form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
			<input
				type="search"
				aria-label={t("run.name")}
				placeholder={t("run.name")}
				value={draft.get("name") ?? ""}
				onInput={(event) => set("name", event.currentTarget.value)}
			/>
			<select aria-label={t("run.queue")} value={draft.get("queue") ?? ""} onChange={(event) => set("queue", event.currentTarget.value)}>
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
			<details open={more.some((name) => draft.get(name))}>
				<summary>{t("runs.moreFilters")}</summary>
				<div class="more-filters">
					{more.map((name) => (
						<label key={name}>
							{t(`runs.filter.${name}`)}
							<input
								type={name === "from" || name === "to" ? (/^\d+[hd]$/.test(draft.get(name) ?? "") ? "text" : "datetime-local") : "search"}
								inputMode={name === "id" || name === "parent" ? "numeric" : undefined}
								value={draft.get(name) ?? ""}
								onInput={(event) => set(name, event.currentTarget.value)}
							/>
						</label>
					))}
					<span class="quick">
						{["1h", "24h", "7d"].map((back) => (
							<button type="button" key={back} onClick={() => set("from", back)}>
								{t("runs.last", { time: back })}
							</button>
						))}
					</span>
				</div>
			</details>
			{FILTERS.some((name) => draft.get(name)) && (
				<a class="button" href={placeHref("runs")}>
					{t("runs.clear")}
				</a>
			)}
		</form>
	);
}
