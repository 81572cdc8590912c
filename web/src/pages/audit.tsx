// SPDX-License-Identifier: Apache-2.0
/* pages/audit.tsx: who did what, when and from where; how far that is sealed. */
import { useEffect, useState } from "preact/hooks";
import { auditExportHref, auditPage, auditQuery, auditState, FILTERS, type AuditEntry, type AuditState } from "../api/audit.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { go, placeHref } from "../router.ts";
import { Empty, ErrorBox, PageHead, When } from "../ui/basics.tsx";
import type { PageProps } from "./index.ts";

export function AuditPage({ query }: PageProps) {
	const asked = auditQuery(query);
	const key = JSON.stringify(asked);
	const first = useLive(`audit ${key}`, (signal) => auditPage(asked, undefined, signal));
	const state = useLive("audit state", auditState, 30000);
	/** The pages behind the first one, as far as somebody has asked for them. */
	const [more, setMore] = useState<{ entries: AuditEntry[]; next: string | null }>();
	const [error, setError] = useState<Error>();
	useEffect(() => setMore(undefined), [key, first.value]);
	const entries = [...(first.value?.entries ?? []), ...(more?.entries ?? [])];
	const next = more ? more.next : (first.value?.next ?? null);
	const goOn = async (before: string) => {
		setError(undefined);
		try {
			const page = await auditPage(asked, before);
			setMore({ entries: [...(more?.entries ?? []), ...page.entries], next: page.next });
		} catch (failure) {
			setError(failure instanceof Error ? failure : new Error(String(failure)));
		}
	};
	return (
		<>
			<PageHead title={t("page.audit")}>
				<button type="button" onClick={first.refresh}>
					{t("audit.refresh")}
				</button>
				<a class="button" href={auditExportHref(asked)} download="audit.jsonl">
					{t("audit.export")}
				</a>
			</PageHead>
			{state.value && <Seal state={state.value} />}
			<Filter query={query} />
			<ErrorBox error={first.error ?? state.error ?? error} retry={first.refresh} />
			{first.value && entries.length === 0 && next === null && <Empty>{t("audit.none")}</Empty>}
			{entries.length > 0 && <Rows entries={entries} />}
			{next !== null && (
				<button type="button" onClick={() => void goOn(next)}>
					{t("audit.more")}
				</button>
			)}
		</>
	);
}

function Seal({ state }: { state: AuditState }) {
	return (
		<div role="status" class="audit-seal">
			<p>
				{state.seals === 0 ? t("audit.unsealedYet") : t("audit.sealed", { seals: state.seals })}{" "}
				{state.sealedAt !== null && (
					<>
						<When ms={state.sealedAt} />.
					</>
				)}{" "}
				{t("audit.unsealed", { rows: state.unsealed })}
				{state.purged > 0 && ` ${t("audit.purged", { rows: state.purged })}`}
			</p>
			{state.blind.length > 0 && (
				<p class="error-box" role="alert">
					{t("audit.blind", { tables: state.blind.join(", ") })}
				</p>
			)}
		</div>
	);
}

function Filter({ query }: { query: URLSearchParams }) {
	const change = (name: string, value: string) => {
		const changed = new URLSearchParams(query);
		if (value) changed.set(name, value);
		else changed.delete(name);
		go(placeHref("audit", changed), "replace");
	};
	return (
		<form class="more-filters" role="search" onSubmit={(event) => event.preventDefault()}>
			{FILTERS.map((name) => (
				<label key={name}>
					{t(`audit.filter.${name}`)}
					<input
						type={name === "from" || name === "until" ? "datetime-local" : name === "object" ? "number" : "text"}
						min={name === "object" ? 1 : undefined}
						value={query.get(name) ?? ""}
						onChange={(event) => change(name, event.currentTarget.value)}
					/>
				</label>
			))}
		</form>
	);
}

/** Of somebody at the database itself its role. */
const whoOf = (entry: AuditEntry) => entry.account ?? (entry.credential ? entry.databaseUser : null);

function Rows({ entries }: { entries: AuditEntry[] }) {
	return (
		<div class="table-scroll" role="region" aria-label={t("page.audit")} tabIndex={0}>
			<table>
				<caption class="unseen">{t("page.audit")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("audit.when")}</th>
						<th scope="col">{t("audit.who")}</th>
						<th scope="col">{t("audit.what")}</th>
						<th scope="col">{t("audit.object")}</th>
						<th scope="col" class="wide-only">
							{t("audit.changes")}
						</th>
						<th scope="col" class="wide-only">
							{t("audit.from")}
						</th>
					</tr>
				</thead>
				<tbody>
					{entries.map((entry) => (
						<tr key={entry.id}>
							<td>
								<When ms={new Date(entry.at).getTime()} />
							</td>
							<td>{whoOf(entry) ?? <span class="none">–</span>}</td>
							<td>{entry.action}</td>
							<td>
								{entry.kind} {entry.object ?? ""} {entry.name ?? ""}
							</td>
							<td class="wide-only">
								<Changes entry={entry} />
							</td>
							<td class="wide-only">
								{entry.address} {entry.credential} {entry.program}
								{entry.request && <div class="small">{entry.request}</div>}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function Changes({ entry }: { entry: AuditEntry }) {
	const lines = entry.changes.map((one) => (
		<li key={one.field}>
			{one.field}
			{(one.before !== null || one.after !== null) && ": "}
			{one.before !== null && <del>{one.before}</del>} {one.after !== null && <ins>{one.after}</ins>}
		</li>
	));
	if (lines.length === 0) return <span class="none">–</span>;
	if (lines.length <= 3) return <ul class="audit-changes">{lines}</ul>;
	return (
		<details>
			<summary>{t("audit.changed", { n: lines.length })}</summary>
			<ul class="audit-changes">{lines}</ul>
		</details>
	);
}
