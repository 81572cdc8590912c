// SPDX-License-Identifier: Apache-2.0
/* pages/launch_csv.tsx: many jobs from a file of comma separated values: looked at line by line before any of them is launched. */
import { useMemo, useState } from "preact/hooks";
import { enqueueAll } from "../api/jobs.ts";
import type { Definition } from "../api/types.ts";
import { bulkOf, COLUMNS, type Bulk, type Problem } from "../csv.ts";
import { dateTime, number, t, type TextKey } from "../i18n/index.ts";
import { placeHref } from "../router.ts";
import { Empty, ErrorBox } from "../ui/basics.tsx";
import { wrongWords } from "../ui/typed_input.tsx";

const FILE_MAX = 5_000_000;
const SHOWN_MAX = 100;

const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

export function LaunchCsv({ definitions }: { definitions: Definition[] }) {
	const [text, setText] = useState("");
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const [made, setMade] = useState<number[]>();
	// Of this text: sent twice by a nervous hand or a lost answer, it is still the same jobs.
	const [key, setKey] = useState(newKey);
	const there = useMemo(() => new Map(definitions.map((one) => [one.applicationName, one])), [definitions]);
	const bulk = useMemo(() => bulkOf(text, there, key), [text, there, key]);
	const write = (next: string) => {
		setText(next);
		setKey(newKey());
		setMade(undefined);
		setError(undefined);
	};
	const choose = async (file: File | undefined) => {
		if (!file) return;
		if (file.size > FILE_MAX) setError(new Error(t("csv.tooLarge")));
		else write(await file.text());
	};
	const launch = async () => {
		setBusy(true);
		setError(undefined);
		try {
			setMade(await enqueueAll(bulk.requests.map((one) => one.request)));
		} catch (failure) {
			setError(failure as Error);
		}
		setBusy(false);
	};
	return (
		<div class="csv">
			<p>{t("csv.how", { columns: COLUMNS.join(", ") })}</p>
			<p>
				<label>
					{t("csv.file")} <input type="file" accept=".csv,text/csv,text/plain" onChange={(event) => void choose(event.currentTarget.files?.[0])} />
				</label>
			</p>
			<label>
				{t("csv.text")}
				<textarea
					rows={8}
					wrap="off"
					spellcheck={false}
					placeholder={"definition,user,month\nInvoice,alice,03\nInvoice,bob,04"}
					value={text}
					onInput={(event) => write(event.currentTarget.value)}
				/>
			</label>
			<Problems problems={bulk.problems} />
			<ErrorBox error={error} />
			{made ? <Made ids={made} /> : <Preview bulk={bulk} busy={busy} onLaunch={launch} />}
		</div>
	);
}

function Problems({ problems }: { problems: Problem[] }) {
	if (problems.length === 0) return null;
	return (
		<div class="error-box" role="alert">
			<p>{t("csv.problems", { n: number(problems.length) })}</p>
			<ul>
				{problems.slice(0, SHOWN_MAX).map((one, i) => (
					<li key={i}>
						{t("csv.line", { n: one.line })} {t(`csv.wrong.${one.kind}` as TextKey, { about: one.about, rule: one.type && one.rule ? wrongWords(one.type, one.rule) : "" })}
					</li>
				))}
			</ul>
		</div>
	);
}

function Preview({ bulk, busy, onLaunch }: { bulk: Bulk; busy: boolean; onLaunch: () => Promise<void> }) {
	const { requests } = bulk;
	if (requests.length === 0) return bulk.problems.length > 0 ? null : <Empty>{t("csv.nothing")}</Empty>;
	return (
		<>
			<p>
				<button type="button" class="primary" disabled={busy || bulk.problems.length > 0} onClick={() => void onLaunch()}>
					{t("csv.launch", { n: number(requests.length) })}
				</button>{" "}
				{bulk.problems.length > 0 && <span class="small">{t("csv.notYet")}</span>}
			</p>
			<div class="table-scroll">
				<table class="dense">
					<caption class="unseen">{t("csv.preview")}</caption>
					<thead>
						<tr>
							<th scope="col" class="figure">{t("csv.lineHead")}</th>
							<th scope="col">{t("run.name")}</th>
							<th scope="col">{t("run.parameters")}</th>
							<th scope="col">{t("csv.more")}</th>
						</tr>
					</thead>
					<tbody>
						{requests.slice(0, SHOWN_MAX).map(({ line, request }) => (
							<tr key={line}>
								<td class="figure">{line}</td>
								<td>{request.applicationName}</td>
								<td class="code">{request.parameters.map((one) => `${one.key}=${one.value}`).join("  ")}</td>
								<td>{moreOf(request).join(", ")}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{requests.length > SHOWN_MAX && <p class="small">{t("csv.notShown", { n: number(requests.length - SHOWN_MAX) })}</p>}
		</>
	);
}

type Request = Bulk["requests"][number]["request"];

/** All else that a line says, in words. */
const moreOf = (request: Request) =>
	[
		request.user && `${t("run.user")}: ${request.user}`,
		request.sessionID && `${t("run.session")}: ${request.sessionID}`,
		request.queueName && `${t("run.queue")}: ${request.queueName}`,
		request.priority !== undefined && `${t("run.priority")}: ${request.priority}`,
		request.runAfter !== undefined && `${t("run.runAfter")}: ${dateTime(request.runAfter)}`,
		request.startState && t("state.HOLDED"),
		...[request.keyword1, request.keyword2, request.keyword3],
	].filter(Boolean);

function Made({ ids }: { ids: number[] }) {
	return (
		<div role="status">
			<p>{t("csv.made", { n: number(ids.length) })}</p>
			<p>
				{ids.slice(0, 20).map((id) => (
					<span key={id}>
						<a href={`#/run/${id}`}>#{id}</a>{" "}
					</span>
				))}
				<a class="button" href={placeHref("runs")}>
					{t("page.runs")}
				</a>
			</p>
		</div>
	);
}
