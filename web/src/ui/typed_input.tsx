// SPDX-License-Identifier: Apache-2.0
/* ui/typed_input.tsx: parameters whose definition says what they must be, each with the input for that and what is wrong beside it. */
import type { Pair } from "../api/types.ts";
import { t, type TextKey } from "../i18n/index.ts";
import type { ParameterType, Wrong } from "../parameter_type.ts";
import { Field } from "./basics.tsx";

export const typedInputId = (at: number) => `typed-${at}`;

const KINDS = { TEXT: "text", INTEGER: "number", NUMBER: "number", DATE: "date", BOOLEAN: "checkbox", CHOICE: "text" } as const;

/** What is wrong, in words. */
export const wrongWords = (type: ParameterType, wrong: Wrong) =>
	t(`typed.wrong.${wrong}` as TextKey, { choices: type.choices.slice(0, 10).join(", ") + (type.choices.length > 10 ? ", …" : "") });

export function TypedInputs(props: {
	types: ParameterType[];
	/** Of the definition: what an empty one is. */
	own: Pair[];
	pairs: Pair[];
	wrong: Map<string, string>;
	onChange: (key: string, value: string) => void;
}) {
	return (
		<div class="typed">
			{props.types.map((type, i) => (
				<TypedInput
					key={type.key}
					id={typedInputId(i)}
					type={type}
					own={props.own.find((one) => one.key === type.key)}
					pair={props.pairs.find((one) => one.key === type.key)}
					wrong={props.wrong.get(type.key)}
					onChange={(value) => props.onChange(type.key, value)}
				/>
			))}
		</div>
	);
}

function hintOf(type: ParameterType, own: Pair | undefined, pair: Pair | undefined): string | undefined {
	const usual = own && !own.secret && !pair?.value ? t("typed.usual", { value: own.value }) : undefined;
	return [type.hint, usual].filter(Boolean).join(" – ") || undefined;
}

function TypedInput(props: {
	id: string;
	type: ParameterType;
	own: Pair | undefined;
	pair: Pair | undefined;
	wrong: string | undefined;
	onChange: (value: string) => void;
}) {
	const { type, own, pair, wrong, onChange } = props;
	const value = pair?.value ?? "";
	const label = type.required ? t("typed.isRequired", { name: type.key }) : type.key;
	if (type.type === "BOOLEAN")
		return (
			<p class="field">
				<label>
					<input id={props.id} type="checkbox" checked={value === "true"} onChange={(event) => onChange(String(event.currentTarget.checked))} />{" "}
					{type.key}
				</label>
				{(wrong ?? type.hint) && <span class={wrong ? "hint wrong-text" : "hint"}> {wrong ?? type.hint}</span>}
			</p>
		);
	return (
		<Field id={props.id} label={label} hint={hintOf(type, own, pair)} error={wrong}>
			{(id, note) => {
				const common = {
					id,
					"aria-describedby": note,
					"aria-required": type.required,
					"aria-invalid": wrong !== undefined,
					value,
				};
				if (type.type === "CHOICE")
					return (
						<select {...common} onChange={(event) => onChange(event.currentTarget.value)}>
							<option value="">{t("field.none")}</option>
							{type.choices.map((one) => (
								<option key={one} value={one}>
									{one}
								</option>
							))}
						</select>
					);
				return (
					<input
						{...common}
						type={own?.secret ? "password" : KINDS[type.type]}
						step={type.type === "NUMBER" ? "any" : undefined}
						maxLength={1000}
						autocomplete={own?.secret ? "new-password" : "off"}
						onInput={(event) => onChange(event.currentTarget.value)}
					/>
				);
			}}
		</Field>
	);
}
