// SPDX-License-Identifier: Apache-2.0
/* pages/runs.tsx: all jobs, live and past, in one table or over time, and orders to many of them. */
import { useRef, useState } from "preact/hooks";
import type { Job, JobPage } from "../api/types.ts";
import { number, t, type TextKey } from "../i18n/index.ts";
import { useNow } from "../live.ts";
import { placeHref } from "../router.ts";
import { Empty, ErrorBox, PageHead } from "../ui/basics.tsx";
import { ColumnChoice, useColumns } from "../ui/columns.tsx";
import { BulkBar } from "./bulk_bar.tsx";
import type { PageProps } from "./index.ts";
import { choosable, COLUMNS, type RunColumn } from "./run_columns.tsx";
import { countQuery, filtersAnything, fromFirstPage, orderOf, PAGE_SIZE, pageQuery, SORTABLE } from "./run_filter.ts";
import { Filters } from "./run_filters.tsx";
import { Timeline } from "./run_timeline.tsx";
import { useRuns, useTotal, type Total } from "./runs_live.ts";

/** Scrolled further than this one reads: lines stay where they are. */
const READING_PX = 150;
const NONE: ReadonlySet<number> = new Set();

export function RunsPage({ query }: PageProps) {
	const [now] = useState(Date.now()); // "1h" of a filter counts from when the page was opened
	const clock = useNow(1000);
	const [chosen, setChosen] = useState(NONE);
	const choosing = useRef(false);
	choosing.current = chosen.size > 0;
	const asked = new URLSearchParams(query);
	asked.delete("view");
	const runs = useRuns(`runs ${asked}`, () => pageQuery(asked, now), () => choosing.current || scrollY > READING_PX);
	const filter = fromFirstPage(asked);
	filter.delete("sort");
	const [orders, setOrders] = useState(0); // each may have changed how many there are
	const total = useTotal(`total ${orders} ${filter}`, runs.page, !isInside(query), () => countQuery(filter, now));
	const [columns, setColumns] = useColumns("runs", choosable());
	const timeline = query.get("view") === "timeline";
	const shown = runs.page ?? runs.before;
	const jobs = shown?.instances ?? [];
	return (
		<>
			<PageHead title={t("page.runs")}>
				<Views query={query} timeline={timeline} />
				{!timeline && <ColumnChoice all={choosable()} chosen={columns} onChange={setColumns} />}
			</PageHead>
			<Filters query={query} />
			<ErrorBox error={runs.error} retry={runs.refresh} />
			<BulkBar
				chosen={chosen}
				query={query}
				now={now}
				mayAll={filtersAnything(query) && jobs.length > 0}
				onDone={() => {
					setChosen(NONE);
					setOrders(orders + 1);
					runs.refresh();
				}}
				onNone={() => setChosen(NONE)}
			/>
			{runs.fresh > 0 && (
				<p class="fresh" role="status">
					<button type="button" onClick={runs.showFresh}>
						{t(runs.fresh >= PAGE_SIZE ? "runs.freshMany" : "runs.fresh", { n: runs.fresh })}
					</button>
				</p>
			)}
			{shown && jobs.length === 0 ? (
				<NoRuns query={query} />
			) : timeline ? (
				<Timeline jobs={jobs} now={clock} />
			) : (
				<RunTable
					jobs={jobs}
					columns={COLUMNS.filter((column) => columns.has(column.key))}
					query={query}
					clock={clock}
					busy={runs.loading}
					chosen={chosen}
					onChoose={setChosen}
				/>
			)}
			<Pager query={query} page={runs.page} total={total} />
		</>
	);
}

function NoRuns({ query }: { query: URLSearchParams }) {
	return filtersAnything(query) ? (
		<Empty>
			{t("runs.noneFound")} <a href={placeHref("runs")}>{t("runs.clear")}</a>
		</Empty>
	) : (
		<Empty>
			{t("runs.none")} <a href="#/launch">{t("page.launch")}</a>
		</Empty>
	);
}

/** The same jobs as a table or over time. */
function Views({ query, timeline }: { query: URLSearchParams; timeline: boolean }) {
	const other = new URLSearchParams(query);
	other.delete("view");
	const table = placeHref("runs", other);
	other.set("view", "timeline");
	return (
		<nav class="switch" aria-label={t("runs.views")}>
			<a class="button" aria-current={timeline ? undefined : "true"} href={table}>
				{t("runs.asTable")}
			</a>
			<a class="button" aria-current={timeline ? "true" : undefined} href={placeHref("runs", other)}>
				{t("runs.asTimeline")}
			</a>
		</nav>
	);
}

function RunTable(props: {
	jobs: Job[];
	columns: RunColumn[];
	query: URLSearchParams;
	clock: number;
	busy: boolean;
	chosen: ReadonlySet<number>;
	onChoose: (chosen: ReadonlySet<number>) => void;
}) {
	const { jobs, columns, chosen } = props;
	const choose = (ids: number[], on: boolean) => {
		const next = new Set(chosen);
		for (const id of ids) {
			if (on) next.add(id);
			else next.delete(id);
		}
		props.onChoose(next);
	};
	return (
		<div class="table-scroll">
			<table class="runs dense" aria-busy={props.busy}>
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
						{columns.map((column) => (
							<Heading key={column.key} column={column} query={props.query} />
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
							{columns.map((column) => (
								<td key={column.key} class={classOf(column)}>
									{column.show(job, props.clock)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

const classOf = (column: RunColumn) => [column.wideOnly && "wide-only", column.figure && "figure"].filter(Boolean).join(" ");

function Heading({ column, query }: { column: RunColumn; query: URLSearchParams }) {
	const order = orderOf(query);
	const label = t(`run.${column.key}` as TextKey);
	const sorted = order.column === column.key;
	const next = fromFirstPage(query);
	next.set("sort", `${column.key}:${sorted && order.down ? "up" : "down"}`);
	return (
		<th
			scope="col"
			class={classOf(column)}
			aria-sort={sorted ? (order.down ? "descending" : "ascending") : undefined}
		>
			{column.key in SORTABLE ? <a href={placeHref("runs", next)}>{label}</a> : label}
		</th>
	);
}

const isInside = (query: URLSearchParams) => query.has("after") || Number(query.get("page") ?? 0) > 0;

function Pager({ query, page, total }: { query: URLSearchParams; page: JobPage | undefined; total: Total | null }) {
	if (!page) return null;
	const order = orderOf(query);
	const at = Number(query.get("page") ?? 0);
	const inside = isInside(query);
	const first = fromFirstPage(query);
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
			{total && (
				<span class="small">
					{t(total.estimated ? "runs.about" : "runs.total", { n: number(total.n) })}
				</span>
			)}
		</nav>
	);
}
