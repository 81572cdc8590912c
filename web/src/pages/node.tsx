// SPDX-License-Identifier: Apache-2.0
/* pages/node.tsx: one node: what "jqm doctor" found on it, when, and what mends it. */
import { askFindings, findingsOf, type Finding, type Findings } from "../api/doctor.ts";
import { dateTime, t } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead, When } from "../ui/basics.tsx";
import { attempt } from "../ui/toast.tsx";
import type { PageProps } from "./index.ts";

const EVERY_MS = 3000;

export function NodePage({ rest }: PageProps) {
	const id = Number(rest);
	const { may } = useSession();
	const valid = Number.isSafeInteger(id) && id > 0;
	const report = useLive(
		`findings ${id}`,
		(signal) => (valid ? findingsOf(id, signal) : Promise.resolve(undefined)),
		valid ? EVERY_MS : 0,
	);
	if (!valid) return <Empty>{t("doctor.noNumber", { text: rest })}</Empty>;
	const told = report.value;
	const ask = async (name: string) => {
		if (await attempt(t("doctor.asked", { name }), () => askFindings(id))) report.refresh();
	};
	return (
		<>
			<PageHead title={told ? t("doctor.title", { name: told.node }) : t("page.node")}>
				{told && may("doctor:update") && (
					<button type="button" disabled={told.askedDate !== null} onClick={() => void ask(told.node)}>
						{t("doctor.again")}
					</button>
				)}
			</PageHead>
			<ErrorBox error={report.error} retry={report.refresh} />
			{told && <Told report={told} />}
		</>
	);
}

function Told({ report }: { report: Findings }) {
	const now = useNow(1000);
	const none = report.findings.length === 0;
	return (
		<>
			<p role="status">{report.askedDate !== null && t("doctor.underWay")}</p>
			{!report.reported && <Empty>{t("doctor.neverHow")}</Empty>}
			{report.outdated && <p class="warn-box">{t("doctor.outdated", { time: dateTime(report.reportDate ?? 0) })}</p>}
			{report.reported && none && (
				<Empty>{t("doctor.nothingAt", { time: dateTime(report.reportDate ?? 0), n: report.ok })}</Empty>
			)}
			{report.reported && (
				<p>
					{t("doctor.told")} <When ms={report.reportDate} now={Math.max(now, report.reportDate ?? 0)} />
					{t("doctor.counts", { account: report.account ?? "", wrong: report.wrong, fixed: report.fixed, notes: report.notes, ok: report.ok })}
				</p>
			)}
			{!none && (
				<ul class="findings" aria-label={t("doctor.findings")}>
					{report.findings.map((finding, i) => (
						<FindingLine key={i} finding={finding} />
					))}
				</ul>
			)}
			{report.findings.length < report.wrong + report.fixed + report.notes && <p>{t("doctor.cut", { n: report.findings.length })}</p>}
		</>
	);
}

const MOOD: Record<Finding["kind"], string> = { wrong: "badge bad", fixed: "badge good", note: "badge" };

function FindingLine({ finding }: { finding: Finding }) {
	return (
		<li>
			<p>
				<span class={MOOD[finding.kind]}>{t(`doctor.kind.${finding.kind}`)}</span> <span class="small">{finding.check}</span>{" "}
				<b>{finding.what}</b>
			</p>
			<p>{finding.why}</p>
			{finding.repair && (
				<p>
					<span class="small">{t("doctor.repair")}</span> <code>{finding.repair}</code>
				</p>
			)}
		</li>
	);
}
