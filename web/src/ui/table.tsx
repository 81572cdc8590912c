// SPDX-License-Identifier: Apache-2.0
/*
 * ui/table.tsx: a table of things, sorted and searched here, as the address says: for lists that are short, one on a page.  Jobs have a
 * table of their own.
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { go, placeHref, usePlace } from "../router.ts";
import { Empty } from "./basics.tsx";
import { ColumnChoice, useColumns } from "./columns.tsx";

export interface Column<T> {
	key: string;
	label: string;
	/** What it is sorted and searched by. */
	value: (row: T) => string | number | boolean | null | undefined;
	show?: (row: T) => ComponentChildren;
	/** Not on narrow screens. */
	wideOnly?: boolean;
	/** Numbers stand under each other. */
	figure?: boolean;
	/** Not shown unless the reader chooses it. */
	unusual?: boolean;
}

const PAGE = 100;

function compare(a: unknown, b: unknown): number {
	if (typeof a === "number" && typeof b === "number") return a - b;
	return String(a ?? "").localeCompare(String(b ?? ""), undefined, { numeric: true });
}

export function Table<T extends { id: number }>(props: {
	rows: readonly T[];
	columns: Column<T>[];
	actions?: (row: T) => ComponentChildren;
	empty: ComponentChildren;
	caption: string;
	/** What the browser remembers its columns by. */
	name: string;
}) {
	const all = props.columns.map(({ key, label, unusual }) => ({ key, label, usual: !unusual }));
	const [chosen, setChosen] = useColumns(props.name, all);
	const columns = props.columns.filter((column) => chosen.has(column.key));
	const place = usePlace();
	const search = place.query.get("q") ?? "";
	const [sortKey, way] = (place.query.get("sort") ?? "").split(":");
	const sort = { key: sortKey || props.columns[0]!.key, down: way === "down" };
	const set = (name: "q" | "sort", value: string) => {
		const query = new URLSearchParams(place.query);
		query.set(name, value);
		go(placeHref(place.path, query), "replace");
	};
	const [shown, setShown] = useState(PAGE);
	const words = search.toLowerCase().split(/\s+/).filter(Boolean);
	const found = props.rows.filter((row) => {
		const text = props.columns.map((column) => String(column.value(row) ?? "")).join("\n").toLowerCase();
		return words.every((word) => text.includes(word));
	});
	const by = props.columns.find((column) => column.key === sort.key) ?? props.columns[0]!;
	const sorted = [...found].sort((a, b) => compare(by.value(a), by.value(b)) * (sort.down ? -1 : 1));
	if (props.rows.length === 0) return <Empty>{props.empty}</Empty>;
	return (
		<>
			<div class="table-tools">
				<input
					type="search"
					placeholder={t("table.search")}
					aria-label={t("table.search")}
					value={search}
					onInput={(event) => set("q", event.currentTarget.value)}
				/>
				<span class="small spring">{t("table.count", { shown: found.length, all: props.rows.length })}</span>
				<ColumnChoice all={all} chosen={chosen} onChange={setChosen} />
			</div>
			<div class="table-scroll">
				<table>
					<caption class="unseen">{props.caption}</caption>
					<thead>
						<tr>
							{columns.map((column) => (
								<th
									key={column.key}
									scope="col"
									class={classOf(column)}
									aria-sort={column.key === by.key ? (sort.down ? "descending" : "ascending") : "none"}
								>
									<button
										type="button"
										class="plain"
										onClick={() => set("sort", `${column.key}:${column.key === by.key && !sort.down ? "down" : "up"}`)}
									>
										{column.label}
									</button>
								</th>
							))}
							{props.actions && (
								<th scope="col">
									<span class="unseen">{t("table.actions")}</span>
								</th>
							)}
						</tr>
					</thead>
					<tbody>
						{sorted.slice(0, shown).map((row) => (
							<tr key={row.id}>
								{columns.map((column) => (
									<td key={column.key} class={classOf(column)}>
										{column.show ? column.show(row) : cell(column.value(row))}
									</td>
								))}
								{props.actions && <td class="row-actions"><div>{props.actions(row)}</div></td>}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{sorted.length > shown && (
				<button type="button" onClick={() => setShown(shown + PAGE)}>
					{t("table.more")}
				</button>
			)}
		</>
	);
}

const classOf = (column: { wideOnly?: boolean; figure?: boolean }) =>
	[column.wideOnly && "wide-only", column.figure && "figure"].filter(Boolean).join(" ");

function cell(value: string | number | boolean | null | undefined): ComponentChildren {
	if (value === true) return t("yes");
	if (value === false) return t("no");
	if (value === null || value === undefined || value === "") return <span class="none">–</span>;
	return String(value);
}
