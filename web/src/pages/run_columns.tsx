// SPDX-License-Identifier: Apache-2.0
/* pages/run_columns.tsx: what the table of jobs can show of each. */
import type { ComponentChildren } from "preact";
import type { Job } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { placeHref } from "../router.ts";
import { Progress, StateBadge, Took, When } from "../ui/basics.tsx";

export interface RunColumn {
	key: string;
	show: (job: Job, now: number) => ComponentChildren;
	/** Shown unless the reader chose other columns. */
	usual: boolean;
	wideOnly?: boolean;
	/** Numbers stand under each other. */
	figure?: boolean;
}

export const COLUMNS: RunColumn[] = [
	{ key: "id", usual: true, figure: true, show: (job) => <a href={`#/run/${job.id}`}>{job.id}</a> },
	{ key: "name", usual: true, show: (job) => job.applicationName },
	{ key: "state", usual: true, show: (job) => <StateBadge state={job.state} late={job.late} /> },
	{ key: "queue", usual: true, wideOnly: true, show: (job) => job.queueName },
	{ key: "enqueued", usual: true, show: (job, now) => <When ms={job.enqueueDate} now={now} /> },
	{ key: "began", usual: false, wideOnly: true, show: (job, now) => <When ms={job.beganRunningDate} now={now} /> },
	{ key: "ended", usual: true, wideOnly: true, show: (job, now) => <When ms={job.endDate} now={now} /> },
	{ key: "took", usual: true, wideOnly: true, figure: true, show: (job) => <Took from={job.beganRunningDate} to={job.endDate} /> },
	{ key: "stdout", usual: true, wideOnly: true, show: (job) => <a href={placeHref(`run/${job.id}`, { view: "stdout" })}>{t("run.log")}</a> },
	{ key: "user", usual: true, wideOnly: true, show: (job) => job.user },
	{ key: "node", usual: false, wideOnly: true, show: (job) => job.nodeName },
	{ key: "priority", usual: false, wideOnly: true, figure: true, show: (job) => job.priority },
	{ key: "parent", usual: false, wideOnly: true, show: (job) => (job.parent ? <a href={`#/run/${job.parent}`}>{job.parent}</a> : null) },
	{ key: "progress", usual: false, wideOnly: true, show: (job) => <Progress percent={job.progress} /> },
	{ key: "session", usual: false, wideOnly: true, show: (job) => job.sessionID },
	{ key: "application", usual: false, wideOnly: true, show: (job) => job.application },
	{ key: "module", usual: false, wideOnly: true, show: (job) => job.module },
	{ key: "keywords", usual: false, wideOnly: true, show: (job) => [job.keyword1, job.keyword2, job.keyword3].filter(Boolean).join(", ") },
	{ key: "reason", usual: false, wideOnly: true, show: (job) => job.endReason },
];

export const choosable = () => COLUMNS.map(({ key, usual }) => ({ key, usual, label: t(`run.${key}` as TextKey) }));
