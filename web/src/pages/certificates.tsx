// SPDX-License-Identifier: Apache-2.0
/* pages/certificates.tsx: certificates of the cluster's own authority: issued, taken away once, revoked. */
import { useState } from "preact/hooks";
import {
	certificates,
	issueArchive,
	issueCertificate,
	listConfig,
	revokeCertificate,
	type Certificate,
	type ConfigObject,
} from "../api/config.ts";
import { url } from "../api/http.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { useSession } from "../session.tsx";
import { ErrorBox, Field, PageHead, When } from "../ui/basics.tsx";
import { Dialog, FormDialog } from "../ui/dialog.tsx";
import { Table } from "../ui/table.tsx";
import { say } from "../ui/toast.tsx";

const DAYS = 365;
const DAYS_MAX = 3650;

export function CertificatesPage() {
	const { may } = useSession();
	const list = useLive("certificates", certificates);
	const [issuing, setIssuing] = useState(false);
	const [issued, setIssued] = useState<Issued>();
	const [revoked, setRevoked] = useState<Certificate>();
	return (
		<>
			<PageHead title={t("page.certificates")}>
				{may("user:update") && (
					<button type="button" class="primary" onClick={() => setIssuing(true)}>
						{t("certificate.issue")}
					</button>
				)}
				<a class="button" href={url("pki/root.pem")} download="root.pem">
					{t("certificate.root")}
				</a>
				<a class="button" href={url("pki/crl.pem")} download="crl.pem">
					{t("certificate.crl")}
				</a>
			</PageHead>
			<ErrorBox error={list.error} retry={list.refresh} />
			{list.value && (
				<Table
					name="certificate"
					rows={list.value}
					caption={t("page.certificates")}
					empty={t("certificate.none")}
					columns={[
						{ key: "id", label: t("run.id"), value: (row) => row.id },
						{ key: "name", label: t("config.login"), value: (row) => row.name },
						{ key: "state", label: t("run.state"), value: stateOf, show: (row) => <State row={row} /> },
						{ key: "expires", label: t("config.expires"), value: (row) => row.expirationDate, show: (row) => <When ms={row.expirationDate} /> },
						{ key: "serial", label: t("certificate.serial"), wideOnly: true, value: (row) => row.serial, show: (row) => <code>{row.serial}</code> },
						{ key: "reason", label: t("run.reason"), wideOnly: true, value: (row) => row.reason },
					]}
					actions={(row) =>
						may("user:update") && stateOf(row) === "valid" ? (
							<button type="button" class="danger" aria-label={t("certificate.revokeWhat", { id: row.id })} onClick={() => setRevoked(row)}>
								{t("certificate.revoke")}
							</button>
						) : null
					}
				/>
			)}
			{issuing && (
				<IssueDialog
					onClose={() => setIssuing(false)}
					onIssued={(fresh) => {
						setIssued(fresh);
						list.refresh();
					}}
				/>
			)}
			{issued && <IssuedDialog issued={issued} onClose={() => setIssued(undefined)} />}
			{revoked && <RevokeDialog row={revoked} onClose={() => setRevoked(undefined)} onDone={list.refresh} />}
		</>
	);
}

function stateOf(row: Certificate): "valid" | "revoked" | "expired" {
	if (row.revocationDate !== null) return "revoked";
	return row.expirationDate < Date.now() ? "expired" : "valid";
}

function State({ row }: { row: Certificate }) {
	const state = stateOf(row);
	return <span class={`badge ${state === "valid" ? "good" : state === "revoked" ? "bad" : ""}`}>{t(`certificate.${state}`)}</span>;
}

interface Issued {
	login: string;
	file: Blob;
	name: string;
	/** Of the archive; told this once. */
	password: string | null;
}

function IssueDialog({ onClose, onIssued }: { onClose: () => void; onIssued: (issued: Issued) => void }) {
	const accounts = useLive("accounts", (signal) => listConfig<ConfigObject>("user", signal));
	const [account, setAccount] = useState<number>();
	const [days, setDays] = useState(DAYS);
	const [form, setForm] = useState<"pem" | "archive">("archive");
	const id = account ?? accounts.value?.[0]?.id;
	const login = String(accounts.value?.find((one) => one.id === id)?.login ?? "");
	return (
		<FormDialog
			title={t("certificate.issue")}
			action={t("certificate.issue")}
			onClose={onClose}
			save={async () => {
				if (id === undefined) return;
				if (form === "archive") {
					const { file, password } = await issueArchive(id, days);
					onIssued({ login, file, name: `${login}.zip`, password });
				} else {
					const { certificate, privateKey } = await issueCertificate(id, days);
					const file = new Blob([privateKey, certificate], { type: "application/x-pem-file" });
					onIssued({ login, file, name: `${login}.pem`, password: null });
				}
			}}
		>
			<ErrorBox error={accounts.error} />
			<Field id="certificate-account" label={t("config.login")}>
				{(inputId) => (
					<select id={inputId} value={id} onChange={(event) => setAccount(Number(event.currentTarget.value))}>
						{accounts.value?.map((one) => (
							<option key={one.id} value={one.id}>
								{String(one.login)}
							</option>
						))}
					</select>
				)}
			</Field>
			<Field id="certificate-days" label={t("certificate.days")}>
				{(inputId) => (
					<input
						id={inputId}
						type="number"
						min={1}
						max={DAYS_MAX}
						required
						value={days}
						onInput={(event) => setDays(event.currentTarget.valueAsNumber)}
					/>
				)}
			</Field>
			<Field id="certificate-form" label={t("certificate.form")}>
				{(inputId) => (
					<select id={inputId} value={form} onChange={(event) => setForm(event.currentTarget.value as "pem" | "archive")}>
						<option value="archive">{t("certificate.archive")}</option>
						<option value="pem">{t("certificate.pem")}</option>
					</select>
				)}
			</Field>
		</FormDialog>
	);
}

/** The key is told this once: it is taken now or never. */
function IssuedDialog({ issued, onClose }: { issued: Issued; onClose: () => void }) {
	const [address] = useState(() => URL.createObjectURL(issued.file));
	return (
		<Dialog
			title={t("certificate.fresh", { name: issued.login })}
			onClose={() => {
				URL.revokeObjectURL(address);
				onClose();
			}}
		>
			<p>{t("certificate.once")}</p>
			{issued.password && (
				<p>
					{t("certificate.password")} <code>{issued.password}</code>
				</p>
			)}
			<footer>
				<a class="button primary" href={address} download={issued.name}>
					{t("log.download")}
				</a>
				<button type="button" onClick={onClose}>
					{t("action.close")}
				</button>
			</footer>
		</Dialog>
	);
}

function RevokeDialog({ row, onClose, onDone }: { row: Certificate; onClose: () => void; onDone: () => void }) {
	const [reason, setReason] = useState("");
	return (
		<FormDialog
			title={t("certificate.revokeWhat", { id: row.id })}
			action={t("certificate.revoke")}
			danger
			onClose={onClose}
			save={async () => {
				await revokeCertificate(row.id, reason);
				say(t("certificate.isRevoked", { id: row.id }));
				onDone();
			}}
		>
			<p>{t("certificate.revokeSure", { name: row.name ?? "" })}</p>
			<Field id="revoke-reason" label={t("run.reason")}>
				{(inputId) => <input id={inputId} maxLength={250} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}
			</Field>
		</FormDialog>
	);
}
