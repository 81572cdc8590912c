// SPDX-License-Identifier: Apache-2.0
/* ui/queue_load.tsx: what a queue has to do, and whether it keeps up. */
import type { QueueLoad } from "../api/types.ts";
import { dateTime, duration, number, t } from "../i18n/index.ts";

/** A queue that has not kept up for so long is marked. */
const LAG_MS = 60000;

/** How many run, of how many may. */
export function Running({ load }: { load: QueueLoad | undefined }) {
	if (!load) return <span class="none">–</span>;
	return (
		<>
			{number(load.running)} <span class="none">/ {number(load.capacity)}</span>
		</>
	);
}

/** How long the one that waits longest could have been running. */
export function Lag({ load, now }: { load: QueueLoad | undefined; now: number }) {
	if (!load || load.waitingSince === null) return <span class="none">–</span>;
	const lag = Math.max(0, now - load.waitingSince);
	return (
		<span class={lag > LAG_MS ? "badge warn" : ""} title={t("home.lagSince", { date: dateTime(load.waitingSince) })}>
			{duration(lag)}
		</span>
	);
}
