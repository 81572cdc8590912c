// SPDX-License-Identifier: Apache-2.0
/* ui/parameter_types.tsx: what a definition says of its parameters, edited as rows. */
import { t, type TextKey } from "../i18n/index.ts";
import { PARAMETER_TYPES, type ParameterType } from "../parameter_type.ts";

export const typeName = (type: ParameterType["type"]) => t(`typed.${type}` as TextKey);

const NEW: ParameterType = { key: "", type: "TEXT", required: false, hint: null, choices: [] };

export function ParameterTypes(props: {
	label: string;
	hint?: string;
	types: ParameterType[];
	/** Keys of parameters whose values are secret. */
	secret: string[];
	onChange: (types: ParameterType[]) => void;
}) {
	const set = (at: number, change: Partial<ParameterType>) =>
		props.onChange(props.types.map((one, i) => (i === at ? { ...one, ...change } : one)));
	return (
		<fieldset class="pairs">
			<legend>{props.label}</legend>
			{props.hint && <p class="hint">{props.hint}</p>}
			{props.types.map((one, i) => (
				<TypeRow
					key={i}
					n={i + 1}
					type={one}
					secret={props.secret.includes(one.key)}
					onChange={(change) => set(i, change)}
					onRemove={() => props.onChange(props.types.filter((_, at) => at !== i))}
				/>
			))}
			<button type="button" onClick={() => props.onChange([...props.types, NEW])}>
				{t("typed.add")}
			</button>
		</fieldset>
	);
}

function TypeRow(props: { n: number; type: ParameterType; secret: boolean; onChange: (change: Partial<ParameterType>) => void; onRemove: () => void }) {
	const { n, type, onChange } = props;
	return (
		<div class="type-row">
			<input
				aria-label={t("typed.keyOf", { n })}
				placeholder={t("pairs.keyHint")}
				maxLength={50}
				value={type.key}
				onInput={(event) => onChange({ key: event.currentTarget.value })}
			/>
			<select
				aria-label={t("typed.typeOf", { n })}
				value={type.type}
				onChange={(event) => onChange({ type: event.currentTarget.value as ParameterType["type"] })}
			>
				{PARAMETER_TYPES.map((one) => (
					<option key={one} value={one}>
						{typeName(one)}
					</option>
				))}
			</select>
			<input
				aria-label={t("typed.hintOf", { n })}
				placeholder={t("typed.hint")}
				maxLength={200}
				value={type.hint ?? ""}
				onInput={(event) => onChange({ hint: event.currentTarget.value })}
			/>
			<label class="secret-mark">
				<input
					type="checkbox"
					checked={type.required}
					aria-label={t("typed.requiredOf", { n })}
					onChange={(event) => onChange({ required: event.currentTarget.checked })}
				/>
				{t("typed.required")}
			</label>
			<button type="button" class="plain" aria-label={t("typed.remove", { name: type.key || n })} onClick={props.onRemove}>
				×
			</button>
			{props.secret && type.type !== "TEXT" && (
				<p class="hint wrong-text" role="status">
					{t("typed.secretIsText", { name: type.key })}
				</p>
			)}
			{type.type === "CHOICE" && (
				<textarea
					rows={3}
					aria-label={t("typed.choicesOf", { n })}
					placeholder={t("typed.choices")}
					value={type.choices.join("\n")}
					onInput={(event) => onChange({ choices: event.currentTarget.value.split("\n") })}
				/>
			)}
		</div>
	);
}
