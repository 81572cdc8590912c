// SPDX-License-Identifier: Apache-2.0
/* ui/plot.tsx: numbers over time, drawn by uPlot, with a table of the same numbers for who cannot see it. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime, t } from "../i18n/index.ts";

export interface Series {
	label: string;
	/** Name of a colour variable of the style sheet. */
	colour: string;
	values: number[];
}

const HEIGHT = 220;

/** `times` in seconds since 1970, ascending; series are stacked in their order. */
export function StackedPlot({ times, series, label }: { times: number[]; series: Series[]; label: string }) {
	const place = useRef<HTMLDivElement>(null);
	const data = JSON.stringify([times, series]);
	useEffect(() => {
		const host = place.current!;
		const style = getComputedStyle(document.documentElement);
		const colour = (name: string) => style.getPropertyValue(name).trim();
		const sums = times.map(() => 0);
		const stacked = series.map((one) => one.values.map((value, i) => (sums[i]! += value)));
		const lines = { stroke: colour("--line"), width: 1 };
		const axis = { stroke: colour("--text-soft"), grid: lines, ticks: lines };
		const bars = uPlot.paths.bars!({ size: [0.8, 40] });
		// The tallest is drawn first, so the parts below stay visible.
		const order = series.map((_, i) => series.length - 1 - i);
		const plot = new uPlot(
			{
				width: host.clientWidth || 300,
				height: HEIGHT,
				legend: { show: false },
				cursor: { show: false },
				scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
				axes: [
					{ ...axis, values: (_, ticks) => ticks.map((at) => clockTime(at)) },
					{ ...axis, size: 50, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000, 50000] },
				],
				series: [
					{},
					...order.map((i) => ({
						label: series[i]!.label,
						fill: colour(series[i]!.colour),
						stroke: colour(series[i]!.colour),
						paths: bars,
						points: { show: false },
					})),
				],
			},
			[times, ...order.map((i) => stacked[i]!)],
			host,
		);
		const resize = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
		resize.observe(host);
		return () => {
			resize.disconnect();
			plot.destroy();
		};
		// eslint-disable-next-line react-hooks/exhaustive-deps -- data is times and series
	}, [data]);
	return (
		<figure class="plot">
			<div ref={place} aria-hidden="true" />
			<figcaption>
				{series.map((one) => (
					<span key={one.label} class="legend">
						<span class={`swatch swatch${one.colour}`} /> {one.label}: {one.values.reduce((a, b) => a + b, 0)}
					</span>
				))}
			</figcaption>
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
								<th scope="row">{clockTime(time)}</th>
								{series.map((one) => (
									<td key={one.label}>{one.values[i]}</td>
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
