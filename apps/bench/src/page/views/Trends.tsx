import { createMemo, For, Show, type JSX } from 'solid-js';
import type { BenchRecord } from '../../records/schema.ts';
import {
  findChanges,
  LEAST_EFFECT,
  LEAST_PROCESSES,
  toTrends,
  type Change,
  type Trend,
} from '../../records/trends.ts';
import { DataTable } from '../components/DataTable.tsx';
import { TimeChart } from '../components/TimeChart.tsx';
import { formatChange, formatDate, formatP, formatTime, formatValue } from '../format.ts';

interface Panel {
  key: string;
  title: string;
  unit: string;
  trends: Trend[];
}

/** One panel for each machine, unit and axis: what cannot be compared never shares one. */
function toPanels(trends: Trend[]): Panel[] {
  const panels = new Map<string, Panel>();
  for (const trend of trends) {
    const { suite, machine, unit, tags } = trend;
    const parts = [
      suite,
      unit === '×' ? 'ratios' : unit,
      tags['axis'],
      tags['phase'],
      tags['lengths'] && `${tags['lengths']} texts`,
      tags['size'],
    ].filter(Boolean);
    const key = [...parts, machine, tags['adapter']].join('|');
    const adapter = tags['adapter'] ? `, ${tags['adapter']}` : '';
    const panel = panels.get(key) ?? {
      key,
      title: `${parts.join(', ')}${adapter} (${machine})`,
      unit,
      trends: [],
    };
    panel.trends.push(trend);
    panels.set(key, panel);
  }
  return [...panels.values()];
}

/** Figures over time, and the steps that are more than noise. */
export function Trends(props: { records: BenchRecord[] }): JSX.Element {
  const trends = createMemo(() => toTrends(props.records));
  const panels = createMemo(() => toPanels(trends()));
  const changes = createMemo(() => findChanges(trends()));
  return (
    <>
      <p>
        A step is marked where a two-sided Mann-Whitney test over at least {LEAST_PROCESSES} fresh browser
        processes on each side gives p &lt; 0.05 and the effect is at least {LEAST_EFFECT * 100} %, after the
        speed of the machine itself (a calibration kernel beside each figure) is taken out.
      </p>
      <Show when={changes().length > 0} fallback={<p>No step fits that in what is shown.</p>}>
        <DataTable<Change>
          caption="Regressions and improvements"
          rows={changes()}
          columns={[
            { title: 'figure', cell: ({ trend }) => `${trend.suite}: ${trend.name}` },
            { title: 'what', cell: ({ kind }) => <span class={kind}>{kind}</span> },
            { title: 'effect', numeric: true, cell: ({ effect }) => formatChange(effect) },
            { title: 'test', numeric: true, cell: ({ p }) => formatP(p) },
            {
              title: 'commits',
              cell: ({ from, to }) => (
                <code>{`${from.commit.hash.slice(0, 8)}..${to.commit.hash.slice(0, 8)}`}</code>
              ),
            },
          ]}
        />
      </Show>
      <For each={panels()}>
        {(panel) => (
          <section class="panel">
            <TimeChart
              title={panel.title}
              unit={panel.unit}
              lines={panel.trends.map(({ name, points }) => ({ label: name, points }))}
              marks={changes()
                .filter(({ kind, trend }) => kind === 'regression' && panel.trends.includes(trend))
                .map(({ to }) => to.commit.hash)}
            />
            <details>
              <summary>The figures as a table</summary>
              <DataTable
                caption={panel.title}
                hideCaption
                rows={panel.trends.flatMap((trend) => trend.points.map((point) => ({ trend, point })))}
                columns={[
                  { title: 'figure', cell: ({ trend }) => trend.name },
                  { title: 'commit', cell: ({ point }) => <code>{point.commit.hash.slice(0, 8)}</code> },
                  { title: 'of', cell: ({ point }) => formatTime(point.commit.date) },
                  { title: 'measured', cell: ({ point }) => formatDate(point.date) },
                  {
                    title: 'median',
                    numeric: true,
                    cell: ({ trend, point }) => formatValue(point.value, trend.unit),
                  },
                  {
                    title: '95 % interval',
                    numeric: true,
                    cell: ({ trend, point }) =>
                      `${formatValue(point.low, trend.unit)} to ${formatValue(point.high, trend.unit)}`,
                  },
                  { title: 'processes', numeric: true, cell: ({ point }) => point.processes.length },
                  { title: 'run', cell: ({ point }) => (point.quick ? 'quick' : 'full') },
                ]}
              />
            </details>
          </section>
        )}
      </For>
    </>
  );
}
