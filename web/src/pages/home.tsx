// SPDX-License-Identifier: Apache-2.0
/* pages/home.tsx: how things stand now, and where to look. */
import { useState } from "preact/hooks";
import { history, listConfig, usage } from "../api/config.ts";
import { searchJobs } from "../api/jobs.ts";
import type { HistorySlot, Job } from "../api/types.ts";
import { number, t } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead, StateBadge, Took, When } from "../ui/basics.tsx";
import { StackedPlot } from "../ui/plot.tsx";

const EVERY_MS = 5000;

export function HomePage() {
	const { may } = useSession();
	const figures = useLive("usage", usage, EVERY_MS);
	const now = useNow(1000);
	const seesJobs = may("job_instance:read");
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
			<div class="cards">
				<Card label={t("home.running")} value={figures.value?.runningJobs} href={placeHref("runs", { state: "RUNNING" })} />
				<Card label={t("home.waiting")} value={figures.value?.submittedJobs} href={placeHref("runs", { state: "SUBMITTED" })} />
				<Card label={t("home.held")} value={figures.value?.pausedJobs} href={placeHref("runs", { state: "HOLDED" })} warn />
				<Card label={t("home.nodes")} value={figures.value?.activeNodes} href="#/nodes" warnAtZero />
				<Card label={t("page.queues")} value={figures.value?.queues} href="#/queues" />
			</div>
			<FirstSteps />
			<Throughput />
			{seesJobs && (
				<div class="columns">
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
			{may("node:read") && <NodeHealth now={now} />}
		</>
	);
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

function Throughput() {
	const [hours, setHours] = useState<1 | 24>(1);
	const slots = useLive(`history ${hours}`, (signal) => history(hours, signal), 10000);
	const of = (field: keyof Omit<HistorySlot, "slotStart">) => (slots.value ?? []).map((slot) => slot[field]);
	return (
		<section>
			<div class="section-head">
				<h2>{t("home.throughput")}</h2>
				<div class="switch" role="group" aria-label={t("home.period")}>
					{([1, 24] as const).map((choice) => (
						<button type="button" key={choice} aria-pressed={choice === hours} onClick={() => setHours(choice)}>
							{t(choice === 1 ? "home.hour" : "home.day")}
						</button>
					))}
				</div>
			</div>
			<ErrorBox error={slots.error} />
			{slots.value && (
				<StackedPlot
					label={t("home.throughput")}
					times={slots.value.map((slot) => new Date(slot.slotStart).getTime() / 1000)}
					series={[
						{ label: t("state.ENDED"), colour: "--good", values: of("ended") },
						{ label: t("state.CRASHED"), colour: "--bad", values: of("crashed") },
						{ label: t("state.KILLED"), colour: "--warn", values: of("killed") },
						{ label: t("state.CANCELLED"), colour: "--quiet", values: of("cancelled") },
					]}
				/>
			)}
		</section>
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
	const real = nodes.value?.filter((node) => !node.template);
	return (
		<section>
			<h2>{t("page.nodes")}</h2>
			<ErrorBox error={nodes.error} />
			<ul class="job-list">
				{real?.map((node) => (
					<li key={node.id}>
						<a href="#/nodes">{node.name}</a>
						<span class={`badge ${node.alive ? "good" : "bad"}`}>{t(node.alive ? "node.alive" : "node.silent")}</span>
						{!node.enabled && <span class="badge warn">{t("node.paused")}</span>}
						{node.draining && <span class="badge warn">{t("node.draining")}</span>}
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
		<section class="steps">
			<h2>{t("steps.title")}</h2>
			<ol>
				<li class={defined ? "done" : ""}>
					<a href="#/definition/new">{t("steps.define")}</a> {t("steps.defineHow")}
				</li>
				<li>
					<a href="#/launch">{t("steps.launch")}</a> {t("steps.launchHow")}
				</li>
				<li>{t("steps.follow")}</li>
			</ol>
		</section>
	);
}
