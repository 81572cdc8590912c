// SPDX-License-Identifier: Apache-2.0
/* ui/findings_badge.tsx: how much is wrong with a node, in a word that leads to what it is. */
import type { FindingsCount } from "../api/doctor.ts";
import { dateTime, t } from "../i18n/index.ts";

function moodOf(count: FindingsCount): ["" | "bad" | "good" | "warn", string] {
	if (!count.reported) return ["", t("doctor.never")];
	// Once all was well, or was not: nobody knows now.
	if (count.outdated) return ["warn", t("doctor.unknownSince", { time: dateTime(count.reportDate ?? 0) })];
	if (count.wrong > 0) return ["bad", t("doctor.wrong", { n: count.wrong })];
	return count.notes > 0 ? ["", t("doctor.notes", { n: count.notes })] : ["good", t("doctor.nothing")];
}

export function FindingsBadge({ count }: { count: FindingsCount }) {
	const [mood, text] = moodOf(count);
	return (
		<a class={`badge ${mood}`} href={`#/node/${count.nodeId}`} aria-label={t("doctor.of", { name: count.node, text })}>
			{text}
		</a>
	);
}
