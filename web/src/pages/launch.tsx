// SPDX-License-Identifier: Apache-2.0
/* pages/launch.tsx: choose a definition, fill in what it needs, start it now, later or held. */
import { useMemo, useState } from "preact/hooks";
import { listConfig } from "../api/config.ts";
import { ApiError } from "../api/http.ts";
import { enqueue, queues, readJob, type JobRequest } from "../api/jobs.ts";
import type { Definition, Job, Pair } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { wrongParameters } from "../parameter_type.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { Empty, ErrorBox, Field, PageHead } from "../ui/basics.tsx";
import { Pairs, usedPairs } from "../ui/pairs.tsx";
import { typedInputId, TypedInputs, wrongWords } from "../ui/typed_input.tsx";
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
			{!many && <LaunchOne definitions={definitions.value ?? []} query={query} />}
		</>
	);
}

function LaunchOne({ definitions, query }: { definitions: Definition[]; query: URLSearchParams }) {
	const name = query.get("definition");
	const like = Number(query.get("like")) || undefined;
	const search = query.get("q") ?? "";
	const setSearch = (text: string) => {
		const next = new URLSearchParams(query);
		next.set("q", text);
		go(placeHref("launch", next), "replace");
	};
	const chosen = definitions.find((one) => one.applicationName === name);
	/** A job to begin from: as it was asked for. */
	const model = useLive(`like ${like}`, (signal) => (like ? readJob(like, signal) : Promise.resolve(undefined)));
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
								href={placeHref("launch", { definition: one.applicationName, q: search })}
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
				<ErrorBox error={model.error} />
				{!chosen && <Empty>{t("launch.choose")}</Empty>}
				{chosen && !model.loading && <LaunchForm key={`${chosen.id} ${like}`} definition={chosen} like={model.value} />}
			</section>
		</div>
	);
}

/** What a definition gives, and what a job was given over it; a secret of that job nobody can give again. */
const begunWith = (definition: Definition, like: Job | undefined): Definition => {
	const given = (like?.parameters ?? []).filter((pair) => !pair.secret);
	return { ...definition, parameters: [...definition.parameters.filter((own) => !given.some((pair) => pair.key === own.key)), ...given] };
};

/** Typed ones as they begin: a box that is not ticked says false. */
const typedOf = ({ parameters, parameterTypes }: Definition): Pair[] =>
	parameterTypes.flatMap((type) => {
		const own = parameters.find((one) => one.key === type.key);
		return own ?? (type.type === "BOOLEAN" ? { key: type.key, value: "false" } : []);
	});

const untypedOf = ({ parameters, parameterTypes }: Definition): Pair[] =>
	parameters.filter((one) => !parameterTypes.some((type) => type.key === one.key));

/** What is given for a job of a definition, and what is wrong with it, in words by key. */
function useParameters(definition: Definition, like: Job | undefined) {
	const types = definition.parameterTypes;
	const [typed, setTyped] = useState<Pair[]>(() => typedOf(begunWith(definition, like)));
	const [untyped, setUntyped] = useState<Pair[]>(() => untypedOf(begunWith(definition, like)));
	const [wrong, setWrong] = useState<Map<string, string>>(new Map());
	const given = [...typed.filter((one) => !untyped.some((other) => other.key === one.key)), ...usedPairs(untyped)];
	/** An empty one is not given: then it is the definition's. */
	const setOne = (key: string, value: string) => {
		const secret = definition.parameters.find((one) => one.key === key)?.secret;
		const rest = typed.filter((one) => one.key !== key);
		setTyped(value === "" ? rest : [...rest, { key, value, ...(secret && { secret }) }]);
		setWrong((before) => new Map([...before].filter(([one]) => one !== key)));
	};
	/** Beside their fields, the first of which gets the focus. */
	const show = (found: Map<string, string>) => {
		setWrong(found);
		document.getElementById(typedInputId(types.findIndex((type) => found.has(type.key))))?.focus();
	};
	/** Is all as the definition wants it?  A date or number that is not complete has no value, and is wrong all the same. */
	const check = (form: HTMLFormElement): boolean => {
		const broken = wrongParameters(types, definition.parameters, given);
		types.forEach((type, i) => {
			const input = form.elements.namedItem(typedInputId(i));
			if (input instanceof HTMLInputElement && input.validity.badInput && type.type !== "TEXT") broken.set(type.key, type.type);
		});
		show(new Map(types.flatMap((type) => (broken.has(type.key) ? [[type.key, wrongWords(type, broken.get(type.key)!)] as const] : []))));
		return broken.size === 0;
	};
	/** The server's own words about one of them; false: about something else. */
	const refused = (failure: unknown): boolean => {
		const key = failure instanceof ApiError && failure.key === "parameterWrong" ? failure.about : null;
		if (key === null || !types.some((type) => type.key === key)) return false;
		show(new Map([[key, (failure as ApiError).message]]));
		return true;
	};
	return { typed, untyped, setUntyped, wrong, given, setOne, check, refused };
}

/** Fields of a request that are texts, in the order in which they stand among the options. */
const TEXTS = [
	{ name: "sessionID", label: "run.session", max: 255 },
	{ name: "email", label: "run.email", max: 255, hint: "launch.emailHint" },
	{ name: "application", label: "run.application", max: 50 },
	{ name: "module", label: "run.module", max: 50 },
	{ name: "keyword1", label: "definition.keyword1", max: 50 },
	{ name: "keyword2", label: "definition.keyword2", max: 50 },
	{ name: "keyword3", label: "definition.keyword3", max: 50 },
	{ name: "concurrencyKey", label: "run.concurrencyKey", max: 100 },
] as const satisfies { name: keyof JobRequest & keyof Job; label: TextKey; max: number; hint?: TextKey }[];
type TextName = (typeof TEXTS)[number]["name"];

function LaunchForm({ definition, like }: { definition: Definition; like: Job | undefined }) {
	const { may, me } = useSession();
	const parameters = useParameters(definition, like);
	const [user, setUser] = useState(like?.user ?? me.login ?? "");
	const [texts, setTexts] = useState<Partial<Record<TextName, string>>>(() =>
		Object.fromEntries(TEXTS.map(({ name }) => [name, like?.[name] ?? ""])),
	);
	const [waitFor, setWaitFor] = useState("");
	const [attempts, setAttempts] = useState("");
	const [queue, setQueue] = useState("");
	const [priority, setPriority] = useState(like?.priority ? String(like.priority) : "");
	const [held, setHeld] = useState(false);
	const [after, setAfter] = useState("");
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const allQueues = useLive("queues", (signal) => (may("queue:read") ? queues(signal) : Promise.resolve([])));
	// Sent twice by a nervous hand or a lost answer, it is still one job.
	const idempotencyKey = useMemo(() => crypto.getRandomValues(new Uint32Array(4)).join("-"), []);

	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		setError(undefined);
		if (!parameters.check(event.currentTarget as HTMLFormElement)) return;
		setBusy(true);
		try {
			const job = await enqueue({
				applicationName: definition.applicationName,
				parameters: parameters.given,
				user: user || undefined,
				...Object.fromEntries(TEXTS.map(({ name }) => [name, texts[name] || undefined])),
				waitFor: waitFor.split(/[\s,;]+/).filter(Boolean),
				maxAttempts: attempts === "" ? undefined : Number(attempts),
				queueName: queue || undefined,
				priority: priority === "" ? undefined : Number(priority),
				startState: held ? "HOLDED" : undefined,
				runAfter: after ? new Date(after).getTime() : undefined,
				idempotencyKey,
			});
			go(`#/run/${job.id}`);
		} catch (failure) {
			if (!parameters.refused(failure)) setError(failure as Error);
			setBusy(false);
		}
	};
	return (
		<form class="launch-form" noValidate onSubmit={submit}>
			<h2>{definition.applicationName}</h2>
			{definition.description && <p>{definition.description}</p>}
			<TypedInputs
				types={definition.parameterTypes}
				own={definition.parameters}
				pairs={parameters.typed}
				wrong={parameters.wrong}
				onChange={parameters.setOne}
			/>
			<Pairs
				secrets
				label={t(definition.parameterTypes.length > 0 ? "launch.otherParameters" : "run.parameters")}
				pairs={parameters.untyped}
				onChange={parameters.setUntyped}
			/>
			<Field id="launch-user" label={t("run.user")} hint={t("launch.userHint")}>
				{(id, note) => <input id={id} aria-describedby={note} maxLength={255} value={user} onInput={(event) => setUser(event.currentTarget.value)} />}
			</Field>
			<details>
				<summary>{t("launch.more.options")}</summary>
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
				<Field id="launch-wait" label={t("run.waitFor")} hint={t("launch.waitHint")}>
					{(id, note) => <input id={id} aria-describedby={note} value={waitFor} onInput={(event) => setWaitFor(event.currentTarget.value)} />}
				</Field>
				<Field id="launch-attempts" label={t("definition.attemptsMax")}>
					{(id) => <input id={id} type="number" min={1} max={100} value={attempts} onInput={(event) => setAttempts(event.currentTarget.value)} />}
				</Field>
				{TEXTS.map((one) => (
					<Field key={one.name} id={`launch-${one.name}`} label={t(one.label)} hint={"hint" in one ? t(one.hint) : undefined}>
						{(id, note) => (
							<input
								id={id}
								aria-describedby={note}
								maxLength={one.max}
								value={texts[one.name] ?? ""}
								onInput={(event) => setTexts({ ...texts, [one.name]: event.currentTarget.value })}
							/>
						)}
					</Field>
				))}
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
