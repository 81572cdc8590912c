// SPDX-License-Identifier: Apache-2.0
/* pages/definitions.tsx: what can be run; XML in and out. */
import { useState } from "preact/hooks";
import { deleteConfig, listConfig } from "../api/config.ts";
import { url } from "../api/http.ts";
import type { Definition } from "../api/types.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { ErrorBox, PageHead } from "../ui/basics.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Table } from "../ui/table.tsx";

export function DefinitionsPage() {
	const { may } = useSession();
	const list = useLive("definitions", (signal) => listConfig<Definition>("jd", signal));
	const [deleted, setDeleted] = useState<Definition>();
	return (
		<>
			<PageHead title={t("page.definitions")}>
				{may("jd:create") && (
					<>
						<a class="button primary" href="#/definition/new">
							{t("action.add")}
						</a>
						<a class="button" href="#/files">
							{t("definitions.import")}
						</a>
					</>
				)}
				<a class="button" href={url("admin/jd/all/xml")} download="definitions.xml">
					{t("definitions.export")}
				</a>
			</PageHead>
			<ErrorBox error={list.error} retry={list.refresh} />
			{list.value && (
				<Table
					name="jd"
					rows={list.value}
					caption={t("page.definitions")}
					empty={t("definitions.none")}
					columns={[
						{
							key: "name",
							label: t("run.name"),
							value: (row) => row.applicationName,
							show: (row) => <a href={`#/definition/${row.id}`}>{row.applicationName}</a>,
						},
						{ key: "description", label: t("config.description"), wideOnly: true, value: (row) => row.description },
						{ key: "enabled", label: t("config.enabled"), value: (row) => row.enabled },
						{ key: "type", label: t("definition.type"), wideOnly: true, value: (row) => typeOf(row.pathType) },
						{ key: "schedules", label: t("definition.schedules"), wideOnly: true, value: (row) => row.schedules.length },
						{ key: "module", label: t("run.module"), wideOnly: true, value: (row) => row.module },
					]}
					actions={(row) => (
						<>
							{may("job_instance:create") && row.enabled && (
								<a class="button" href={placeHref("launch", { definition: row.applicationName })}>
									{t("page.launch")}
								</a>
							)}
							{may("job_instance:read") && (
								<a class="button" href={placeHref("runs", { name: row.applicationName })}>
									{t("page.runs")}
								</a>
							)}
							{may("jd:delete") && (
								<button type="button" class="danger" aria-label={t("action.deleteWhat", { name: row.applicationName })} onClick={() => setDeleted(row)}>
									{t("action.delete")}
								</button>
							)}
						</>
					)}
				/>
			)}
			{deleted && (
				<Confirm
					title={t("action.deleteWhat", { name: deleted.applicationName })}
					text={t("action.deleteSure", { name: deleted.applicationName })}
					action={t("action.delete")}
					danger
					run={async () => {
						await deleteConfig("jd", deleted.id);
						list.refresh();
					}}
					onClose={() => setDeleted(undefined)}
				/>
			)}
		</>
	);
}

/** How it is run, in a word: JQM's names of these are long. */
function typeOf(pathType: string | null): string {
	if (pathType === "DIRECTEXECUTABLE") return t("definition.typeProgram");
	if (pathType === "POWERSHELLCOMMAND") return "PowerShell";
	if (pathType === "DEFAULTSHELLCOMMAND") return t("definition.typeShell");
	return pathType ?? "";
}
