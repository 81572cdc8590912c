// SPDX-License-Identifier: Apache-2.0
/* pages/run_timeline.tsx: the jobs of a page over time: how long each waited, and when it ran. */
import type { Job } from "../api/types.ts";
import { clockTime, clockTimeSeconds, day, duration, t } from "../i18n/index.ts";
import { spanOf, ticksOf } from "../time_span.ts";
import { StateBadge } from "../ui/basics.tsx";

export function Timeline({ jobs, now }: { jobs: readonly Job[]; now: number }) {
	const span = spanOf(jobs, now);
	if (!span) return null;
	const at = (ms: number) => `${((ms - span.from) / (span.to - span.from)) * 100}%`;
	const wide = (from: number, to: number) => `${(Math.max(0, to - from) / (span.to - span.from)) * 100}%`;
	const long = span.to - span.from > 2 * 86400e3;
	const seconds = span.to - span.from < 600e3;
	const ticks = ticksOf(span);
	return (
		<div class="timeline">
			<div class="timeline-scale" aria-hidden="true">
				{ticks.map((ms) => (
					<span key={ms} style={{ left: at(ms) }}>
						{long ? day(ms / 1000) : seconds ? clockTimeSeconds(ms / 1000) : clockTime(ms / 1000)}
					</span>
				))}
			</div>
			<ol>
				{jobs.map((job) => {
					const began = job.beganRunningDate;
					const ended = job.endDate ?? now;
					const waited = job.enqueueDate === null ? 0 : (began ?? ended) - job.enqueueDate;
					const words = [
						t("timeline.waited", { time: duration(waited) }),
						began === null ? null : t("timeline.ran", { time: duration(ended - began) }),
					];
					return (
						<li key={job.id}>
							<a class="timeline-name" href={`#/run/${job.id}`}>
								{job.applicationName} <span class="small">#{job.id}</span>
							</a>
							<StateBadge state={job.state} late={job.late} />
							<span class="timeline-track" title={words.filter(Boolean).join(", ")}>
								{ticks.map((ms) => (
									<i key={ms} class="timeline-tick" style={{ left: at(ms) }} />
								))}
								{job.enqueueDate !== null && (
									<i class="timeline-wait" style={{ left: at(job.enqueueDate), width: wide(job.enqueueDate, began ?? ended) }} />
								)}
								{began !== null && (
									<i class={`timeline-run state-${job.state.toLowerCase()}`} style={{ left: at(began), width: wide(began, ended) }} />
								)}
							</span>
							<span class="unseen">{words.filter(Boolean).join(", ")}</span>
						</li>
					);
				})}
			</ol>
			<p class="small timeline-key">
				<i class="timeline-wait" /> {t("timeline.keyWait")} <i class="timeline-run state-ended" /> {t("timeline.keyRun")}
			</p>
		</div>
	);
}
