// SPDX-License-Identifier: Apache-2.0
/*
 * pages/config_page.tsx: a page about one kind of configuration object, made of a table of its fields: the list, and the dialog that
 * makes or changes one.  Two who edit the same: the later one is told.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { deleteConfig, listConfig, readConfig, saveConfig, type ConfigObject, type Kind } from "../api/config.ts";
import type { Pair } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import { useLive } from "../live.ts";
import type { ParameterType } from "../parameter_type.ts";
import { useSession } from "../session.tsx";
import { ErrorBox, Field, PageHead, When } from "../ui/basics.tsx";
import { Confirm, FormDialog } from "../ui/dialog.tsx";
import { Dropdown } from "../ui/dropdown.tsx";
import { Pairs, usedPairs } from "../ui/pairs.tsx";
import { ParameterTypes } from "../ui/parameter_types.tsx";
import { Permissions } from "../ui/permissions.tsx";
import { Table, type Column } from "../ui/table.tsx";

export interface ConfigField {
	name: string;
	label: TextKey;
	type: "text" | "long" | "number" | "bool" | "date" | "pairs" | "list" | "choice" | "choices" | "password" | "permissions" | "types";
	/** Of "choice" and "choices": objects of that kind, by number; or fixed words. */
	of?: Kind | readonly string[];
	/** What fixed words are called: the texts of these keys, the word behind each. */
	words?: string;
	required?: boolean;
	min?: number;
	max?: number;
	hint?: TextKey;
	/** An empty text is sent as one; else it means "none". */
	mayBeBlank?: boolean;
	/** Not in the list, not in the form, not when it exists already. */
	notListed?: boolean;
	notEdited?: boolean;
	onlyNew?: boolean;
	wideOnly?: boolean;
	/** Its column is not shown unless the reader chooses it. */
	unusual?: boolean;
	/** Of "pairs": may their values be secret? */
	secrets?: boolean;
	/** Value of a new object. */
	initial?: unknown;
}

export interface ConfigPageProps<T extends ConfigObject> {
	kind: Kind;
	/** "queue": of permissions. */
	object: string;
	title: TextKey;
	empty: TextKey;
	/** What one is called in questions. */
	nameOf: (row: T) => string;
	fields: ConfigField[];
	mayCreate?: boolean;
	everyMs?: number;
	/** More columns, and more buttons of a row. */
	columns?: Column<T>[];
	actions?: (row: T, refresh: () => void) => ComponentChildren;
	/** What a new one may begin as, chosen before it is edited. */
	models?: Model[];
}

export interface Model {
	group: string;
	name: string;
	values: Record<string, unknown>;
}

/** Objects that fields choose among, by kind. */
type Choices = Partial<Record<Kind, ConfigObject[]>>;

const labelOf = (row: ConfigObject) => String(row.name ?? row.applicationName ?? row.login ?? row.key ?? row.id);

function useChoices(fields: ConfigField[]): Choices {
	const kinds = [...new Set(fields.flatMap((field) => (typeof field.of === "string" ? [field.of] : [])))];
	const live = useLive(`choices ${kinds}`, async (signal) => {
		// What the reader may not see he cannot choose; all else he can.
		const lists = await Promise.all(kinds.map((kind) => listConfig(kind, signal).catch((): ConfigObject[] => [])));
		return Object.fromEntries(kinds.map((kind, i) => [kind, lists[i]])) as Choices;
	});
	return live.value ?? {};
}

function listedValue(row: ConfigObject, field: ConfigField, choices: Choices): string | number | boolean | null {
	const value = row[field.name];
	if (field.type === "pairs") return (value as Pair[]).length;
	if (field.type === "list" || field.type === "permissions") return (value as string[]).join(", ");
	if (typeof field.of === "string" && choices[field.of]) {
		const ids = Array.isArray(value) ? value : [value];
		return ids
			.map((id) => choices[field.of as Kind]!.find((one) => one.id === id))
			.map((one) => (one ? labelOf(one) : ""))
			.join(", ");
	}
	return value as string | number | boolean | null;
}

export function ConfigPage<T extends ConfigObject>(props: ConfigPageProps<T>) {
	const { may } = useSession();
	const list = useLive(props.kind, (signal) => listConfig<T>(props.kind, signal), props.everyMs ?? 0);
	const choices = useChoices(props.fields);
	const [edited, setEdited] = useState<T | "new" | Model>();
	const [deleted, setDeleted] = useState<T>();
	const columns: Column<T>[] = [
		...props.fields
			.filter((field) => !field.notListed && field.type !== "password")
			.map((field) => ({
				key: field.name,
				label: t(field.label),
				wideOnly: field.wideOnly,
				unusual: field.unusual,
				figure: field.type === "number",
				value: (row: T) => listedValue(row, field, choices),
				show: field.type === "date" ? (row: T) => <When ms={row[field.name] as number | null} /> : undefined,
			})),
		...(props.columns ?? []),
	];
	const mayUpdate = may(`${props.object}:update`);
	const mayDelete = may(`${props.object}:delete`);
	return (
		<>
			<PageHead title={t(props.title)}>
				{props.mayCreate !== false && may(`${props.object}:create`) && (
					props.models ? (
						<Models models={props.models} onChoose={setEdited} />
					) : (
						<button type="button" class="primary" onClick={() => setEdited("new")}>
							{t("action.add")}
						</button>
					)
				)}
			</PageHead>
			<ErrorBox error={list.error} retry={list.refresh} />
			{list.value && (
				<Table
					name={props.kind}
					rows={list.value}
					columns={columns}
					caption={t(props.title)}
					empty={t(props.empty)}
					actions={(row) => (
						<>
							{props.actions?.(row, list.refresh)}
							{mayUpdate && (
								<button type="button" aria-label={t("action.editWhat", { name: props.nameOf(row) })} onClick={() => setEdited(row)}>
									{t("action.edit")}
								</button>
							)}
							{mayDelete && !row.builtIn && (
								<button type="button" class="danger" aria-label={t("action.deleteWhat", { name: props.nameOf(row) })} onClick={() => setDeleted(row)}>
									{t("action.delete")}
								</button>
							)}
						</>
					)}
				/>
			)}
			{edited && (
				<EditDialog
					kind={props.kind}
					fields={props.fields}
					choices={choices}
					row={edited === "new" || isModel(edited) ? undefined : edited}
					model={edited !== "new" && isModel(edited) ? edited : undefined}
					title={edited === "new" ? t("action.add") : isModel(edited) ? t("models.add", { name: edited.name }) : t("action.editWhat", { name: props.nameOf(edited) })}
					onClose={() => setEdited(undefined)}
					onSaved={list.refresh}
				/>
			)}
			{deleted && (
				<Confirm
					title={t("action.deleteWhat", { name: props.nameOf(deleted) })}
					text={t("action.deleteSure", { name: props.nameOf(deleted) })}
					action={t("action.delete")}
					danger
					run={async () => {
						await deleteConfig(props.kind, deleted.id);
						list.refresh();
					}}
					onClose={() => setDeleted(undefined)}
				/>
			)}
		</>
	);
}

const isModel = (one: ConfigObject | "new" | Model): one is Model => one !== "new" && "values" in one && !("id" in one);

/** What a new one may begin as, by groups. */
function Models({ models, onChoose }: { models: Model[]; onChoose: (model: Model) => void }) {
	return (
		<Dropdown label={t("action.add")}>
			{[...new Set(models.map((one) => one.group))].map((group) => (
				<div key={group} role="group" aria-label={group} class="models">
					<h3>{group}</h3>
					{models
						.filter((one) => one.group === group)
						.map((one) => (
							<button key={one.name} type="button" data-leads-away onClick={() => onChoose(one)}>
								{one.name}
							</button>
						))}
				</div>
			))}
		</Dropdown>
	);
}

function initialOf(fields: ConfigField[]): Record<string, unknown> {
	const empty: Record<ConfigField["type"], unknown> = {
		text: "", long: "", number: null, bool: false, date: null, pairs: [], list: [], permissions: [], choice: null, choices: [], password: "", types: [],
	};
	return Object.fromEntries(fields.map((field) => [field.name, field.initial ?? empty[field.type]]));
}

function EditDialog(props: {
	kind: Kind;
	fields: ConfigField[];
	choices: Choices;
	row: ConfigObject | undefined;
	model: Model | undefined;
	title: string;
	onClose: () => void;
	onSaved: () => void;
}) {
	const [object, setObject] = useState<Record<string, unknown> | undefined>(props.row ? undefined : { ...initialOf(props.fields), ...props.model?.values });
	const [etag, setEtag] = useState<string | null>(null);
	const [error, setError] = useState<Error>();
	const id = props.row?.id;
	useEffect(() => {
		if (id === undefined) return;
		readConfig<Record<string, unknown>>(props.kind, id).then(
			(read) => {
				setObject(read.object);
				setEtag(read.etag);
			},
			(failure: Error) => setError(failure),
		);
	}, [props.kind, id]);
	const save = async () => {
		const saved: Record<string, unknown> = { ...object };
		for (const field of props.fields) {
			if (field.type === "pairs") saved[field.name] = usedPairs((saved[field.name] as Pair[]) ?? []);
			// Empty lines are kept while one types: else there would be no next one.
			if (field.type === "list") saved[field.name] = ((saved[field.name] as string[] | null) ?? []).map((line) => line.trim()).filter(Boolean);
			if (field.type === "password" && !saved[field.name]) delete saved[field.name];
			if (field.type === "text" && saved[field.name] === "" && !field.required && !field.mayBeBlank) saved[field.name] = null;
		}
		await saveConfig(props.kind, saved, etag);
		props.onSaved();
	};
	return (
		<FormDialog title={props.title} action={t("action.save")} save={save} onClose={props.onClose} wide>
			<ErrorBox error={error} />
			{object &&
				props.fields
					.filter((field) => !field.notEdited && !(field.onlyNew && id !== undefined))
					.map((field) => (
						<FieldInput
							key={field.name}
							field={field}
							choices={props.choices}
							value={object[field.name]}
							onChange={(value) => setObject((old) => ({ ...old, [field.name]: value }))}
						/>
					))}
		</FormDialog>
	);
}

/** A date as the field of a form wants it, in the reader's zone. */
function localDate(ms: unknown): string {
	if (typeof ms !== "number") return "";
	const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60000);
	return date.toISOString().slice(0, 16);
}

export function FieldInput(props: {
	field: ConfigField;
	choices: Choices;
	value: unknown;
	/** Of "types": the parameters they are about. */
	pairs?: Pair[];
	onChange: (value: unknown) => void;
}) {
	const { field, value, onChange } = props;
	const id = `field-${field.name}`;
	if (field.type === "pairs")
		return <Pairs secrets={field.secrets} label={t(field.label)} pairs={(value as Pair[] | null) ?? []} onChange={onChange} />;
	if (field.type === "types")
		return (
			<ParameterTypes
				label={t(field.label)}
				hint={field.hint && t(field.hint)}
				types={(value as ParameterType[] | null) ?? []}
				secret={(props.pairs ?? []).filter((pair) => pair.secret).map((pair) => pair.key)}
				onChange={onChange}
			/>
		);
	if (field.type === "permissions")
		return <Permissions label={t(field.label)} value={(value as string[] | null) ?? []} onChange={onChange} />;
	if (field.type === "bool")
		return (
			<p class="field">
				<label>
					<input type="checkbox" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />{" "}
					{t(field.label)}
				</label>
			</p>
		);
	return (
		<Field id={id} label={t(field.label)} hint={field.hint && t(field.hint)}>
			{(inputId, describedBy) => {
				const common = { id: inputId, "aria-describedby": describedBy, required: field.required };
				switch (field.type) {
					case "number":
						return (
							<input
								{...common}
								type="number"
								min={field.min}
								max={field.max}
								value={value === null || value === undefined ? "" : Number(value)}
								onInput={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.valueAsNumber)}
							/>
						);
					case "date":
						return (
							<input
								{...common}
								type="datetime-local"
								value={localDate(value)}
								onInput={(event) => onChange(event.currentTarget.value ? new Date(event.currentTarget.value).getTime() : null)}
							/>
						);
					case "long":
						return (
							<textarea
								{...common}
								rows={3}
								value={String(value ?? "")}
								onInput={(event) => onChange(event.currentTarget.value)}
							/>
						);
					case "list":
						return (
							<textarea
								{...common}
								rows={6}
								value={((value as string[] | null) ?? []).join("\n")}
								onInput={(event) => onChange(event.currentTarget.value.split("\n"))}
							/>
						);
					case "choice":
						return <Choice {...props} id={inputId} describedBy={describedBy} />;
					case "choices":
						return <ManyChoices {...props} id={inputId} />;
					default:
						return (
							<input
								{...common}
								type={field.type === "password" ? "password" : "text"}
								autocomplete={field.type === "password" ? "new-password" : "off"}
								maxLength={field.max}
								value={String(value ?? "")}
								onInput={(event) => onChange(event.currentTarget.value)}
							/>
						);
				}
			}}
		</Field>
	);
}

function Choice(props: {
	field: ConfigField;
	choices: Choices;
	value: unknown;
	onChange: (value: unknown) => void;
	id: string;
	describedBy: string | undefined;
}) {
	const { of, required, words } = props.field;
	const fixed = typeof of === "string" ? undefined : of;
	const options = fixed
		? fixed.map((word) => ({ value: word, label: words ? t(`${words}${word}` as TextKey) : word }))
		: (props.choices[of as Kind] ?? []).map((row) => ({ value: String(row.id), label: labelOf(row) }));
	return (
		<select
			id={props.id}
			aria-describedby={props.describedBy}
			required={required}
			value={String(props.value ?? "")}
			onChange={(event) => {
				const chosen = event.currentTarget.value;
				props.onChange(chosen === "" ? null : fixed ? chosen : Number(chosen));
			}}
		>
			<option value="">{t("field.none")}</option>
			{options.map((option) => (
				<option key={option.value} value={option.value}>
					{option.label}
				</option>
			))}
		</select>
	);
}

function ManyChoices(props: {
	field: ConfigField;
	choices: Choices;
	value: unknown;
	onChange: (value: unknown) => void;
	id: string;
}) {
	const chosen = (props.value as number[] | null) ?? [];
	return (
		<div id={props.id} class="many" role="group">
			{(props.choices[props.field.of as Kind] ?? []).map((row) => (
				<label key={row.id}>
					<input
						type="checkbox"
						checked={chosen.includes(row.id)}
						onChange={(event) =>
							props.onChange(event.currentTarget.checked ? [...chosen, row.id] : chosen.filter((id) => id !== row.id))
						}
					/>{" "}
					{labelOf(row)}
				</label>
			))}
		</div>
	);
}
