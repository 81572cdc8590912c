// SPDX-License-Identifier: Apache-2.0
/* pages/queues.tsx: queues, what waits in them, and orders to them. */
import { useState } from "preact/hooks";
import { orderQueue, queueStatus, resumeQueue, type ConfigObject } from "../api/config.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { attempt } from "../ui/toast.tsx";
import { ConfigPage, type ConfigField } from "./config_page.tsx";

const FIELDS: ConfigField[] = [
	{ name: "name", label: "config.name", type: "text", required: true, max: 50 },
	{ name: "description", label: "config.description", type: "text", mayBeBlank: true, max: 1000, wideOnly: true },
	{ name: "defaultQueue", label: "config.defaultQueue", type: "bool" },
	{ name: "ageingSeconds", label: "config.ageing", type: "number", min: 1, max: 31536000, wideOnly: true, hint: "config.ageingHint" },
];

export function QueuesPage() {
	const { may } = useSession();
	const orders = may("queue_position:create", "queue_position:update");
	return (
		<ConfigPage
			kind="q"
			object="queue"
			title="page.queues"
			empty="config.noQueues"
			nameOf={(row) => String(row.name)}
			fields={FIELDS}
			actions={(row) => (
				<>
					{may("job_instance:read") && (
						<a class="button" href={placeHref("runs", { queue: String(row.name), state: "SUBMITTED" })}>
							{t("queue.waiting")}
						</a>
					)}
					{orders && <QueueOrders row={row} />}
				</>
			)}
		/>
	);
}

const STATE_MS = 5000;

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
