// SPDX-License-Identifier: Apache-2.0
/* pages/definition.tsx: one job definition, edited whole: what it runs, with what, when, within which limits. */
import { useEffect, useState } from "preact/hooks";
import { cronPreview, listConfig, readConfig, saveConfig, type ConfigObject } from "../api/config.ts";
import { url } from "../api/http.ts";
import type { Definition, Pair, Schedule } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import { usedTypes } from "../parameter_type.ts";
import { go, placeHref } from "../router.ts";
import { useSession } from "../session.tsx";
import { ErrorBox, errorWords, PageHead, When } from "../ui/basics.tsx";
import { usedPairs } from "../ui/pairs.tsx";
import { say } from "../ui/toast.tsx";
import { FieldInput, type ConfigField } from "./config_page.tsx";
import type { PageProps } from "./index.ts";

const GROUPS: { title: TextKey; open?: boolean; fields: ConfigField[] }[] = [
	{
		title: "definition.what",
		open: true,
		fields: [
			{ name: "applicationName", label: "run.name", type: "text", required: true, max: 255 },
			{ name: "description", label: "config.description", type: "text", max: 1024 },
			{ name: "pathType", label: "definition.type", type: "choice", of: ["DEFAULTSHELLCOMMAND", "DIRECTEXECUTABLE", "POWERSHELLCOMMAND", "FS", "MAVEN", "MEMORY"], words: "definition.type.", required: true, hint: "definition.typeHint" },
			{ name: "jarPath", label: "definition.command", type: "long", required: true, max: 1024 },
			{ name: "parameters", label: "run.parameters", type: "pairs", secrets: true },
			{ name: "parameterTypes", label: "definition.parameterTypes", type: "types", hint: "definition.parameterTypesHint" },
			{ name: "queueId", label: "run.queue", type: "choice", of: "q", required: true },
			{ name: "enabled", label: "config.enabled", type: "bool" },
			{ name: "highlander", label: "definition.highlander", type: "bool" },
			{ name: "priority", label: "run.priorityHow", type: "number", min: 0, max: 10 },
		],
	},
	{
		title: "definition.limits",
		fields: [
			{ name: "runMaxSeconds", label: "definition.runMax", type: "number", min: 1, max: 31536000 },
			{ name: "reasonableRuntimeLimitMinute", label: "definition.alertAfter", type: "number", min: 0 },
			{ name: "graceMs", label: "definition.grace", type: "number", min: 0, max: 3600000 },
			{ name: "memoryMaxBytes", label: "definition.memoryMax", type: "number", min: 1048576 },
			{ name: "cpuMaxSeconds", label: "definition.cpuMax", type: "number", min: 1 },
			{ name: "processesMax", label: "definition.processesMax", type: "number", min: 1, max: 100000 },
			{ name: "logMaxBytes", label: "definition.logMax", type: "number", min: 65536 },
			{ name: "filesMaxBytes", label: "definition.filesMax", type: "number", min: 0 },
			{ name: "filesMaxCount", label: "definition.filesCount", type: "number", min: 0, max: 1000000 },
			{ name: "workingDirectory", label: "definition.workingDirectory", type: "text", max: 1024 },
			{ name: "runAs", label: "definition.runAs", type: "text", max: 32, hint: "definition.runAsHint" },
			{ name: "umask", label: "definition.umask", type: "text", max: 4 },
			{ name: "concurrencyKey", label: "run.concurrencyKey", type: "text", max: 100 },
		],
	},
	{
		title: "definition.retries",
		fields: [
			{ name: "attemptsMax", label: "definition.attemptsMax", type: "number", min: 1, max: 100 },
			{ name: "retryBackoff", label: "definition.backoff", type: "choice", words: "definition.backoff.", of: ["FIXED", "EXPONENTIAL"] },
			{ name: "retryDelaySeconds", label: "definition.retryDelay", type: "number", min: 0, max: 604800 },
			{ name: "retryDelayMaxSeconds", label: "definition.retryDelayMax", type: "number", min: 0, max: 604800 },
			{ name: "onNodeLoss", label: "definition.onNodeLoss", type: "choice", words: "definition.onNodeLoss.", of: ["CRASH", "REQUEUE", "HOLD"] },
			{ name: "nodeLossesMax", label: "definition.nodeLossesMax", type: "number", min: 0, max: 10 },
			{ name: "canBeRestarted", label: "definition.restartable", type: "bool" },
		],
	},
	{
		title: "definition.java",
		fields: [
			{ name: "javaClassName", label: "definition.className", type: "text", max: 100, hint: "definition.classNameHint" },
			{ name: "classLoaderId", label: "page.context", type: "choice", of: "cl" },
			{ name: "javaOpts", label: "definition.javaOpts", type: "text", max: 1024 },
			{ name: "external", label: "definition.external", type: "bool" },
		],
	},
	{
		title: "definition.tags",
		fields: [
			{ name: "application", label: "run.application", type: "text", max: 50 },
			{ name: "module", label: "run.module", type: "text", max: 50 },
			{ name: "keyword1", label: "definition.keyword1", type: "text", max: 50 },
			{ name: "keyword2", label: "definition.keyword2", type: "text", max: 50 },
			{ name: "keyword3", label: "definition.keyword3", type: "text", max: 50 },
		],
	},
];

const NEW: Partial<Definition> = {
	applicationName: "",
	description: "",
	pathType: "DEFAULTSHELLCOMMAND",
	javaClassName: "none", // the server wants a word; processes have no class
	jarPath: "",
	enabled: true,
	highlander: false,
	canBeRestarted: true,
	parameters: [],
	parameterTypes: [],
	schedules: [],
};

/** The server gives these their defaults when they are not sent. */
const LEFT_OUT_WHEN_EMPTY = GROUPS.slice(1).flatMap((group) => group.fields.map((field) => field.name));

export function DefinitionPage({ rest, query }: PageProps) {
	const { may } = useSession();
	const isNew = rest === "new";
	const copied = Number(query.get("copy")) || undefined;
	const id = isNew ? copied : Number(rest);
	const [definition, setDefinition] = useState<Partial<Definition> | undefined>(isNew && !copied ? NEW : undefined);
	const [etag, setEtag] = useState<string | null>(null);
	const [error, setError] = useState<Error>();
	const [busy, setBusy] = useState(false);
	const queues = useLive("config queues", (signal) => listConfig<ConfigObject>("q", signal));
	const contexts = useLive("config contexts", (signal) => (may("cl:read") ? listConfig<ConfigObject>("cl", signal) : Promise.resolve([])));
	const mayEdit = may(isNew ? "jd:create" : "jd:update");

	useEffect(() => {
		if (id === undefined) return;
		readConfig<Definition>("jd", id).then(
			(read) => {
				const { object } = read;
				setDefinition(isNew ? { ...object, id: undefined, signature: null, applicationName: `${object.applicationName} (2)`, schedules: object.schedules.map((one) => ({ ...one, id: 0 })) } : object);
				setEtag(isNew ? null : read.etag);
			},
			(failure: Error) => setError(failure),
		);
	}, [id, isNew]);
	// A new definition's jobs wait in the default queue unless another is chosen.
	useEffect(() => {
		const usual = queues.value?.find((queue) => queue.defaultQueue) ?? queues.value?.[0];
		if (isNew && !copied && usual) setDefinition((old) => (old?.queueId ? old : { ...old, queueId: usual.id }));
	}, [queues.value, isNew, copied]);

	const set = (name: string, value: unknown) => setDefinition((old) => ({ ...old, [name]: value }));
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		const sent: Record<string, unknown> = {
			...definition,
			parameters: usedPairs((definition?.parameters as Pair[]) ?? []),
			parameterTypes: usedTypes(definition?.parameterTypes ?? []),
			schedules: (definition?.schedules ?? []).map((one) => ({ ...one, id: one.id || undefined, parameters: usedPairs(one.parameters) })),
		};
		if (isNew) for (const name of LEFT_OUT_WHEN_EMPTY) if (sent[name] === "" || sent[name] === null) delete sent[name];
		try {
			const saved = await saveConfig("jd", sent, etag);
			say(t("definition.saved", { name: String(sent.applicationName) }));
			if (isNew) go(`#/definition/${saved}`, "replace");
			else {
				const read = await readConfig<Definition>("jd", saved);
				setDefinition(read.object);
				setEtag(read.etag);
			}
		} catch (failure) {
			setError(failure as Error);
		}
		setBusy(false);
	};
	if (!definition) return <ErrorBox error={error} />;
	return (
		<form onSubmit={submit} class="definition">
			<PageHead title={isNew ? t("definition.new") : (definition.applicationName ?? "")}>
				{!isNew && (
					<>
						{may("job_instance:create") && definition.enabled && (
							<a class="button" href={placeHref("launch", { definition: definition.applicationName })}>
								{t("page.launch")}
							</a>
						)}
						{may("jd:create") && (
							<a class="button" href={placeHref("definition/new", { copy: rest })}>
								{t("definition.copy")}
							</a>
						)}
						<a class="button" href={url(`admin/jd/${rest}/xml`)} download={`${definition.applicationName}.xml`}>
							XML
						</a>
					</>
				)}
				{mayEdit && (
					<button type="submit" class="primary" disabled={busy}>
						{t("action.save")}
					</button>
				)}
			</PageHead>
			<ErrorBox error={error} />
			<fieldset class="plain-set" disabled={!mayEdit}>
				{GROUPS.map((group) => (
					<details key={group.title} open={group.open}>
						<summary>
							<h2>{t(group.title)}</h2>
						</summary>
						<div class="form-grid">
							{group.fields.map((field) => (
								<FieldInput
									key={field.name}
									field={field}
									choices={{ q: queues.value ?? [], cl: contexts.value ?? [] }}
									value={definition[field.name]}
									pairs={definition.parameters}
									onChange={(value) => set(field.name, value)}
								/>
							))}
						</div>
						{group.open && !isNew && <Signature of={definition.signature as string | null} />}
					</details>
				))}
				<Schedules
					schedules={definition.schedules ?? []}
					queues={queues.value ?? []}
					onChange={(schedules) => set("schedules", schedules)}
				/>
			</fieldset>
		</form>
	);
}

/** Whether it is right only nodes can tell: they have the keys. */
function Signature(props: { of: string | null | undefined }) {
	const key = props.of?.split(":")[1];
	return (
		<p class="hint" data-test="signature">
			{key ? t("definition.signedBy", { key }) : t("definition.notSigned")}
		</p>
	);
}

const NEW_SCHEDULE: Schedule = {
	id: 0,
	cronExpression: "0 6 * * *",
	queue: null,
	priority: null,
	parameters: [],
	jobDefId: null,
	timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
	dayRule: "AND",
	enabled: true,
	overlap: "ALLOW",
	misfire: "ONCE",
	misfireWindowSeconds: null,
	nextFireDate: null,
	problem: null,
};

const SCHEDULE_FIELDS: ConfigField[] = [
	{ name: "cronExpression", label: "schedule.cron", type: "text", required: true, max: 255, hint: "schedule.cronHint" },
	{ name: "timeZone", label: "schedule.zone", type: "text", max: 64, hint: "schedule.zoneHint" },
	{ name: "dayRule", label: "schedule.dayRule", type: "choice", words: "schedule.dayRule.", of: ["AND", "OR"], required: true },
	{ name: "overlap", label: "schedule.overlap", type: "choice", words: "schedule.overlap.", of: ["ALLOW", "SKIP", "REPLACE"], required: true },
	{ name: "misfire", label: "schedule.misfire", type: "choice", words: "schedule.misfire.", of: ["SKIP", "ONCE", "ALL"], required: true },
	{ name: "queue", label: "schedule.queue", type: "choice", of: "q" },
	{ name: "priority", label: "run.priorityHow", type: "number", min: 0, max: 10 },
	{ name: "parameters", label: "run.parameters", type: "pairs", secrets: true },
	{ name: "enabled", label: "config.enabled", type: "bool" },
];

function Schedules(props: { schedules: Schedule[]; queues: ConfigObject[]; onChange: (schedules: Schedule[]) => void }) {
	const set = (at: number, name: string, value: unknown) =>
		props.onChange(props.schedules.map((one, i) => (i === at ? { ...one, [name]: value } : one)));
	return (
		<details open={props.schedules.length > 0}>
			<summary>
				<h2>{t("definition.schedules")}</h2>
			</summary>
			{props.schedules.map((schedule, i) => (
				<section class="schedule" key={i} aria-label={schedule.cronExpression ?? ""}>
					{schedule.problem && <p class="error-box">{schedule.problem}</p>}
					<div class="form-grid">
						{SCHEDULE_FIELDS.map((field) => (
							<FieldInput
								key={field.name}
								field={field}
								choices={{ q: props.queues }}
								value={schedule[field.name as keyof Schedule]}
								onChange={(value) => set(i, field.name, value)}
							/>
						))}
					</div>
					<Preview schedule={schedule} />
					<p>
						<button type="button" class="danger" onClick={() => props.onChange(props.schedules.filter((_, at) => at !== i))}>
							{t("schedule.remove")}
						</button>
					</p>
				</section>
			))}
			<button type="button" onClick={() => props.onChange([...props.schedules, NEW_SCHEDULE])}>
				{t("schedule.add")}
			</button>
		</details>
	);
}

/** When it would be due: asked while one types, so that a mistake shows before it is saved. */
function Preview({ schedule }: { schedule: Schedule }) {
	const { cronExpression, timeZone, dayRule } = schedule;
	const next = useLive(`cron ${cronExpression} ${timeZone} ${dayRule}`, (signal) =>
		cronPreview(cronExpression ?? "", timeZone ?? "", dayRule ?? "AND", signal),
	);
	if (next.error) return <p class="hint wrong-text">{errorWords(next.error)}</p>;
	return (
		<div class="small">
			{t("schedule.next")}
			<ul>
				{next.value?.map((due) => (
					<li key={due}><When ms={new Date(due).getTime()} /></li>
				))}
			</ul>
		</div>
	);
}
