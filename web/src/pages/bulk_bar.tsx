// SPDX-License-Identifier: Apache-2.0
/* pages/bulk_bar.tsx: orders to the chosen jobs, or to all that the filter finds: counted first, then done. */
import { useState } from "preact/hooks";
import { orderJobs, queues, type BulkOrder, type BulkTarget } from "../api/jobs.ts";
import { number, t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { FormDialog } from "../ui/dialog.tsx";
import { say, sayFailure } from "../ui/toast.tsx";
import { filterOf } from "./run_filter.ts";

const ORDERS = [
	{ key: "killed", needs: ["job_instance:create", "job_instance:update"], danger: true },
	{ key: "paused", needs: ["job_instance:create", "job_instance:update"], danger: false },
	{ key: "resumed", needs: ["job_instance:create", "job_instance:update", "job_instance:delete"], danger: false },
	{ key: "again", needs: ["job_instance:create"], danger: false },
] as const;

interface Asked {
	what: BulkOrder;
	label: string;
	target: BulkTarget;
	count: number;
	danger: boolean;
}

export function BulkBar(props: {
	chosen: ReadonlySet<number>;
	query: URLSearchParams;
	now: number;
	/** All that the filter finds may be meant: there is a filter, and it finds something. */
	mayAll: boolean;
	onDone: () => void;
	onNone: () => void;
}) {
	const { may } = useSession();
	const [all, setAll] = useState(false);
	const [asked, setAsked] = useState<Asked>();
	const [moving, setMoving] = useState(false);
	if (props.chosen.size === 0 && !(all && props.mayAll)) {
		return props.mayAll ? (
			<p class="small">
				<button type="button" class="link" onClick={() => setAll(true)}>
					{t("bulk.all")}
				</button>
			</p>
		) : null;
	}
	const byFilter = all && props.mayAll;
	const target = (): BulkTarget => (byFilter ? filterOf(props.query, props.now) : [...props.chosen]);
	/** How many it would be, and only then the question. */
	const ask = async (what: BulkOrder, label: string, danger: boolean) => {
		try {
			const whom = target();
			setAsked({ what, label, target: whom, danger, count: await orderJobs(what, whom, true) });
		} catch (failure) {
			sayFailure(failure);
		}
	};
	const stop = () => {
		setAll(false);
		props.onNone();
	};
	return (
		<div class="bulk" role="region" aria-label={t("bulk.title")}>
			<strong>{byFilter ? t("bulk.byFilter") : t("bulk.chosen", { n: number(props.chosen.size) })}</strong>
			{ORDERS.filter((order) => may(...order.needs)).map((order) => {
				const label = t(`bulk.${order.key}` as TextKey);
				return (
					<button type="button" key={order.key} class={order.danger ? "danger" : ""} onClick={() => void ask(order.key, label, order.danger)}>
						{label}
					</button>
				);
			})}
			{may("queue_position:create", "queue_position:update") && (
				<button type="button" onClick={() => setMoving(true)}>
					{t("bulk.move")}
				</button>
			)}
			<button type="button" onClick={stop}>
				{t("bulk.none")}
			</button>
			{moving && (
				<MoveDialog
					onClose={() => setMoving(false)}
					onChosen={(queue, name) => ask({ queue }, t("bulk.moveTo", { queue: name }), false)}
				/>
			)}
			{asked && (
				<FormDialog
					title={asked.label}
					action={asked.label}
					danger={asked.danger}
					onClose={() => setAsked(undefined)}
					save={async () => {
						const done = await orderJobs(asked.what, asked.target, false);
						say(t("bulk.done", { n: number(done) }));
						setAll(false);
						props.onDone();
					}}
				>
					<p>{t("bulk.count", { n: number(asked.count) })}</p>
				</FormDialog>
			)}
		</div>
	);
}

export function MoveDialog(props: { onClose: () => void; onChosen: (id: number, name: string) => Promise<unknown> }) {
	const list = useLive("queues", queues);
	const [chosen, setChosen] = useState<number>();
	const id = chosen ?? list.value?.[0]?.id;
	return (
		<FormDialog
			title={t("bulk.move")}
			action={t("bulk.move")}
			onClose={props.onClose}
			save={async () => {
				if (id !== undefined) await props.onChosen(id, list.value?.find((queue) => queue.id === id)?.name ?? "");
			}}
		>
			<label>
				{t("run.queue")}
				<select value={id} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
					{list.value?.map((queue) => (
						<option key={queue.id} value={queue.id}>
							{queue.name}
						</option>
					))}
				</select>
			</label>
		</FormDialog>
	);
}

