// SPDX-License-Identifier: Apache-2.0
/* ui/findings_badge.tsx: how much is wrong with a node, in a word that leads to what it is. */
import type { FindingsCount } from "../api/doctor.ts";
import { t } from "../i18n/index.ts";

export function FindingsBadge({ count }: { count: FindingsCount }) {
	const [mood, text] = !count.reported
		? ["", t("doctor.never")]
		: count.wrong > 0
			? ["bad", t("doctor.wrong", { n: count.wrong })]
			: count.notes > 0
				? ["", t("doctor.notes", { n: count.notes })]
				: ["good", t("doctor.nothing")];
	return (
		<a class={`badge ${mood}`} href={`#/node/${count.nodeId}`} aria-label={t("doctor.of", { name: count.node, text })}>
			{text}
		</a>
	);
}
