import { createEffect, onCleanup, type JSX } from 'solid-js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Commit } from '../../records/schema.ts';
import type { TrendPoint } from '../../records/trends.ts';
import { formatNumber, formatTime } from '../format.ts';

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
/** Pixels that the name of a commit takes. */
const LABEL_WIDTH = 96;

/**
 * Lines from commit to commit, in the order in which they were made, whenever they were measured; 95 % intervals as whiskers.
 * The table beside it says the same.
 */
export function TimeChart(props: {
  title: string;
  unit: string;
  lines: ChartLine[];
  /** Hashes of commits to mark. */
  marks: string[];
}): JSX.Element {
  let host!: HTMLDivElement;
  const scheme = matchMedia('(prefers-color-scheme: dark)');

  createEffect(() => {
    const { lines, unit, marks } = props;
    const commits = commitsOf(lines);
    const places = commits.map((_, place) => place);
    const byPlace = lines.map(
      ({ points }) =>
        new Map(points.map((point) => [commits.findIndex(({ hash }) => hash === point.commit.hash), point])),
    );
    const marked = places.filter((place) => marks.includes(commits[place]!.hash));
    const data: uPlot.AlignedData = [
      places,
      ...byPlace.map((points) => places.map((place) => points.get(place)?.value ?? null)),
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
        drawWhiskers(plot, byPlace, marked, COLOURS.map(colour), colour('--bad'));
      return new uPlot(
        {
          width: Math.max(200, host.clientWidth),
          height: HEIGHT,
          legend: { show: false },
          cursor: { drag: { x: false, y: false } },
          scales: {
            x: { time: false, range: () => [-0.5, commits.length - 0.5] },
            y: { range: (_, __, max) => [0, highest(lines, max) * 1.08] },
          },
          axes: [
            {
              ...axis,
              space: LABEL_WIDTH,
              incrs: [1, 2, 5, 10, 20, 50, 100],
              size: 48,
              values: (_, ticks) => ticks.map((tick) => labelOf(commits[tick])),
            },
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

/** The commits of all points, oldest first. */
function commitsOf(lines: ChartLine[]): Commit[] {
  const commits = new Map(
    lines.flatMap(({ points }) => points.map(({ commit }) => [commit.hash, commit] as const)),
  );
  return [...commits.values()].toSorted(
    (a, b) => Date.parse(a.date) - Date.parse(b.date) || (a.hash < b.hash ? -1 : 1),
  );
}

function labelOf(commit: Commit | undefined): string {
  return commit === undefined ? '' : `${commit.hash.slice(0, 8)}\n${formatTime(commit.date).slice(5, 16)}`;
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
    for (const [place, { low, high }] of points) {
      const x = plot.valToPos(place, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, plot.valToPos(low, 'y', true));
      ctx.lineTo(x, plot.valToPos(high, 'y', true));
      ctx.stroke();
    }
  });
  ctx.strokeStyle = bad;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const place of marks) {
    const x = plot.valToPos(place, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, plot.bbox.top);
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
