// SPDX-License-Identifier: Apache-2.0
/* pages/account.tsx: who one is here, where one is logged in, one's password and second factor. */
import { useState } from "preact/hooks";
import {
	changePassword,
	confirmSecondFactor,
	disableSecondFactor,
	endAllSessions,
	endSession,
	enrolSecondFactor,
	ownSessions,
	secondFactor,
} from "../api/session.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, Field, PageHead, When } from "../ui/basics.tsx";
import { FormDialog } from "../ui/dialog.tsx";
import { attempt, say } from "../ui/toast.tsx";

export function AccountPage() {
	const { me } = useSession();
	const [changing, setChanging] = useState(false);
	return (
		<>
			<PageHead title={t("page.account")}>
				<button type="button" onClick={() => setChanging(true)}>
					{t("account.changePassword")}
				</button>
			</PageHead>
			<dl class="facts">
				<div>
					<dt>{t("config.login")}</dt>
					<dd>{me.login}</dd>
				</div>
				<div>
					<dt>{t("config.permissions")}</dt>
					<dd class="code">{me.permissions.join(", ")}</dd>
				</div>
			</dl>
			<SecondFactorSection />
			<Sessions />
			{changing && <PasswordDialog onClose={() => setChanging(false)} />}
		</>
	);
}

/** A field for something secret. */
function SecretField(props: {
	id: string;
	label: TextKey;
	kind: "current-password" | "new-password" | "one-time-code";
	value: string;
	optional?: boolean;
	onChange: (value: string) => void;
}) {
	return (
		<Field id={props.id} label={t(props.label)}>
			{(id) => (
				<input
					id={id}
					type={props.kind === "one-time-code" ? "text" : "password"}
					inputMode={props.kind === "one-time-code" ? "numeric" : undefined}
					autocomplete={props.kind}
					required={!props.optional}
					value={props.value}
					onInput={(event) => props.onChange(event.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
	const [old, setOld] = useState("");
	const [wanted, setWanted] = useState("");
	const [again, setAgain] = useState("");
	const [code, setCode] = useState("");
	return (
		<FormDialog
			title={t("account.changePassword")}
			action={t("account.changePassword")}
			onClose={onClose}
			save={async () => {
				if (wanted !== again) throw new Error(t("account.notTheSame"));
				await changePassword(old, wanted, code);
				say(t("account.passwordChanged"));
			}}
		>
			<SecretField id="old-password" label="account.oldPassword" kind="current-password" value={old} onChange={setOld} />
			<SecretField id="new-password" label="config.newPassword" kind="new-password" value={wanted} onChange={setWanted} />
			<SecretField id="again-password" label="account.again" kind="new-password" value={again} onChange={setAgain} />
			<SecretField id="password-code" label="account.codeIfAny" kind="one-time-code" optional value={code} onChange={setCode} />
		</FormDialog>
	);
}

function SecondFactorSection() {
	const factor = useLive("second factor", secondFactor);
	const [dialog, setDialog] = useState<"enrol" | "disable">();
	if (!factor.value) return <ErrorBox error={factor.error} />;
	const { enabled, recoveryCodesLeft } = factor.value;
	return (
		<section>
			<h2>{t("account.secondFactor")}</h2>
			<p>
				<span class={`badge ${enabled ? "good" : ""}`}>{t(enabled ? "account.factorOn" : "account.factorOff")}</span>{" "}
				{enabled && <span class="small">{t("account.codesLeft", { n: recoveryCodesLeft })}</span>}{" "}
				<button type="button" onClick={() => setDialog(enabled ? "disable" : "enrol")}>
					{t(enabled ? "account.factorDisable" : "account.factorEnrol")}
				</button>
			</p>
			{dialog === "enrol" && (
				<EnrolDialog
					onClose={() => {
						setDialog(undefined);
						factor.refresh();
					}}
				/>
			)}
			{dialog === "disable" && <DisableDialog onClose={() => setDialog(undefined)} onDone={factor.refresh} />}
		</section>
	);
}

/** Password, then the secret and its first code, then the recovery codes: each told once. */
function EnrolDialog({ onClose }: { onClose: () => void }) {
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [secret, setSecret] = useState<{ secret: string; uri: string }>();
	const [recovery, setRecovery] = useState<string[]>();
	const stay = (done: boolean) => {
		if (done) onClose();
	};
	return (
		<FormDialog
			key={recovery ? 3 : secret ? 2 : 1}
			title={t("account.factorEnrol")}
			action={t(recovery ? "account.written" : "account.next")}
			onClose={() => stay(recovery !== undefined || secret === undefined || code === "")}
			save={async () => {
				if (recovery) return onClose();
				if (!secret) return setSecret(await enrolSecondFactor(password));
				setRecovery(await confirmSecondFactor(code));
			}}
		>
			{recovery ? (
				<>
					<p>{t("account.recovery")}</p>
					<p class="code">{recovery.join("\n")}</p>
				</>
			) : secret ? (
				<>
					<p>{t("account.secret")}</p>
					<p class="code">{secret.secret}</p>
					<p>
						<a href={secret.uri}>{t("account.openApp")}</a>
					</p>
					<SecretField id="first-code" label="login.code" kind="one-time-code" value={code} onChange={setCode} />
				</>
			) : (
				<SecretField id="enrol-password" label="login.password" kind="current-password" value={password} onChange={setPassword} />
			)}
		</FormDialog>
	);
}

function DisableDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	return (
		<FormDialog
			title={t("account.factorDisable")}
			action={t("account.factorDisable")}
			danger
			onClose={onClose}
			save={async () => {
				await disableSecondFactor(password, code);
				onDone();
			}}
		>
			<SecretField id="disable-password" label="login.password" kind="current-password" value={password} onChange={setPassword} />
			<SecretField id="disable-code" label="login.code" kind="one-time-code" value={code} onChange={setCode} />
		</FormDialog>
	);
}

function Sessions() {
	const sessions = useLive("sessions", ownSessions);
	const end = async (run: () => Promise<unknown>) => {
		if (await attempt(t("account.ended"), run)) sessions.refresh();
	};
	return (
		<section>
			<h2>{t("account.sessions")}</h2>
			<ErrorBox error={sessions.error} retry={sessions.refresh} />
			{sessions.value?.length === 0 && <Empty>{t("account.noSessions")}</Empty>}
			<ul class="job-list">
				{sessions.value?.map((session) => (
					<li key={session.id}>
						<span class="session-address">
							{session.address} {session.current && <span class="badge good">{t("account.current")}</span>}
						</span>
						<span class="small">
							<When ms={session.creationDate} /> – <When ms={session.lastSeenDate} />
						</span>
						{!session.current && (
							<button type="button" onClick={() => void end(() => endSession(session.id))}>
								{t("account.endSession")}
							</button>
						)}
					</li>
				))}
			</ul>
			<p>
				<button type="button" class="danger" onClick={() => void end(endAllSessions)}>
					{t("account.everywhere")}
				</button>
			</p>
		</section>
	);
}
