// SPDX-License-Identifier: Apache-2.0
/* pages/files.tsx: configuration as files: taken out, or looked at and brought in. */
import { useState } from "preact/hooks";
import { exportHref, FILE_KINDS, importFile, type TransferObject } from "../api/transfer.ts";
import { t } from "../i18n/index.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, PageHead } from "../ui/basics.tsx";
import { say } from "../ui/toast.tsx";

const WRITES = ["jd", "queue", "jndi", "node", "qmapping", "prm"].flatMap((object) => [`${object}:create`, `${object}:update`]);

export function FilesPage() {
	const { may } = useSession();
	return (
		<>
			<PageHead title={t("page.files")} />
			<section>
				<h2>{t("files.export")}</h2>
				<p class="page-actions">
					{FILE_KINDS.filter((kind) => may(kind.needs)).map((kind) => (
						<a key={kind.key} class="button" href={exportHref(kind.exported)} download={`${kind.key}.xml`}>
							{t(`files.${kind.key}`)}
						</a>
					))}
				</p>
				<p class="small">{t("files.exportHint")}</p>
			</section>
			{may(...WRITES) && <Import />}
		</>
	);
}

interface Looked {
	name: string;
	xml: string;
	/** What importing it would do. */
	objects: TransferObject[];
}

function Import() {
	const [looked, setLooked] = useState<Looked>();
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const guarded = async (run: () => Promise<void>) => {
		setBusy(true);
		setError(undefined);
		try {
			await run();
		} catch (failure) {
			setError(failure as Error);
		}
		setBusy(false);
	};
	const look = (file: File | undefined) =>
		guarded(async () => {
			setLooked(undefined);
			if (!file) return;
			const xml = await file.text();
			setLooked({ name: file.name, xml, objects: await importFile(xml, true) });
		});
	const bringIn = () =>
		guarded(async () => {
			if (!looked) return;
			await importFile(looked.xml, false);
			say(t("definitions.imported", { name: looked.name }));
			setLooked(undefined);
		});
	const changing = looked?.objects.filter((one) => one.result === "created" || one.result === "updated") ?? [];
	return (
		<section>
			<h2>{t("files.import")}</h2>
			<p>
				<label>
					{t("files.choose")}{" "}
					<input
						type="file"
						accept=".xml,application/xml,text/xml"
						disabled={busy}
						onChange={(event) => void look(event.currentTarget.files?.[0])}
					/>
				</label>
			</p>
			<ErrorBox error={error} />
			{looked && (
				<>
					{changing.length === 0 ? <Empty>{t("files.nothing")}</Empty> : <Report objects={looked.objects} />}
					{changing.length > 0 && (
						<p>
							<button type="button" class="primary" disabled={busy} onClick={() => void bringIn()}>
								{t("files.doImport", { n: changing.length })}
							</button>
						</p>
					)}
				</>
			)}
		</section>
	);
}

function Report({ objects }: { objects: TransferObject[] }) {
	return (
		<div class="table-scroll">
			<table>
				<caption class="unseen">{t("files.import")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("files.kind")}</th>
						<th scope="col">{t("config.name")}</th>
						<th scope="col">{t("files.result")}</th>
						<th scope="col">{t("files.changes")}</th>
					</tr>
				</thead>
				<tbody>
					{objects.map((one) => (
						<tr key={`${one.kind} ${one.name}`}>
							<td>{one.kind}</td>
							<td>{one.name}</td>
							<td>
								<span class={`badge ${one.result === "created" ? "good" : one.result === "updated" ? "warn" : ""}`}>
									{t(`files.${one.result}`)}
								</span>
							</td>
							<td>
								{one.changes.map((change) => (
									<div key={change.field}>
										{change.field}: <del>{change.from ?? "–"}</del> → <ins>{change.to ?? "–"}</ins>
									</div>
								))}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
