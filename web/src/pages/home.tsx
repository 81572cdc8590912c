// SPDX-License-Identifier: Apache-2.0
/* pages/home.tsx: how things stand now, and where to look. */
import { listConfig, queueLoads, usage } from "../api/config.ts";
import { findingsCounts } from "../api/doctor.ts";
import { searchJobs } from "../api/jobs.ts";
import type { Job, QueueLoad } from "../api/types.ts";
import { number, t } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead, StateBadge, Took, When } from "../ui/basics.tsx";
import { FindingsBadge } from "../ui/findings_badge.tsx";
import { Lag, Running } from "../ui/queue_load.tsx";
import { Plots } from "./home_plots.tsx";
import type { PageProps } from "./index.ts";

const EVERY_MS = 5000;
const FINDINGS_MS = 30000;
const CRASHED_MS = 15000;
/** What figures and lists are about. */
const TOLD = { kinds: "state" };

export function HomePage({ query }: PageProps) {
	const { may } = useSession();
	const seesJobs = may("job_instance:read");
	const figures = useLive("usage", usage, EVERY_MS, seesJobs ? TOLD : null);
	const now = useNow(1000);
	const n = figures.value;
	return (
		<>
			<PageHead title={t("page.home")}>
				{may("job_instance:create") && may("jd:read") && (
					<a class="button primary" href="#/launch">
						{t("page.launch")}
					</a>
				)}
			</PageHead>
			<ErrorBox error={figures.error} retry={figures.refresh} />
			<FirstSteps />
			<div class="cards">
				<Card label={t("home.running")} value={n?.runningJobs} href={placeHref("runs", { state: "RUNNING" })} />
				<Card label={t("home.late")} value={n?.lateJobs} href={placeHref("runs", { state: "RUNNING" })} warn />
				{seesJobs && <CrashedLately />}
				<Card label={t("home.waiting")} value={n?.submittedJobs} href={placeHref("runs", { state: "SUBMITTED" })} />
				<Card label={t("home.scheduled")} value={n?.scheduledJobs} href={placeHref("runs", { state: "SCHEDULED" })} />
				<Card label={t("home.held")} value={n?.pausedJobs} href={placeHref("runs", { state: "HOLDED" })} warn />
				<Card label={t("home.nodes")} value={n?.activeNodes} href="#/nodes" warnAtZero />
			</div>
			<Plots query={query} />
			<div class="columns">
				<div>
					{may("queue:read") && <QueueLag now={now} told={seesJobs ? TOLD : null} />}
					{may("node:read") && <NodeHealth now={now} />}
				</div>
				{seesJobs && (
					<div>
						<JobList
							title={t("home.runningNow")}
							empty={t("home.nothingRuns")}
							query={{ state: "RUNNING" }}
							now={now}
							statuses={["RUNNING", "ATTRIBUTED"]}
						/>
						<JobList
							title={t("home.failedLately")}
							empty={t("home.nothingFailed")}
							query={{ state: "CRASHED" }}
							now={now}
							statuses={["CRASHED"]}
						/>
					</div>
				)}
			</div>
		</>
	);
}

function QueueLag({ now, told }: { now: number; told: Record<string, string> | null }) {
	const loads = useLive("queue loads", queueLoads, EVERY_MS, told);
	return (
		<section>
			<h2>
				<a href="#/queues">{t("home.queues")}</a>
			</h2>
			<ErrorBox error={loads.error} />
			{loads.value && (
				<div class="table-scroll">
					<table class="dense">
						<caption class="unseen">{t("home.queues")}</caption>
						<thead>
							<tr>
								<th scope="col">{t("run.queue")}</th>
								<th scope="col" class="figure">{t("load.running")}</th>
								<th scope="col" class="figure">{t("load.waiting")}</th>
								<th scope="col" class="figure">{t("home.lag")}</th>
							</tr>
						</thead>
						<tbody>
							{loads.value.map((load) => (
								<QueueRow key={load.id} load={load} now={now} />
							))}
						</tbody>
					</table>
				</div>
			)}
		</section>
	);
}

function QueueRow({ load, now }: { load: QueueLoad; now: number }) {
	return (
		<tr>
			<td>
				<a href={placeHref("runs", { queue: load.name })}>{load.name}</a>
			</td>
			<td class="figure">
				<Running load={load} />
			</td>
			<td class="figure">{load.waiting === 0 ? <span class="none">0</span> : number(load.waiting)}</td>
			<td class="figure">
				<Lag load={load} now={now} />
			</td>
		</tr>
	);
}

const HOUR_MS = 3600000;

/** What fails now. */
function CrashedLately() {
	const crashed = useLive(
		"crashed lately",
		(signal) => searchJobs({ statuses: ["CRASHED"], endedAfter: Date.now() - HOUR_MS, queryLiveInstances: false, queryHistoryInstances: true, pageSize: 0 }, signal),
		CRASHED_MS,
		TOLD,
	);
	return <Card label={t("home.crashedLately")} value={crashed.value?.resultSize ?? undefined} href={placeHref("runs", { state: "CRASHED", endedfrom: "1h" })} warn />;
}

function Card(props: { label: string; value: number | undefined; href: string; warn?: boolean; warnAtZero?: boolean }) {
	const warned = (props.warn && (props.value ?? 0) > 0) || (props.warnAtZero && props.value === 0);
	return (
		<a class={warned ? "card warned" : "card"} href={props.href}>
			<strong>{props.value === undefined ? "…" : number(props.value)}</strong>
			<span>{props.label}</span>
		</a>
	);
}

function JobList(props: {
	title: string;
	empty: string;
	query: Record<string, string>;
	statuses: string[];
	now: number;
}) {
	const past = props.statuses.includes("CRASHED");
	const jobs = useLive(
		props.title,
		(signal) =>
			searchJobs(
				{
					statuses: props.statuses,
					queryLiveInstances: !past,
					queryHistoryInstances: past,
					pageSize: 8,
					sortby: [{ col: "ID", order: "DESCENDING" }],
				},
				signal,
			),
		EVERY_MS,
		TOLD,
	);
	return (
		<section>
			<h2>
				<a href={placeHref("runs", props.query)}>{props.title}</a>
			</h2>
			<ErrorBox error={jobs.error} />
			{jobs.value && jobs.value.instances.length === 0 && <Empty>{props.empty}</Empty>}
			<ul class="job-list">
				{jobs.value?.instances.map((job: Job) => (
					<li key={job.id}>
						<a href={`#/run/${job.id}`}>
							{job.applicationName} <span class="small">#{job.id}</span>
						</a>
						<StateBadge state={job.state} late={job.late} />
						<span class="small">
							{past ? <When ms={job.endDate} now={props.now} /> : <Took from={job.beganRunningDate} to={null} />}
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

interface NodeLine {
	id: number;
	name: string;
	alive: boolean;
	enabled: boolean;
	draining: boolean;
	template: boolean;
	runningJobs: number;
	lastSeenAlive: number | null;
}

function NodeHealth({ now }: { now: number }) {
	const nodes = useLive("nodes", (signal) => listConfig<NodeLine>("node", signal), EVERY_MS);
	const seesFindings = useSession().may("doctor:read");
	const findings = useLive("findings counts", (signal) => (seesFindings ? findingsCounts(signal) : Promise.resolve([])), seesFindings ? FINDINGS_MS : 0);
	const worrying = findings.value?.filter((count) => count.wrong > 0 || count.outdated);
	const real = nodes.value?.filter((node) => !node.template);
	return (
		<section>
			<h2>
				<a href="#/nodes">{t("page.nodes")}</a>
			</h2>
			<ErrorBox error={nodes.error ?? findings.error} />
			<ul class="job-list">
				{real?.map((node) => (
					<li key={node.id}>
						<a href="#/nodes">{node.name}</a>
						<span class={`badge ${node.alive ? "good" : "bad"}`}>{t(node.alive ? "node.alive" : "node.silent")}</span>
						{!node.enabled && <span class="badge warn">{t("node.paused")}</span>}
						{node.draining && <span class="badge warn">{t("node.draining")}</span>}
						{worrying?.filter((count) => count.nodeId === node.id).map((count) => <FindingsBadge key={count.nodeId} count={count} />)}
						<span class="small">
							{t("node.jobs", { n: node.runningJobs })} · <When ms={node.lastSeenAlive} now={now} />
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

/** An empty installation: three steps to the first job. */
function FirstSteps() {
	const { may } = useSession();
	const definitions = useLive("first definitions", (signal) =>
		may("jd:read") ? listConfig("jd", signal) : Promise.resolve(undefined),
	);
	const jobs = useLive("first jobs", (signal) =>
		may("job_instance:read")
			? searchJobs({ pageSize: 1, queryLiveInstances: true, queryHistoryInstances: true }, signal)
			: Promise.resolve(undefined),
	);
	if (!definitions.value || !jobs.value || jobs.value.instances.length > 0) return null;
	const defined = definitions.value.length > 0;
	return (
		<section class="steps" aria-labelledby="first-steps">
			<h2 id="first-steps">{t("steps.title")}</h2>
			<ol>
				<li class={defined ? "done" : "next"}>
					<a class={defined ? "" : "button primary"} href="#/definition/new">{t("steps.define")}</a>
					<p>{t("steps.defineHow")}</p>
				</li>
				<li class={defined ? "next" : ""}>
					{defined ? <a class="button primary" href="#/launch">{t("steps.launch")}</a> : <b>{t("steps.launch")}</b>}
					<p>{t("steps.launchHow")}</p>
				</li>
				<li>
					<b>{t("steps.followTitle")}</b>
					<p>{t("steps.follow")}</p>
				</li>
			</ol>
		</section>
	);
}
