// SPDX-License-Identifier: Apache-2.0
/* pages/run_family.tsx: the jobs around one, as a picture, and as a list that says the same in words. */
import { useState } from "preact/hooks";
import { ApiError } from "../api/http.ts";
import { childrenOf, dependentsOf, isLive, readJob } from "../api/jobs.ts";
import type { Job } from "../api/types.ts";
import { dependencyOf, edgesOf, spotsOf, type Edge } from "../family.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { placeHref } from "../router.ts";
import { Empty, ErrorBox, StateBadge, Took } from "../ui/basics.tsx";

const PARENTS_MAX = 5;
const DRAWN_MAX = 60;
const WIDE = 190;
const HIGH = 46;
const GAP_X = 60;
const GAP_Y = 14;

/** One that is gone, or that this account may not see, is none. */
async function readIfThere(id: number, signal: AbortSignal): Promise<Job | null> {
	try {
		return await readJob(id, signal);
	} catch (failure) {
		if (failure instanceof ApiError && failure.status === 404) return null;
		throw failure;
	}
}

interface Family {
	jobs: Job[];
	/** Children that are not drawn. */
	more: number;
	/** The last of those that wait for it and are drawn, when there are more. */
	waitingAfter: number | null;
}

async function familyOf(job: Job, signal: AbortSignal): Promise<Family> {
	const jobs = new Map<number, Job>([[job.id, job]]);
	const add = async (id: number) => {
		if (id <= 0 || jobs.has(id)) return;
		const found = await readIfThere(id, signal);
		if (found) jobs.set(id, found);
	};
	const [children, waiting] = await Promise.all([childrenOf(job.id, signal), dependentsOf(job.id, DRAWN_MAX + 1, 0, signal)]);
	for (const one of [...children.slice(0, DRAWN_MAX), ...waiting.slice(0, DRAWN_MAX)]) jobs.set(one.id, one);
	for (let at: Job | undefined = job, n = 0; at?.parent && n < PARENTS_MAX; n++) {
		await add(at.parent);
		at = jobs.get(at.parent);
	}
	const near = [...jobs.values()].flatMap((one) => [...one.waitFor.map((text) => dependencyOf(text).id), one.restartOf ?? 0]);
	await Promise.all([...new Set(near)].slice(0, DRAWN_MAX).map(add));
	return {
		jobs: [...jobs.values()].sort((a, b) => a.id - b.id),
		more: Math.max(0, children.length - DRAWN_MAX),
		waitingAfter: waiting.length > DRAWN_MAX ? waiting[DRAWN_MAX - 1]!.id : null,
	};
}

export function FamilyView({ job }: { job: Job }) {
	const family = useLive(`family ${job.id} ${job.state}`, (signal) => familyOf(job, signal), isLive(job) ? 5000 : 0);
	if (!family.value) return <ErrorBox error={family.error} retry={family.refresh} />;
	const { jobs, more, waitingAfter } = family.value;
	if (jobs.length === 1) return <Empty>{t("family.alone")}</Empty>;
	const edges = edgesOf(jobs);
	return (
		<>
			<ErrorBox error={family.error} />
			<Picture jobs={jobs} edges={edges} self={job.id} />
			{more > 0 && (
				<p class="small">
					<a href={placeHref("runs", { parent: String(job.id) })}>{t("family.more", { n: more })}</a>
				</p>
			)}
			<h2>{t("family.list")}</h2>
			<JobList jobs={jobs} edges={edges} self={job.id} />
			{waitingAfter !== null && <MoreWaiting job={job} after={waitingAfter} />}
		</>
	);
}

/** Those that wait for it and are not drawn, page by page. */
function MoreWaiting({ job, after }: { job: Job; after: number }) {
	const [from, setFrom] = useState(after);
	const page = useLive(`waiting ${job.id} ${from}`, (signal) => dependentsOf(job.id, DRAWN_MAX, from, signal));
	const jobs = page.value ?? [];
	return (
		<section aria-label={t("family.waiting")}>
			<h2>{t("family.waiting")}</h2>
			<ErrorBox error={page.error} retry={page.refresh} />
			<JobList jobs={jobs} edges={edgesOf([job, ...jobs])} self={job.id} />
			<p>
				{from !== after && (
					<button type="button" onClick={() => setFrom(after)}>
						{t("family.waitingFirst")}
					</button>
				)}{" "}
				{jobs.length === DRAWN_MAX && (
					<button type="button" onClick={() => setFrom(jobs[DRAWN_MAX - 1]!.id)}>
						{t("family.waitingNext")}
					</button>
				)}
			</p>
		</section>
	);
}

function JobList({ jobs, edges, self }: { jobs: Job[]; edges: Edge[]; self: number }) {
	return (
		<ul class="job-list">
			{jobs.map((one) => (
				<li key={one.id}>
					<span>
						<a href={`#/run/${one.id}`} aria-current={one.id === self ? "true" : undefined}>
							{one.applicationName} <span class="small">#{one.id}</span>
						</a>
						<span class="small"> {tiesOf(one.id, edges).join(", ")}</span>
					</span>
					<StateBadge state={one.state} late={one.late} />
					<span class="small">
						<Took from={one.beganRunningDate} to={one.endDate} />
					</span>
				</li>
			))}
		</ul>
	);
}

const tiesOf = (id: number, edges: readonly Edge[]) =>
	edges.filter((edge) => edge.to === id).map((edge) => t(`family.${edge.tie}` as TextKey, { id: edge.from }));

function Picture({ jobs, edges, self }: { jobs: Job[]; edges: Edge[]; self: number }) {
	const spots = spotsOf(jobs, edges);
	const x = (id: number) => spots.get(id)!.column * (WIDE + GAP_X);
	const y = (id: number) => spots.get(id)!.row * (HIGH + GAP_Y);
	const width = Math.max(...jobs.map((job) => x(job.id))) + WIDE;
	const height = Math.max(...jobs.map((job) => y(job.id))) + HIGH;
	return (
		<div class="family" tabIndex={0} role="region" aria-label={t("family.picture")}>
			<svg width={width + 4} height={height + 4} viewBox={`-2 -2 ${width + 4} ${height + 4}`} role="group" aria-label={t("family.picture")}>
				{edges.map((edge) => {
					const [fromX, fromY, toX, toY] = [x(edge.from) + WIDE, y(edge.from) + HIGH / 2, x(edge.to), y(edge.to) + HIGH / 2];
					const bend = Math.max(20, (toX - fromX) / 2);
					return (
						<path
							key={`${edge.from} ${edge.to} ${edge.tie}`}
							class={`tie tie-${edge.tie}`}
							d={`M${fromX},${fromY} C${fromX + bend},${fromY} ${toX - bend},${toY} ${toX},${toY}`}
						>
							<title>{`#${edge.to} ${t(`family.${edge.tie}` as TextKey, { id: edge.from })}`}</title>
						</path>
					);
				})}
				{jobs.map((job) => (
					<a key={job.id} href={`#/run/${job.id}?view=family`} class={job.id === self ? "self" : ""}>
						<rect class={`node node-${job.state.toLowerCase()}`} x={x(job.id)} y={y(job.id)} width={WIDE} height={HIGH} rx={6} />
						<text x={x(job.id) + 10} y={y(job.id) + 19}>
							{shortened(job.applicationName ?? "")}
						</text>
						<text class="node-state" x={x(job.id) + 10} y={y(job.id) + 36}>
							{`#${job.id} · ${t(`state.${job.state}` as TextKey)}`}
						</text>
					</a>
				))}
			</svg>
		</div>
	);
}

const shortened = (name: string) => (name.length > 23 ? `${name.slice(0, 22)}…` : name);
