import { For, Show, type JSX } from 'solid-js';
import type { BenchRecord, Figure } from '../../records/schema.ts';
import { DataTable } from '../components/DataTable.tsx';
import { formatDate, formatNumber, formatValue } from '../format.ts';
import { newestSuites, reachesAim } from '../newest.ts';

/** Ratios of the newest runs: both sides ran in turn in one browser, so the machine's mood cancels out. */
export function Peers(props: { records: BenchRecord[] }): JSX.Element {
  const suites = (): ReturnType<typeof newestSuites> =>
    newestSuites(props.records).filter(({ result }) => result.figures.some(({ peer }) => peer !== null));
  return (
    <>
      <p>
        Each ratio is the median over pairs of runs that followed each other in one browser. Above 1 Burrow is
        faster; the aims were set before measuring.
      </p>
      <Show when={suites().length > 0} fallback={<p>No ratio is in what is shown.</p>}>
        <For each={suites()}>
          {({ record, result }) => (
            <section class="panel">
              <DataTable<Figure>
                caption={`${result.suite}, ${formatDate(record.date)}, ${record.environment.cpu}${record.quick ? ', quick run' : ''}`}
                rows={result.figures.filter(({ peer }) => peer !== null)}
                columns={[
                  { title: 'what', cell: ({ name }) => name },
                  { title: 'ratio', numeric: true, cell: (figure) => formatValue(figure.value, figure.unit) },
                  { title: '', cell: (figure) => <Bar value={figure.value} aim={figure.aim} /> },
                  {
                    title: '95 % interval',
                    numeric: true,
                    cell: ({ low, high }) => `${formatNumber(low)} to ${formatNumber(high)}`,
                  },
                  {
                    title: 'aim',
                    cell: (figure) =>
                      figure.aim === null
                        ? ''
                        : `≥ ${formatNumber(figure.aim)}×: ${reachesAim(figure) ? 'reached' : 'missed'}`,
                  },
                  { title: 'peer', cell: ({ peer }) => peer },
                ]}
              />
            </section>
          )}
        </For>
      </Show>
    </>
  );
}

/** A ratio on a logarithmic scale from 0.25 to 256, with a line at 1 and a tick at the aim. */
function Bar(props: { value: number; aim: number | null }): JSX.Element {
  const at = (value: number): number => Math.min(100, Math.max(0, ((Math.log2(value) + 2) / 10) * 100));
  return (
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect
        class={props.value >= 1 ? 'good' : 'poor'}
        x={Math.min(at(1), at(props.value))}
        y="2"
        width={Math.abs(at(props.value) - at(1))}
        height="6"
      />
      <line class="one" x1={at(1)} x2={at(1)} y1="0" y2="10" />
      <Show when={props.aim}>
        {(aim) => <line class="aim" x1={at(aim())} x2={at(aim())} y1="0" y2="10" />}
      </Show>
    </svg>
  );
}
