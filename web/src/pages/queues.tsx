// SPDX-License-Identifier: Apache-2.0
/* pages/queues.tsx: queues, what waits in them, and orders to them. */
import { useState } from "preact/hooks";
import { orderQueue, queueLoads, queueStatus, resumeQueue, type ConfigObject } from "../api/config.ts";
import { number, t } from "../i18n/index.ts";
import { useLive, useNow } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Lag, Running } from "../ui/queue_load.tsx";
import type { Column } from "../ui/table.tsx";
import { attempt } from "../ui/toast.tsx";
import { ConfigPage, type ConfigField } from "./config_page.tsx";

const FIELDS: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 255 },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 1000, wideOnly: true },
	{ name: "defaultQueue", label: "config.defaultQueue", type: "bool" },
	{ name: "ageingSeconds", label: "config.ageing", type: "number", min: 1, max: 31536000, wideOnly: true, unusual: true, hint: "config.ageingHint" },
];

const STATE_MS = 5000;

export function QueuesPage() {
	const { may } = useSession();
	const orders = may("queue_position:create", "queue_position:update");
	const loads = useLive("queue loads", queueLoads, STATE_MS);
	const now = useNow(1000);
	const of = (row: ConfigObject) => loads.value?.find((load) => load.id === row.id);
	const columns: Column<ConfigObject>[] = [
		{
			key: "running",
			label: t("load.running"),
			figure: true,
			value: (row) => of(row)?.running,
			show: (row) => <Running load={of(row)} />,
		},
		{
			key: "waiting",
			label: t("load.waiting"),
			figure: true,
			value: (row) => of(row)?.waiting,
			show: (row) =>
				may("job_instance:read") ? (
					<a href={placeHref("runs", { queue: String(row.name), state: "SUBMITTED" })}>{number(of(row)?.waiting ?? 0)}</a>
				) : (
					number(of(row)?.waiting ?? 0)
				),
		},
		{ key: "held", label: t("load.held"), figure: true, wideOnly: true, value: (row) => of(row)?.held },
		{ key: "scheduled", label: t("load.scheduled"), figure: true, wideOnly: true, unusual: true, value: (row) => of(row)?.scheduled },
		{
			key: "lag",
			label: t("home.lag"),
			figure: true,
			value: (row) => of(row)?.waitingSince,
			show: (row) => <Lag load={of(row)} now={now} />,
		},
	];
	return (
		<ConfigPage
			kind="q"
			object="queue"
			title="page.queues"
			empty="config.noQueues"
			nameOf={(row) => String(row.name)}
			fields={FIELDS}
			columns={columns}
			actions={(row) => orders && <QueueOrders row={row} />}
		/>
	);
}

function QueueState({ word }: { word: string | undefined }) {
	if (word === "RUNNING") return <span class="badge good">{t("queue.running")}</span>;
	if (word === "PAUSED") return <span class="badge warn">{t("queue.paused")}</span>;
	if (word === "PARTIALLY_RUNNING") return <span class="badge warn">{t("queue.partly")}</span>;
	return <span class="none">{word ?? "…"}</span>;
}

function QueueOrders({ row }: { row: ConfigObject }) {
	const [clearing, setClearing] = useState(false);
	const state = useLive(`queue state ${row.id}`, (signal) => queueStatus(row.id, signal), STATE_MS);
	const word = state.value?.replaceAll('"', "").trim();
	const name = String(row.name);
	const give = async (done: string, run: () => Promise<unknown>) => {
		if (await attempt(done, run)) state.refresh();
	};
	return (
		<>
			<QueueState word={word} />
			{word !== "PAUSED" && (
				<button type="button" onClick={() => void give(t("queue.pauseDone", { name }), () => orderQueue(row.id, "pause"))}>
					{t("queue.pause")}
				</button>
			)}
			{word !== "RUNNING" && (
				<button type="button" onClick={() => void give(t("queue.resumeDone", { name }), () => resumeQueue(row.id))}>
					{t("queue.resume")}
				</button>
			)}
			<button type="button" class="danger" onClick={() => setClearing(true)}>
				{t("queue.clear")}
			</button>
			{clearing && (
				<Confirm
					title={t("queue.clear")}
					text={t("queue.clearSure", { name })}
					action={t("queue.clear")}
					danger
					run={() => orderQueue(row.id, "clear")}
					onClose={() => setClearing(false)}
				/>
			)}
		</>
	);
}
