// SPDX-License-Identifier: Apache-2.0
/* pages/run_files.tsx: the files a job left, and links that open one of them without an account. */
import { useState } from "preact/hooks";
import { endLinksToFile, fileHref, filesOf, isLive, linkToFile } from "../api/jobs.ts";
import type { Deliverable, Job } from "../api/types.ts";
import { bytes, dateTime, number, t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { Empty, ErrorBox } from "../ui/basics.tsx";
import { FormDialog } from "../ui/dialog.tsx";
import { say, sayFailure } from "../ui/toast.tsx";

export function FilesView({ job }: { job: Job }) {
	const files = useLive(`files ${job.id} ${job.state}`, (signal) => filesOf(job.id, signal));
	const [linked, setLinked] = useState<Deliverable>();
	return (
		<>
			<ErrorBox error={files.error} retry={files.refresh} />
			{files.value && files.value.length === 0 && <Empty>{t(isLive(job) ? "run.filesLater" : "run.noFiles")}</Empty>}
			<ul class="job-list">
				{files.value?.map((file) => (
					<li key={file.id}>
						<a href={fileHref(file.id)} download={file.originalName ?? true}>
							{file.originalName}
						</a>
						<span class="small">
							{file.fileFamily} · {bytes(file.sizeBytes)}
						</span>
						{file.sha256 && (
							<code class="small wide-only" title={file.sha256}>
								SHA-256 {file.sha256.slice(0, 16)}…
							</code>
						)}
						<button type="button" aria-label={t("link.toWhat", { name: file.originalName ?? "" })} onClick={() => setLinked(file)}>
							{t("link.make")}
						</button>
					</li>
				))}
			</ul>
			{linked && <LinkDialog file={linked} onClose={() => setLinked(undefined)} />}
		</>
	);
}

const TIMES: { seconds: number; label: TextKey }[] = [
	{ seconds: 3600, label: "link.hour" },
	{ seconds: 86400, label: "link.day" },
	{ seconds: 7 * 86400, label: "link.week" },
];

/** For how long, then the link itself, told this once. */
function LinkDialog({ file, onClose }: { file: Deliverable; onClose: () => void }) {
	const [seconds, setSeconds] = useState(86400);
	const [link, setLink] = useState<{ href: string; until: number }>();
	const takeBack = async () => {
		try {
			say(t("link.takenBack", { n: number(await endLinksToFile(file.id)) }));
			onClose();
		} catch (failure) {
			sayFailure(failure);
		}
	};
	return (
		<FormDialog
			key={link ? 2 : 1}
			title={t("link.toWhat", { name: file.originalName ?? "" })}
			action={t(link ? "link.copy" : "link.make")}
			onClose={onClose}
			save={async () => {
				if (link) return navigator.clipboard.writeText(link.href);
				setLink(await linkToFile(file.id, seconds));
				return "stay";
			}}
		>
			{link ? (
				<>
					<p>{t("link.until", { date: dateTime(link.until) })}</p>
					<p class="code">
						<a href={link.href}>{link.href}</a>
					</p>
				</>
			) : (
				<>
					<p>{t("link.what")}</p>
					<label>
						{t("link.howLong")}{" "}
						<select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
							{TIMES.map((one) => (
								<option key={one.seconds} value={one.seconds}>
									{t(one.label)}
								</option>
							))}
						</select>
					</label>
					<p>
						<button type="button" onClick={() => void takeBack()}>
							{t("link.takeBack")}
						</button>
					</p>
				</>
			)}
		</FormDialog>
	);
}
