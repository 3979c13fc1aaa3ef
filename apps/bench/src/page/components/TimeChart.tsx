import { createEffect, onCleanup, type JSX } from 'solid-js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { TrendPoint } from '../../records/trends.ts';
import { formatNumber } from '../format.ts';

export interface ChartLine {
  label: string;
  points: TrendPoint[];
}

const COLOURS = [
  '--line-1',
  '--line-2',
  '--line-3',
  '--line-4',
  '--line-5',
  '--line-6',
  '--line-7',
  '--line-8',
];
const HEIGHT = 260;
const DAY = 86_400;

/** Lines over time with 95 % intervals as whiskers. The table beside it says the same. */
export function TimeChart(props: {
  title: string;
  unit: string;
  lines: ChartLine[];
  marks: number[];
}): JSX.Element {
  let host!: HTMLDivElement;
  const scheme = matchMedia('(prefers-color-scheme: dark)');

  createEffect(() => {
    const { lines, unit, marks } = props;
    const times = [
      ...new Set(lines.flatMap(({ points }) => points.map(({ date }) => Date.parse(date) / 1000))),
    ].sort((a, b) => a - b);
    const byTime = lines.map(
      ({ points }) => new Map(points.map((point) => [Date.parse(point.date) / 1000, point])),
    );
    const data: uPlot.AlignedData = [
      times,
      ...byTime.map((points) => times.map((time) => points.get(time)?.value ?? null)),
    ];
    const draw = (): uPlot => {
      const style = getComputedStyle(host);
      const colour = (name: string): string => style.getPropertyValue(name).trim();
      const axis = {
        stroke: colour('--muted'),
        grid: { stroke: colour('--rule'), width: 1 },
        ticks: { stroke: colour('--rule'), width: 1 },
        font: '12px system-ui',
      };
      const whiskers = (plot: uPlot): void =>
        drawWhiskers(plot, byTime, marks, COLOURS.map(colour), colour('--bad'));
      return new uPlot(
        {
          width: Math.max(200, host.clientWidth),
          height: HEIGHT,
          legend: { show: false },
          cursor: { drag: { x: false, y: false } },
          scales: {
            x: { time: true, range: () => pad(times[0]!, times.at(-1)!, DAY) },
            y: { range: (_, __, max) => [0, highest(lines, max) * 1.08] },
          },
          axes: [
            axis,
            {
              ...axis,
              size: 64,
              values: (_, ticks) => ticks.map(formatNumber),
              label: unit,
              labelFont: '12px system-ui',
              labelSize: 16,
            },
          ],
          series: [
            {},
            ...lines.map((line, i) => ({
              label: line.label,
              stroke: colour(COLOURS[i % COLOURS.length]!),
              width: 1.75,
              spanGaps: true,
              points: { show: true, size: 7, fill: colour(COLOURS[i % COLOURS.length]!) },
            })),
          ],
          hooks: { draw: [whiskers] },
        },
        data,
        host,
      );
    };
    let plot = draw();
    const redraw = (): void => {
      plot.destroy();
      plot = draw();
    };
    const resize = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(200, host.clientWidth), height: HEIGHT }),
    );
    resize.observe(host);
    scheme.addEventListener('change', redraw);
    onCleanup(() => {
      scheme.removeEventListener('change', redraw);
      resize.disconnect();
      plot.destroy();
    });
  });

  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <div
        ref={host}
        role="img"
        aria-label={`${props.title}: ${props.lines.length} lines over time; the table below has the figures`}
      />
      <ul class="legend">
        {props.lines.map((line, i) => (
          <li>
            <span class={`swatch swatch-${(i % COLOURS.length) + 1}`} aria-hidden="true" />
            {line.label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function highest(lines: ChartLine[], least: number): number {
  return Math.max(
    least || 0,
    ...lines.flatMap(({ points }) => points.map(({ high, value }) => Math.max(high, value))),
    Number.MIN_VALUE,
  );
}

/** Room at both ends, so that a single point has a place. */
function pad(min: number, max: number, least: number): [number, number] {
  const room = Math.max((max - min) * 0.05, least);
  return [min - room, max + room];
}

function drawWhiskers(
  plot: uPlot,
  lines: Map<number, TrendPoint>[],
  marks: number[],
  colours: string[],
  bad: string,
): void {
  const { ctx } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  lines.forEach((points, i) => {
    ctx.strokeStyle = colours[i % colours.length]!;
    for (const [time, { low, high }] of points) {
      const x = plot.valToPos(time, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, plot.valToPos(low, 'y', true));
      ctx.lineTo(x, plot.valToPos(high, 'y', true));
      ctx.stroke();
    }
  });
  ctx.strokeStyle = bad;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const time of marks) {
    const x = plot.valToPos(time, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, plot.bbox.top);
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
