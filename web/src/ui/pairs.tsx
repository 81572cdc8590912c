// SPDX-License-Identifier: Apache-2.0
/* ui/pairs.tsx: keys and values edited as rows: parameters of definitions, schedules, requests. */
import type { Pair } from "../api/types.ts";
import { t } from "../i18n/index.ts";

export function Pairs(props: { label: string; pairs: Pair[]; secrets?: boolean; onChange: (pairs: Pair[]) => void }) {
	/** Who makes a secret visible types another value: the mask is none. */
	const setSecret = (at: number, secret: boolean) => set(at, secret ? { secret } : { secret: undefined, value: "" });
	const set = (at: number, change: Partial<Pair>) =>
		props.onChange(props.pairs.map((pair, i) => (i === at ? { ...pair, ...change } : pair)));
	return (
		<fieldset class="pairs">
			<legend>{props.label}</legend>
			{props.pairs.map((pair, i) => (
				<div class={props.secrets ? "pair with-secret" : "pair"} key={i}>
					<input
						aria-label={t("pairs.key", { n: i + 1 })}
						placeholder={t("pairs.keyHint")}
						value={pair.key}
						onInput={(event) => set(i, { key: event.currentTarget.value })}
					/>
					<input
						type={pair.secret ? "password" : "text"}
						autocomplete={pair.secret ? "new-password" : undefined}
						aria-label={t("pairs.value", { n: i + 1 })}
						placeholder={t("pairs.valueHint")}
						value={pair.value}
						onInput={(event) => set(i, { value: event.currentTarget.value })}
					/>
					{props.secrets && (
						<label class="secret-mark">
							<input
								type="checkbox"
								checked={pair.secret === true}
								aria-label={t("pairs.secret", { n: i + 1 })}
								onChange={(event) => setSecret(i, event.currentTarget.checked)}
							/>
							{t("pairs.secretShort")}
						</label>
					)}
					<button
						type="button"
						class="plain"
						aria-label={t("pairs.remove", { name: pair.key || i + 1 })}
						onClick={() => props.onChange(props.pairs.filter((_, at) => at !== i))}
					>
						×
					</button>
				</div>
			))}
			<button type="button" onClick={() => props.onChange([...props.pairs, { key: "", value: "" }])}>
				{t("pairs.add")}
			</button>
		</fieldset>
	);
}

/** Rows without a key say nothing. */
export const usedPairs = (pairs: Pair[]) => pairs.filter((pair) => pair.key !== "");
