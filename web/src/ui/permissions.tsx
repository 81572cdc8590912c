// SPDX-License-Identifier: Apache-2.0
/* ui/permissions.tsx: the permissions of a role, each chosen from what there is; what somebody wrote otherwise stays text. */
import { t, type TextKey } from "../i18n/index.ts";
import { limitedOf, OBJECTS, permissionOf, SCOPED_OBJECTS, textOf, VERBS, type Permission } from "../permission.ts";

export function Permissions(props: { label: string; value: string[]; onChange: (value: string[]) => void }) {
	const change = (i: number, text: string) => props.onChange(props.value.map((one, k) => (k === i ? text : one)));
	return (
		<fieldset class="permissions">
			<legend>{props.label}</legend>
			{props.value.map((text, i) => {
				const permission = permissionOf(text);
				return (
					<div class="permission" key={i} role="group" aria-label={t("permission.nth", { n: i + 1 })}>
						{permission ? (
							<Chosen permission={permission} onChange={(next) => change(i, textOf(next))} />
						) : (
							<input aria-label={t("permission.text")} value={text} onInput={(event) => change(i, event.currentTarget.value)} />
						)}
						<button
							type="button"
							class="plain"
							aria-label={t("permission.remove", { n: i + 1 })}
							onClick={() => props.onChange(props.value.filter((_, k) => k !== i))}
						>
							×
						</button>
					</div>
				);
			})}
			<button type="button" onClick={() => props.onChange([...props.value, "job_instance:read"])}>
				{t("permission.add")}
			</button>
		</fieldset>
	);
}

function Chosen({ permission, onChange }: { permission: Permission; onChange: (next: Permission) => void }) {
	const all = permission.verbs.includes("*");
	const { kind, name } = limitedOf(permission.limit);
	const limit = (next: string) => onChange({ ...permission, limit: next });
	return (
		<>
			<select
				aria-label={t("permission.object")}
				value={permission.object}
				onChange={(event) => {
					const object = event.currentTarget.value;
					onChange({ ...permission, object, limit: SCOPED_OBJECTS.includes(object) ? permission.limit : "" });
				}}
			>
				{OBJECTS.map((object) => (
					<option key={object} value={object}>
						{object === "*" ? t("permission.everything") : object}
					</option>
				))}
			</select>
			<span class="verbs">
				{["*", ...VERBS].map((verb) => (
					<label key={verb}>
						<input
							type="checkbox"
							checked={permission.verbs.includes(verb)}
							disabled={verb !== "*" && all}
							onChange={(event) => {
								const rest = permission.verbs.filter((one) => one !== verb && verb !== "*");
								onChange({ ...permission, verbs: event.currentTarget.checked ? [...rest, verb] : rest });
							}}
						/>{" "}
						{verb === "*" ? t("permission.allVerbs") : verb}
					</label>
				))}
			</span>
			{SCOPED_OBJECTS.includes(permission.object) && (
				<span class="limit">
					<select
						aria-label={t("permission.limit")}
						value={kind}
						onChange={(event) => {
							const chosen = event.currentTarget.value;
							limit(chosen === "" || chosen === "own" ? chosen : `${chosen}=${name}`);
						}}
					>
						{(["", "own", "queue", "definition"] as const).map((one) => (
							<option key={one} value={one}>
								{t(`permission.limit.${one || "none"}` as TextKey)}
							</option>
						))}
					</select>
					{(kind === "queue" || kind === "definition") && (
						<input
							required
							aria-label={t("permission.limitName")}
							placeholder={t("permission.limitName")}
							value={name}
							onInput={(event) => limit(`${kind}=${event.currentTarget.value}`)}
						/>
					)}
				</span>
			)}
		</>
	);
}
