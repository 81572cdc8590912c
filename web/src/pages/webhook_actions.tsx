// SPDX-License-Identifier: Apache-2.0
/* pages/webhook_actions.tsx: what was told to a webhook, and what became of it; telling it again, and something to try it with. */
import { useState } from "preact/hooks";
import { deliverAgain, deliveriesOf, pingWebhook, type Delivery } from "../api/webhook.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, When } from "../ui/basics.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { attempt } from "../ui/toast.tsx";

const LOOK_MS = 3000;

export function WebhookActions({ id, name }: { id: number; name: string }) {
	const [shown, setShown] = useState(false);
	return (
		<>
			<button type="button" aria-label={t("hook.of", { name })} onClick={() => setShown(true)}>
				{t("hook.deliveries")}
			</button>
			{shown && <DeliveriesDialog id={id} name={name} onClose={() => setShown(false)} />}
		</>
	);
}

const MOOD: Record<Delivery["state"], string> = { DELIVERED: "badge good", PENDING: "badge warn", GIVEN_UP: "badge bad" };

function DeliveriesDialog({ id, name, onClose }: { id: number; name: string; onClose: () => void }) {
	const { may } = useSession();
	const list = useLive(`deliveries ${id}`, (signal) => deliveriesOf(id, signal), LOOK_MS);
	const order = (done: string, run: () => Promise<unknown>) => void attempt(done, run).then((went) => went && list.refresh());
	return (
		<Dialog title={t("hook.of", { name })} onClose={onClose} wide>
			<ErrorBox error={list.error} retry={list.refresh} />
			{list.value?.length === 0 && <Empty>{t("hook.none")}</Empty>}
			<ul class="job-list">
				{list.value?.map((one) => {
					const last = one.attempts[one.attempts.length - 1];
					return (
						<li key={one.id}>
							<span>
								<span class={MOOD[one.state]}>{t(`hook.${one.state}`)}</span> {one.event}{" "}
								{one.jobId !== null && <a href={`#/run/${one.jobId}`}>{one.jobId}</a>} <When ms={one.creationDate} />
							</span>
							<span class="small">
								{t("hook.tries", { n: one.tries })} {last?.status} {last?.reason}
							</span>
							{may("webhook:update") && (
								<button type="button" aria-label={t("hook.againWhat", { n: one.id })} onClick={() => order(t("hook.ordered"), () => deliverAgain(id, one.id))}>
									{t("hook.again")}
								</button>
							)}
						</li>
					);
				})}
			</ul>
			<footer>
				{may("webhook:update") && (
					<button type="button" onClick={() => order(t("hook.ordered"), () => pingWebhook(id))}>
						{t("hook.ping")}
					</button>
				)}
				<button type="button" onClick={onClose}>
					{t("action.close")}
				</button>
			</footer>
		</Dialog>
	);
}
