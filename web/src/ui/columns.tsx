// SPDX-License-Identifier: Apache-2.0
/* ui/columns.tsx: which columns of a table its reader wants to see; the browser remembers. */
import { useState } from "preact/hooks";
import { t } from "../i18n/index.ts";
import { Dropdown } from "./dropdown.tsx";

export interface Choosable {
	key: string;
	label: string;
	/** Shown unless the reader chose other columns. */
	usual: boolean;
}

/** The chosen columns of the table of that name, and how to choose others.  The first one always stays. */
export function useColumns(table: string, all: readonly Choosable[]): [ReadonlySet<string>, (chosen: ReadonlySet<string>) => void] {
	const place = `jqm-columns-${table}`;
	const [stored, setStored] = useState(() => localStorage.getItem(place));
	const usual = all.filter((one) => one.usual).map((one) => one.key);
	const wanted = stored === null ? usual : stored.split(",").filter((key) => all.some((one) => one.key === key));
	const chosen = new Set([...all.slice(0, 1).map((one) => one.key), ...wanted]);
	return [
		chosen,
		(next) => {
			const text = all.map((one) => one.key).filter((key) => next.has(key)).join(",");
			if (text === usual.join(",")) localStorage.removeItem(place);
			else localStorage.setItem(place, text);
			setStored(text === usual.join(",") ? null : text);
		},
	];
}

export function ColumnChoice(props: {
	all: readonly Choosable[];
	chosen: ReadonlySet<string>;
	onChange: (chosen: ReadonlySet<string>) => void;
}) {
	return (
		<Dropdown label={t("table.columns")}>
			{props.all.map(({ key, label }, i) => (
					<label key={key}>
						<input
							type="checkbox"
							checked={props.chosen.has(key)}
							disabled={i === 0}
							onChange={(event) => {
								const next = new Set(props.chosen);
								if (event.currentTarget.checked) next.add(key);
								else next.delete(key);
								props.onChange(next);
							}}
						/>{" "}
						{label}
					</label>
				))}
		</Dropdown>
	);
}
