// SPDX-License-Identifier: Apache-2.0
/* pages/account_actions.tsx: where somebody else is logged in, and how to end it; his second factor, when the device is lost. */
import { useState } from "preact/hooks";
import { dropSecondFactorOf, endSessionsOf, sessionsOf } from "../api/session.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, When } from "../ui/basics.tsx";
import { Confirm, Dialog } from "../ui/dialog.tsx";
import { attempt, say } from "../ui/toast.tsx";

export function AccountActions({ id, login }: { id: number; login: string }) {
	const [shown, setShown] = useState(false);
	return (
		<>
			<button type="button" aria-label={t("sessions.of", { name: login })} onClick={() => setShown(true)}>
				{t("sessions.button")}
			</button>
			{shown && <SessionsDialog id={id} login={login} onClose={() => setShown(false)} />}
		</>
	);
}

function SessionsDialog({ id, login, onClose }: { id: number; login: string; onClose: () => void }) {
	const { may } = useSession();
	const sessions = useLive(`sessions ${id}`, (signal) => sessionsOf(id, signal));
	const [dropping, setDropping] = useState(false);
	return (
		<Dialog title={t("sessions.of", { name: login })} onClose={onClose} wide>
			<ErrorBox error={sessions.error} retry={sessions.refresh} />
			{sessions.value?.length === 0 && <Empty>{t("sessions.none")}</Empty>}
			<ul class="job-list">
				{sessions.value?.map((session) => (
					<li key={session.id}>
						<span>
							{session.address} {session.current && <span class="badge good">{t("account.current")}</span>}
						</span>
						<span class="small">
							<When ms={session.creationDate} /> – <When ms={session.lastSeenDate} />
						</span>
					</li>
				))}
			</ul>
			<footer>
				{may("user:update") && (
					<>
						<button type="button" onClick={() => setDropping(true)}>
							{t("sessions.dropFactor")}
						</button>
						{(sessions.value?.length ?? 0) > 0 && (
							<button
								type="button"
								class="danger"
								onClick={() => void attempt(t("account.ended"), () => endSessionsOf(id)).then((done) => done && sessions.refresh())}
							>
								{t("sessions.endAll")}
							</button>
						)}
					</>
				)}
				<button type="button" onClick={onClose}>
					{t("action.close")}
				</button>
			</footer>
			{dropping && (
				<Confirm
					title={t("sessions.dropFactor")}
					text={t("sessions.dropSure", { name: login })}
					action={t("sessions.dropFactor")}
					danger
					run={async () => {
						await dropSecondFactorOf(id);
						say(t("sessions.dropped", { name: login }));
					}}
					onClose={() => setDropping(false)}
				/>
			)}
		</Dialog>
	);
}
