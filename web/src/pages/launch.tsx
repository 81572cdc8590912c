// SPDX-License-Identifier: Apache-2.0
/* pages/launch.tsx: choose a definition, fill in what it needs, start it now, later or held. */
import { useMemo, useState } from "preact/hooks";
import { listConfig } from "../api/config.ts";
import { enqueue, queues } from "../api/jobs.ts";
import type { Definition, Pair } from "../api/types.ts";
import { t } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, Field, PageHead } from "../ui/basics.tsx";
import { Pairs, usedPairs } from "../ui/pairs.tsx";
import type { PageProps } from "./index.ts";
import { LaunchCsv } from "./launch_csv.tsx";

const SHOWN_MAX = 100;

export function LaunchPage({ query }: PageProps) {
	const definitions = useLive("definitions", (signal) => listConfig<Definition>("jd", signal));
	const many = query.get("view") === "csv";
	return (
		<>
			<PageHead title={t("page.launch")}>
				<nav class="switch" aria-label={t("launch.ways")}>
					<a class="button" aria-current={many ? undefined : "true"} href={placeHref("launch", { definition: query.get("definition") ?? undefined })}>
						{t("launch.one")}
					</a>
					<a class="button" aria-current={many ? "true" : undefined} href={placeHref("launch", { view: "csv" })}>
						{t("launch.many")}
					</a>
				</nav>
			</PageHead>
			<ErrorBox error={definitions.error} retry={definitions.refresh} />
			{definitions.value?.length === 0 && (
				<Empty>
					{t("launch.noDefinitions")} <a href="#/definition/new">{t("steps.define")}</a>
				</Empty>
			)}
			{many && definitions.value && <LaunchCsv definitions={definitions.value} />}
			{!many && <LaunchOne definitions={definitions.value ?? []} name={query.get("definition")} />}
		</>
	);
}

function LaunchOne({ definitions, name }: { definitions: Definition[]; name: string | null }) {
	const [search, setSearch] = useState("");
	const chosen = definitions.find((one) => one.applicationName === name);
	const found = definitions
		.filter((one) => one.enabled)
		.filter((one) =>
			[one.applicationName, one.description, one.application, one.module]
				.join("\n")
				.toLowerCase()
				.includes(search.toLowerCase()),
		)
		.sort((a, b) => a.applicationName.localeCompare(b.applicationName));
	return (
		<div class="columns launch">
			<section>
				<input
					type="search"
					aria-label={t("launch.search")}
					placeholder={t("launch.search")}
					value={search}
					onInput={(event) => setSearch(event.currentTarget.value)}
				/>
				<ul class="choose">
					{found.slice(0, SHOWN_MAX).map((one) => (
						<li key={one.id}>
							<a
								href={placeHref("launch", { definition: one.applicationName })}
								aria-current={one === chosen ? "true" : undefined}
							>
								<strong>{one.applicationName}</strong>
								{one.description && <span class="small">{one.description}</span>}
							</a>
						</li>
					))}
				</ul>
				{found.length > SHOWN_MAX && <p class="small">{t("launch.more", { n: found.length - SHOWN_MAX })}</p>}
			</section>
			<section>
				{chosen ? <LaunchForm key={chosen.id} definition={chosen} /> : <Empty>{t("launch.choose")}</Empty>}
			</section>
		</div>
	);
}

function LaunchForm({ definition }: { definition: Definition }) {
	const { may, me } = useSession();
	const [parameters, setParameters] = useState<Pair[]>(definition.parameters);
	const [user, setUser] = useState(me.login ?? "");
	const [session, setSession] = useState("");
	const [queue, setQueue] = useState("");
	const [priority, setPriority] = useState("");
	const [held, setHeld] = useState(false);
	const [after, setAfter] = useState("");
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const allQueues = useLive("queues", (signal) => (may("queue:read") ? queues(signal) : Promise.resolve([])));
	// Sent twice by a nervous hand or a lost answer, it is still one job.
	const idempotencyKey = useMemo(() => crypto.getRandomValues(new Uint32Array(4)).join("-"), []);

	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			const job = await enqueue({
				applicationName: definition.applicationName,
				parameters: usedPairs(parameters),
				user: user || undefined,
				sessionID: session || undefined,
				queueName: queue || undefined,
				priority: priority === "" ? undefined : Number(priority),
				startState: held ? "HOLDED" : undefined,
				runAfter: after ? new Date(after).getTime() : undefined,
				idempotencyKey,
			});
			go(`#/run/${job.id}`);
		} catch (failure) {
			setError(failure as Error);
			setBusy(false);
		}
	};
	return (
		<form class="launch-form" onSubmit={submit}>
			<h2>{definition.applicationName}</h2>
			{definition.description && <p>{definition.description}</p>}
			<Pairs secrets label={t("run.parameters")} pairs={parameters} onChange={setParameters} />
			<Field id="launch-user" label={t("run.user")} hint={t("launch.userHint")}>
				{(id, note) => <input id={id} aria-describedby={note} maxLength={100} value={user} onInput={(event) => setUser(event.currentTarget.value)} />}
			</Field>
			<details>
				<summary>{t("launch.more.options")}</summary>
				<Field id="launch-session" label={t("run.session")}>
					{(id) => <input id={id} maxLength={255} value={session} onInput={(event) => setSession(event.currentTarget.value)} />}
				</Field>
				<Field id="launch-queue" label={t("run.queue")}>
					{(id) => (
						<select id={id} value={queue} onChange={(event) => setQueue(event.currentTarget.value)}>
							<option value="">{t("launch.usualQueue")}</option>
							{allQueues.value?.map((one) => (
								<option key={one.id} value={one.name}>
									{one.name}
								</option>
							))}
						</select>
					)}
				</Field>
				<Field id="launch-priority" label={t("run.priorityHow")}>
					{(id) => <input id={id} type="number" min={0} max={10} value={priority} onInput={(event) => setPriority(event.currentTarget.value)} />}
				</Field>
				<Field id="launch-after" label={t("run.runAfter")}>
					{(id) => <input id={id} type="datetime-local" value={after} onInput={(event) => setAfter(event.currentTarget.value)} />}
				</Field>
				<p class="field">
					<label>
						<input type="checkbox" checked={held} onChange={() => setHeld(!held)} /> {t("launch.held")}
					</label>
				</p>
			</details>
			<ErrorBox error={error} />
			<button type="submit" class="primary" disabled={busy}>
				{t("launch.do")}
			</button>
		</form>
	);
}
