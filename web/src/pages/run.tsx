// SPDX-License-Identifier: Apache-2.0
/* pages/run.tsx: one job: what it is, what became of it, what it printed and made, and orders to it. */
import { useState } from "preact/hooks";
import {
	changeJob,
	childrenOf,
	enqueueAgain,
	isLive,
	moveJob,
	orderJob,
	readJob,
	type JobOrder,
} from "../api/jobs.ts";
import type { Attempt, Job } from "../api/types.ts";
import { dependencyOf } from "../family.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead, Progress, StateBadge, Took, When } from "../ui/basics.tsx";
import { Confirm, FormDialog } from "../ui/dialog.tsx";
import { LogViewer } from "../ui/log_viewer.tsx";
import { attempt } from "../ui/toast.tsx";
import { MoveDialog } from "./bulk_bar.tsx";
import type { PageProps } from "./index.ts";
import { FamilyView } from "./run_family.tsx";
import { FilesView } from "./run_files.tsx";

const EVERY_MS = 2000;
const VIEWS = ["overview", "stdout", "stderr", "files", "family"] as const;
type View = (typeof VIEWS)[number];

export function RunPage({ rest, query }: PageProps) {
	const id = Number(rest);
	const { may } = useSession();
	const valid = Number.isSafeInteger(id) && id > 0;
	const [over, setOver] = useState(false);
	const job = useLive(
		`run ${id}`,
		async (signal) => {
			const found = await readJob(id, signal);
			setOver(!isLive(found));
			return found;
		},
		valid && !over ? EVERY_MS : 0,
		{ jobInstanceId: rest },
	);
	useNow(1000); // durations grow
	if (!valid) return <Empty>{t("run.noNumber", { text: rest })}</Empty>;
	const views = VIEWS.filter((view) => view === "overview" || view === "family" || may(view === "files" ? "files:read" : "logs:read"));
	const view = views.find((one) => one === query.get("view")) ?? "overview";
	const found = job.value;
	const attemptShown = Number(query.get("attempt")) || undefined;
	return (
		<>
			<PageHead title={found ? `${found.applicationName ?? ""} #${id}` : `#${id}`}>
				{found && <Orders job={found} onDone={() => { setOver(false); job.refresh(); }} />}
			</PageHead>
			<ErrorBox error={job.error} retry={job.refresh} />
			{found && (
				<>
					<p class="run-head">
						<StateBadge state={found.state} late={found.late} />
						<Progress percent={found.progress} />
						{found.beganRunningDate !== null && <Took from={found.beganRunningDate} to={found.endDate} />}
						{found.endReason && <span>{found.endReason}</span>}
					</p>
					<nav class="tabs" aria-label={t("run.views")}>
						{views.map((one) => (
							<a
								key={one}
								href={placeHref(`run/${id}`, { view: one === "overview" ? undefined : one })}
								aria-current={one === view ? "page" : undefined}
							>
								{t(`run.${one}`)}
							</a>
						))}
					</nav>
					<RunView view={view} job={found} attempt={attemptShown} />
				</>
			)}
		</>
	);
}

function RunView({ view, job, attempt: shown }: { view: View; job: Job; attempt: number | undefined }) {
	if (view === "files") return <FilesView job={job} />;
	if (view === "family") return <FamilyView job={job} />;
	if (view === "overview") return <Overview job={job} />;
	const attempts = job.attempts.map((one) => one.attempt);
	return (
		<>
			{attempts.length > 0 && (
				<p class="small">
					{t("run.attempt")}{" "}
					{[...attempts, job.attempt].map((n) => (
						<a
							key={n}
							class="button"
							aria-current={n === (shown ?? job.attempt) ? "true" : undefined}
							href={placeHref(`run/${job.id}`, { view, attempt: n === job.attempt ? undefined : String(n) })}
						>
							{n}
						</a>
					))}
				</p>
			)}
			<LogViewer key={`${view} ${shown}`} id={job.id} stream={view} attempt={shown} live={isLive(job) && !shown} />
		</>
	);
}

function Overview({ job }: { job: Job }) {
	const rows: [TextKey, preact.ComponentChildren][] = [
		["run.name", <a href={placeHref("runs", { name: job.applicationName ?? "" })} title={t("run.othersOfIt")}>{job.applicationName}</a>],
		["run.queue", job.queueName],
		["run.node", job.nodeName],
		["run.user", job.user],
		["run.enqueued", <When ms={job.enqueueDate} />],
		["run.runAfter", job.runAfter === null ? null : <When ms={job.runAfter} />],
		["run.began", <When ms={job.beganRunningDate} />],
		["run.ended", <When ms={job.endDate} />],
		["run.exitCode", job.signal !== null ? t("run.signal", { n: job.signal }) : job.exitCode],
		["run.reason", job.endReason],
		["run.priority", job.priority],
		["run.position", isLive(job) ? job.position : null],
		["run.attemptOf", job.maxAttempts > 1 ? t("run.ofMax", { n: job.failures + 1, max: job.maxAttempts }) : null],
		["run.parent", job.parent ? <a href={`#/run/${job.parent}`}>#{job.parent}</a> : null],
		["run.restartOf", job.restartOf === null ? null : <a href={`#/run/${job.restartOf}`}>#{job.restartOf}</a>],
		["run.waitFor", job.waitFor.length > 0 ? <WaitFor list={job.waitFor} /> : null],
		["run.schedule", job.scheduleId],
		["run.concurrencyKey", job.concurrencyKey],
		["run.session", job.sessionID],
		["run.application", job.application],
		["run.module", job.module],
		["run.keywords", [job.keyword1, job.keyword2, job.keyword3].filter(Boolean).join(", ")],
		["run.email", job.email],
		["run.traceId", job.traceId],
	];
	return (
		<div class="columns">
			<section>
				<h2>{t("run.facts")}</h2>
				<dl class="facts">
					{rows
						.filter(([, value]) => value !== null && value !== undefined && value !== "")
						.map(([key, value]) => (
							<div key={key}>
								<dt>{t(key)}</dt>
								<dd>{value}</dd>
							</div>
						))}
				</dl>
				<h2>{t("run.parameters")}</h2>
				{job.parameters.length === 0 ? (
					<Empty>{t("run.noParameters")}</Empty>
				) : (
					<dl class="facts">
						{job.parameters.map((pair) => (
							<div key={pair.key}>
								<dt>{pair.key}</dt>
								<dd class="code">{pair.value}</dd>
							</div>
						))}
					</dl>
				)}
			</section>
			<section>
				<h2>{t("run.messages")}</h2>
				{job.messages.length === 0 ? (
					<Empty>{t("run.noMessages")}</Empty>
				) : (
					<ul class="messages">
						{job.messages.map((message, i) => (
							<li key={i}>{message}</li>
						))}
					</ul>
				)}
				{job.attempts.length > 0 && <Attempts job={job} />}
				<Children job={job} />
			</section>
		</div>
	);
}

/** Links to those jobs, each with what it takes of them. */
function WaitFor({ list }: { list: string[] }) {
	return (
		<>
			{list.map((text) => {
				const { id, tie } = dependencyOf(text);
				return (
					<span key={text} class="waits">
						{tie} <a href={`#/run/${id}`}>#{id}</a>{" "}
					</span>
				);
			})}
		</>
	);
}

/** Every attempt that is over; what the newest does is told by the job itself. */
function Attempts({ job }: { job: Job }) {
	return (
		<>
			<h2>{t("run.attempts")}</h2>
			<div class="table-scroll">
				<table class="dense">
					<caption class="unseen">{t("run.attempts")}</caption>
					<thead>
						<tr>
							<th scope="col" class="figure">{t("run.attempt")}</th>
							<th scope="col">{t("run.node")}</th>
							<th scope="col">{t("run.began")}</th>
							<th scope="col" class="figure">{t("run.took")}</th>
							<th scope="col">{t("run.outcome")}</th>
						</tr>
					</thead>
					<tbody>
						{job.attempts.map((one) => (
							<tr key={one.attempt}>
								<td class="figure">
									<a href={placeHref(`run/${job.id}`, { view: "stdout", attempt: String(one.attempt) })}>{one.attempt}</a>
								</td>
								<td>{one.nodeName}</td>
								<td>
									<When ms={one.beganRunningDate} />
								</td>
								<td class="figure">
									<Took from={one.beganRunningDate} to={one.endDate} />
								</td>
								<td>{outcomeOf(one)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</>
	);
}

function outcomeOf(one: Attempt): string {
	const code = one.signal !== null ? t("run.signal", { n: one.signal }) : one.exitCode !== null ? `${t("run.exitCode")} ${one.exitCode}` : "";
	return [code, one.endReason].filter(Boolean).join(": ");
}

function Children({ job }: { job: Job }) {
	const children = useLive(`children ${job.id}`, (signal) => childrenOf(job.id, signal), isLive(job) ? 5000 : 0);
	if (!children.value || children.value.length === 0) return null;
	return (
		<>
			<h2>
				<a href={placeHref("runs", { parent: String(job.id) })}>{t("run.children")}</a>
			</h2>
			<ul class="job-list">
				{children.value.slice(0, 20).map((child) => (
					<li key={child.id}>
						<a href={`#/run/${child.id}`}>
							{child.applicationName} <span class="small">#{child.id}</span>
						</a>
						<StateBadge state={child.state} late={child.late} />
					</li>
				))}
			</ul>
		</>
	);
}

const ORDERS_OF: Record<string, JobOrder[]> = {
	SCHEDULED: ["hold", "kill", "delete"],
	SUBMITTED: ["hold", "kill", "delete"],
	HOLDED: ["resume", "kill", "delete"],
	ATTRIBUTED: ["kill"],
	RUNNING: ["pauseRunning", "resumeRunning", "kill"],
	CRASHED: ["restart"],
	KILLED: ["restart"],
};
const NEEDS: Record<JobOrder, string[]> = {
	kill: ["job_instance:create", "job_instance:update"],
	hold: ["job_instance:create", "job_instance:update"],
	resume: ["job_instance:create", "job_instance:update", "job_instance:delete"],
	pauseRunning: ["job_instance:create", "job_instance:update"],
	resumeRunning: ["job_instance:create", "job_instance:update", "job_instance:delete"],
	restart: ["job_instance:delete"],
	again: ["job_instance:create"],
	delete: ["job_instance:delete"],
};

function Orders({ job, onDone }: { job: Job; onDone: () => void }) {
	const { may } = useSession();
	const [asked, setAsked] = useState<JobOrder>();
	const [dialog, setDialog] = useState<"move" | "priority">();
	const waiting = ["SCHEDULED", "SUBMITTED", "HOLDED"].includes(job.state);
	const give = async (what: JobOrder) => {
		if (await attempt(t(`order.${what}.done`), () => orderJob(what, job.id))) onDone();
	};
	return (
		<>
			{(ORDERS_OF[job.state] ?? [])
				.filter((what) => may(...NEEDS[what]))
				.map((what) => {
					const asks = what === "kill" || what === "delete" || what === "restart";
					return (
						<button
							type="button"
							key={what}
							class={what === "kill" || what === "delete" ? "danger" : ""}
							onClick={() => (asks ? setAsked(what) : void give(what))}
						>
							{t(`order.${what}`)}
						</button>
					);
				})}
			{waiting && may("queue_position:create", "queue_position:update") && (
				<button type="button" onClick={() => setDialog("move")}>
					{t("bulk.move")}
				</button>
			)}
			{waiting && may("job_instance:update", "job_instance:create") && (
				<button type="button" onClick={() => setDialog("priority")}>
					{t("run.priority")}
				</button>
			)}
			{!isLive(job) && job.state !== "CANCELLED" && may("job_instance:create") && (
				<button
					type="button"
					onClick={() => void attempt(t("order.again.done"), async () => go(`#/run/${await enqueueAgain(job.id)}`))}
				>
					{t("order.again")}
				</button>
			)}
			{!isLive(job) && may("job_instance:create") && may("jd:read") && (
				<a class="button" href={placeHref("launch", { definition: job.applicationName ?? "", like: String(job.id) })}>
					{t("order.againChanged")}
				</a>
			)}
			{asked && (
				<Confirm
					title={t(`order.${asked}`)}
					text={t("order.sure", { name: job.applicationName ?? "", id: job.id })}
					action={t(`order.${asked}`)}
					danger={asked !== "restart"}
					run={async () => {
						await orderJob(asked, job.id);
						if (asked === "delete") go("#/runs");
						else onDone();
					}}
					onClose={() => setAsked(undefined)}
				/>
			)}
			{dialog === "move" && (
				<MoveDialog
					onClose={() => setDialog(undefined)}
					onChosen={async (queue) => {
						await moveJob(job.id, queue);
						onDone();
					}}
				/>
			)}
			{dialog === "priority" && <PriorityDialog job={job} onClose={() => setDialog(undefined)} onDone={onDone} />}
		</>
	);
}

function PriorityDialog(props: { job: Job; onClose: () => void; onDone: () => void }) {
	const [priority, setPriority] = useState(props.job.priority ?? 0);
	return (
		<FormDialog
			title={t("run.priority")}
			action={t("action.save")}
			onClose={props.onClose}
			save={async () => {
				await changeJob(props.job.id, "priority", priority);
				props.onDone();
			}}
		>
			<label>
				{t("run.priorityHow")}
				<input
					type="number"
					min={0}
					max={10}
					required
					value={priority}
					onInput={(event) => setPriority(event.currentTarget.valueAsNumber)}
				/>
			</label>
		</FormDialog>
	);
}
