// SPDX-License-Identifier: Apache-2.0
/* ui/plot.tsx: numbers over time, drawn by uPlot, with a table of the same numbers for who cannot see it. */
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { t } from "../i18n/index.ts";

export interface Series {
	label: string;
	/** Name of a colour variable of the style sheet. */
	colour: string;
	/** null: nothing was measured there. */
	values: (number | null)[];
	/** What it comes to in all, for the legend. */
	sum?: string;
}

export interface PlotProps {
	label: string;
	/** Bars upon each other, or lines. */
	kind: "bars" | "lines";
	/** Seconds since 1970, ascending. */
	times: number[];
	series: Series[];
	/** A time, at the axis and in words. */
	tick: (s: number) => string;
	time: (s: number) => string;
	value: (n: number) => string;
	/** The top of the scale is never below this. */
	least: number;
	empty: string;
}

const HEIGHT = 160;
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000];
/** Steps of a scale of milliseconds: what clocks show. */
const SPANS = [10, 50, 100, 500, 1e3, 2e3, 5e3, 10e3, 30e3, 60e3, 120e3, 300e3, 600e3, 1800e3, 3600e3, 7200e3, 6 * 3600e3, 86400e3, 7 * 86400e3];

/** Bars stand on their times: half of one more on either side. */
const pad = (min: number, max: number, n: number, kind: PlotProps["kind"]): [number, number] => {
	const half = kind === "bars" && n > 1 ? (max - min) / (n - 1) / 2 : 0;
	return [min - half, max + half];
};

function draw(host: HTMLElement, props: PlotProps, onHover: (index: number | null) => void): uPlot {
	const { times, series, kind } = props;
	const style = getComputedStyle(document.documentElement);
	const colour = (name: string) => style.getPropertyValue(name).trim();
	const sums = times.map(() => 0);
	const drawn =
		kind === "bars" ? series.map((one) => one.values.map((value, i) => (sums[i]! += value ?? 0))) : series.map((one) => one.values);
	const lines = { stroke: colour("--line"), width: 1 };
	const axis = { stroke: colour("--text-soft"), grid: lines, ticks: lines, font: "12px system-ui, sans-serif" };
	// The tallest is drawn first, so the parts below stay visible.
	const order = series.map((_, i) => (kind === "bars" ? series.length - 1 - i : i));
	const look =
		kind === "bars"
			? (tone: string) => ({ fill: tone, width: 0, paths: uPlot.paths.bars!({ size: [0.8, 40] }), points: { show: false } })
			: (tone: string) => ({ stroke: tone, width: 2, spanGaps: true, points: { show: true, size: 5, fill: tone } });
	return new uPlot(
		{
			width: host.clientWidth || 300,
			height: HEIGHT,
			legend: { show: false },
			cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
			hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
			scales: { x: { range: (_, min, max) => pad(min, max, times.length, kind) }, y: { range: (_, __, max) => [0, Math.max(props.least, (max ?? 0) * 1.1)] } },
			axes: [
				{ ...axis, grid: { show: false }, values: (_, ticks) => ticks.map(props.tick) },
				{ ...axis, size: kind === "bars" ? 46 : 62, values: (_, ticks) => ticks.map(props.value), incrs: kind === "bars" ? COUNTS : SPANS },
			],
			series: [{}, ...order.map((i) => ({ label: series[i]!.label, ...look(colour(series[i]!.colour)) }))],
		},
		[times, ...order.map((i) => drawn[i]!)],
		host,
	);
}

export function Plot(props: PlotProps) {
	const { times, series, label } = props;
	const place = useRef<HTMLDivElement>(null);
	const [hovered, setHovered] = useState<number | null>(null);
	const data = JSON.stringify([times, series]);
	useEffect(() => {
		const host = place.current!;
		let plot = draw(host, props, setHovered);
		const resize = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
		resize.observe(host);
		// Its colours are painted: another theme paints it anew.
		const theme = new MutationObserver(() => {
			plot.destroy();
			plot = draw(host, props, setHovered);
		});
		theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
		return () => {
			resize.disconnect();
			theme.disconnect();
			plot.destroy();
		};
		// eslint-disable-next-line react-hooks/exhaustive-deps -- data is times and series
	}, [data]);
	const at = hovered !== null && hovered < times.length ? hovered : null;
	const nothing = series.every((one) => one.values.every((value) => !value));
	const words = (value: number | null | undefined) => (value === null || value === undefined ? "–" : props.value(value));
	return (
		<figure class="plot">
			<h3>{label}</h3>
			<figcaption>
				<span class="plot-at">{at === null ? "" : props.time(times[at]!)}</span>
				{series.map((one) => (
					<span key={one.label} class="legend">
						<span class={`swatch swatch${one.colour}`} /> {one.label} <b>{at === null ? one.sum : words(one.values[at])}</b>
					</span>
				))}
			</figcaption>
			<div class="plot-place">
				<div ref={place} aria-hidden="true" />
				{nothing && <p class="plot-nothing">{props.empty}</p>}
			</div>
			<details>
				<summary>{t("plot.numbers")}</summary>
				<div class="table-scroll">
					<table>
						<caption class="unseen">{label}</caption>
						<thead>
							<tr>
								<th scope="col">{t("plot.time")}</th>
								{series.map((one) => (
									<th scope="col" key={one.label}>
										{one.label}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{times.map((time, i) => (
								<tr key={time}>
									<th scope="row">{props.time(time)}</th>
									{series.map((one) => (
										<td key={one.label}>{words(one.values[i])}</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			</details>
		</figure>
	);
}
