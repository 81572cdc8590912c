// SPDX-License-Identifier: Apache-2.0
/* pages/nodes.tsx: the machines, how they are, and orders to them. */
import { useState } from "preact/hooks";
import { findingsCounts, type FindingsCount } from "../api/doctor.ts";
import { nodeLog, orderNode, resumeNode, type ConfigObject } from "../api/config.ts";
import { t } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, When } from "../ui/basics.tsx";
import { Confirm, Dialog } from "../ui/dialog.tsx";
import { FindingsBadge } from "../ui/findings_badge.tsx";
import { attempt } from "../ui/toast.tsx";
import { ConfigPage, type ConfigField } from "./config_page.tsx";

interface NodeRow extends ConfigObject {
	name: string;
	alive: boolean;
	enabled: boolean;
	draining: boolean;
	template: boolean;
	runningJobs: number;
	lastSeenAlive: number | null;
}

const FIELDS: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 255 },
	{ name: "dns", label: "config.dns", type: "text", required: true, max: 255, wideOnly: true },
	{ name: "port", label: "config.port", type: "number", min: 0, max: 65535, wideOnly: true },
	{ name: "enabled", label: "config.takesJobs", type: "bool", notListed: true, initial: true },
	{ name: "loapApiSimple", label: "config.apiSimple", type: "bool", notListed: true, initial: true },
	{ name: "loadApiClient", label: "config.apiClient", type: "bool", notListed: true, initial: true },
	{ name: "loadApiAdmin", label: "config.apiAdmin", type: "bool", notListed: true, initial: true },
	{ name: "rootLogLevel", label: "config.logLevel", type: "choice", of: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], notListed: true, initial: "INFO" },
	{ name: "outputDirectory", label: "config.outputDirectory", type: "text", required: true, max: 1024, notListed: true },
	{ name: "jobRepoDirectory", label: "config.jobDirectory", type: "text", required: true, max: 1024, notListed: true },
	{ name: "tmpDirectory", label: "config.tmpDirectory", type: "text", required: true, max: 1024, notListed: true },
	{ name: "template", label: "config.template", type: "bool", notListed: true },
];
const EVERY_MS = 3000;
/** Reports come every few hours, or some seconds after somebody asked. */
const FINDINGS_MS = 10000;

export function NodesPage() {
	const { may } = useSession();
	const now = useNow(1000);
	const [log, setLog] = useState<string>();
	const seesFindings = may("doctor:read");
	const findings = useLive("findings counts", (signal) => (seesFindings ? findingsCounts(signal) : Promise.resolve([])), seesFindings ? FINDINGS_MS : 0);
	const countOf = (row: NodeRow) => findings.value?.find((count) => count.nodeId === row.id);
	return (
		<>
			<ConfigPage<NodeRow>
				kind="node"
				object="node"
				title="page.nodes"
				empty="config.noNodes"
				everyMs={EVERY_MS}
				nameOf={(row) => row.name}
				fields={FIELDS}
				columns={[
					{ key: "health", label: t("run.state"), value: (row) => row.alive, show: (row) => <Health row={row} /> },
					...(seesFindings ? [{ key: "findings", label: t("doctor.findings"), value: (row: NodeRow) => countOf(row)?.wrong ?? null, show: (row: NodeRow) => <Findings count={countOf(row)} now={now} /> }] : []),
					{ key: "jobs", label: t("load.running"), value: (row) => row.runningJobs, show: (row) => <a href={placeHref("runs", { node: row.name, state: "RUNNING" })}>{row.runningJobs}</a> },
					{ key: "seen", label: t("node.seen"), wideOnly: true, value: (row) => row.lastSeenAlive, show: (row) => <When ms={row.lastSeenAlive} now={now} /> },
				]}
				actions={(row, refresh) => (
					<>
						{!row.template && (
							<button type="button" onClick={() => setLog(row.name)}>
								{t("node.log")}
							</button>
						)}
						{may("node:update") && !row.template && <NodeOrders row={row} onDone={refresh} />}
					</>
				)}
			/>
			{log !== undefined && <NodeLog name={log} onClose={() => setLog(undefined)} />}
		</>
	);
}

/** With its age, for what was found is so old. */
function Findings({ count, now }: { count: FindingsCount | undefined; now: number }) {
	if (!count) return <span class="none">–</span>;
	return (
		<>
			<FindingsBadge count={count} />{" "}
			{count.reportDate !== null && !count.outdated && (
				<span class="small age">
					<When ms={count.reportDate} now={Math.max(now, count.reportDate)} />
				</span>
			)}
		</>
	);
}

function Health({ row }: { row: NodeRow }) {
	if (row.template) return <span class="badge">{t("config.template")}</span>;
	return (
		<>
			<span class={`badge ${row.alive ? "good" : "bad"}`}>{t(row.alive ? "node.alive" : "node.silent")}</span>
			{!row.enabled && <span class="badge warn">{t("node.paused")}</span>}
			{row.draining && <span class="badge warn">{t("node.draining")}</span>}
		</>
	);
}

function NodeOrders({ row, onDone }: { row: NodeRow; onDone: () => void }) {
	const [asked, setAsked] = useState<"stop" | "drain">();
	const give = async (done: string, run: () => Promise<unknown>) => {
		if (await attempt(done, run)) onDone();
	};
	const idle = !row.enabled || row.draining;
	return (
		<>
			{idle ? (
				<button type="button" onClick={() => void give(t("node.resumeDone", { name: row.name }), () => resumeNode(row.id))}>
					{t("node.resume")}
				</button>
			) : (
				<button type="button" onClick={() => void give(t("node.pauseDone", { name: row.name }), () => orderNode(row.id, "pause"))}>
					{t("node.pause")}
				</button>
			)}
			{row.alive && (
				<>
					<button type="button" onClick={() => setAsked("drain")}>
						{t("node.drain")}
					</button>
					<button type="button" class="danger" onClick={() => setAsked("stop")}>
						{t("node.stop")}
					</button>
				</>
			)}
			{asked && (
				<Confirm
					title={t(`node.${asked}`)}
					text={t(`node.${asked}Sure`, { name: row.name, n: row.runningJobs })}
					action={t(`node.${asked}`)}
					danger
					run={async () => {
						await orderNode(row.id, asked);
						onDone();
					}}
					onClose={() => setAsked(undefined)}
				/>
			)}
		</>
	);
}

function NodeLog({ name, onClose }: { name: string; onClose: () => void }) {
	const log = useLive(`log of ${name}`, (signal) => nodeLog(name, 500, signal), EVERY_MS);
	return (
		<Dialog title={t("node.logOf", { name })} onClose={onClose} wide>
			<ErrorBox error={log.error} />
			{log.value === "" && <Empty>{t("log.empty")}</Empty>}
			<pre class="node-log" tabIndex={0}>{log.value}</pre>
			<footer>
				<button type="button" onClick={onClose}>
					{t("action.close")}
				</button>
			</footer>
		</Dialog>
	);
}
