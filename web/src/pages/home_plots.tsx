// SPDX-License-Identifier: Apache-2.0
/* pages/home_plots.tsx: how jobs ended, how long they waited and ran, over an hour, a day or a month. */
import { history, type Hours } from "../api/config.ts";
import type { HistorySlot } from "../api/types.ts";
import { clockTime, day, dayTime, duration, number, t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { placeHref } from "../router.ts";
import { ErrorBox } from "../ui/basics.tsx";
import { Plot } from "../ui/plot.tsx";

interface Period {
	key: string;
	hours: Hours;
	label: TextKey;
	/** A month is much to count, and changes slowly. */
	everyMs: number;
}
export const PERIODS: Period[] = [
	{ key: "hour", hours: 1, label: "home.hour", everyMs: 10e3 },
	{ key: "day", hours: 24, label: "home.day", everyMs: 60e3 },
	{ key: "month", hours: 720, label: "home.month", everyMs: 600e3 },
];

/** The mean over all slots, each by how many jobs it had; null: there was none. */
function meanOf(slots: HistorySlot[], field: "waitMs" | "runMs"): number | null {
	let sum = 0;
	let jobs = 0;
	for (const slot of slots) {
		const mean = slot[field];
		const n = slot.ended + slot.crashed + slot.killed;
		if (mean === null) continue;
		sum += mean * n;
		jobs += n;
	}
	return jobs === 0 ? null : sum / jobs;
}

export function Plots({ query }: { query: URLSearchParams }) {
	const period = PERIODS.find((one) => one.key === query.get("period")) ?? PERIODS[0]!;
	const slots = useLive(`history ${period.key}`, (signal) => history(period.hours, signal), period.everyMs);
	return (
		<section>
			<div class="section-head">
				<h2>{t("home.lately")}</h2>
				<nav class="switch" aria-label={t("home.period")}>
					{PERIODS.map((one) => (
						<a
							class="button"
							key={one.key}
							aria-current={one === period ? "true" : undefined}
							href={placeHref("", { period: one === PERIODS[0] ? undefined : one.key })}
						>
							{t(one.label)}
						</a>
					))}
				</nav>
			</div>
			<ErrorBox error={slots.error} retry={slots.refresh} />
			<div class="plots" aria-busy={slots.loading}>
				{slots.value && <PlotsOf slots={slots.value} hours={period.hours} />}
			</div>
		</section>
	);
}

function PlotsOf({ slots, hours }: { slots: HistorySlot[]; hours: Hours }) {
	const times = slots.map((slot) => new Date(slot.slotStart).getTime() / 1000);
	const common = {
		times,
		tick: hours === 720 ? day : clockTime,
		time: hours === 1 ? clockTime : hours === 24 ? dayTime : day,
		empty: t("home.nothingThen"),
	};
	const counted = (field: "ended" | "crashed" | "killed" | "cancelled", colour: string) => {
		const values = slots.map((slot) => slot[field]);
		return {
			label: t(`state.${field.toUpperCase()}` as TextKey),
			colour,
			values,
			sum: number(values.reduce((a, b) => a + b, 0)),
		};
	};
	const timed = (mean: "waitMs" | "runMs", longest: "waitMaxMs" | "runMaxMs") => {
		const all = meanOf(slots, mean);
		const most = Math.max(-1, ...slots.map((slot) => slot[longest] ?? -1));
		return [
			{ label: t("home.longest"), colour: "--quiet", values: slots.map((slot) => slot[longest]), sum: most < 0 ? "–" : duration(most) },
			{ label: t("home.mean"), colour: "--accent", values: slots.map((slot) => slot[mean]), sum: all === null ? "–" : duration(all) },
		];
	};
	return (
		<>
			<Plot
				{...common}
				label={t("home.throughput")}
				kind="bars"
				value={number}
				least={4}
				series={[
					counted("ended", "--good"),
					counted("crashed", "--bad"),
					counted("killed", "--warn"),
					counted("cancelled", "--quiet"),
				]}
			/>
			<Plot {...common} label={t("home.waits")} kind="lines" value={duration} least={1000} series={timed("waitMs", "waitMaxMs")} />
			<Plot {...common} label={t("home.runs")} kind="lines" value={duration} least={1000} series={timed("runMs", "runMaxMs")} />
		</>
	);
}
