import { For, Show, type JSX } from 'solid-js';
import type { BenchRecord, Environment, Figure } from '../../records/schema.ts';
import { DataTable } from '../components/DataTable.tsx';
import { formatBytes, formatTime, formatValue } from '../format.ts';
import { newestSuites, reachesAim } from '../newest.ts';

/** What the newest run of each suite shows, in words, and what was not measured. */
export function Summary(props: {
  records: BenchRecord[];
  unreadable: { file: string; reason: string }[];
}): JSX.Element {
  return (
    <>
      <For each={newestSuites(props.records)}>
        {({ record, result }) => (
          <section class="panel">
            <h3>{result.suite}</h3>
            <p>{inWords(result.figures)}</p>
            <Show when={record.quick}>
              <p>This was a quick run: it shows that everything runs, not how fast.</p>
            </Show>
            <Show when={record.commit.dirty}>
              <p>The working tree had changes beside the commit.</p>
            </Show>
            <Show when={result.skipped.length > 0}>
              <p>Not measured:</p>
              <ul>
                <For each={result.skipped}>
                  {({ name, reason }) => (
                    <li>
                      {name}: {reason}
                    </li>
                  )}
                </For>
              </ul>
            </Show>
            <Show when={result.remarks.length > 0}>
              <ul>
                <For each={result.remarks}>{(remark) => <li>{remark}</li>}</For>
              </ul>
            </Show>
            <DataTable<Figure>
              caption={`${result.suite}: all figures of ${formatTime(record.date)}, commit ${record.commit.hash.slice(0, 8)}`}
              rows={result.figures}
              columns={[
                { title: 'figure', cell: ({ name }) => name },
                { title: 'median', numeric: true, cell: ({ value, unit }) => formatValue(value, unit) },
                {
                  title: '95 % interval',
                  numeric: true,
                  cell: ({ low, high, unit }) => `${formatValue(low, unit)} to ${formatValue(high, unit)}`,
                },
                {
                  title: 'aim',
                  cell: (figure) =>
                    figure.aim === null
                      ? ''
                      : `${figure.better === 'higher' ? '≥' : '≤'} ${formatValue(figure.aim, figure.unit)}: ${reachesAim(figure) ? 'reached' : 'missed'}`,
                },
              ]}
            />
            <details>
              <summary>Machine and versions</summary>
              <Machine environment={record.environment} />
            </details>
          </section>
        )}
      </For>
      <Show when={props.unreadable.length > 0}>
        <p role="alert">Records that could not be read:</p>
        <ul>
          <For each={props.unreadable}>
            {({ file, reason }) => (
              <li>
                {file}: {reason}
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}

function inWords(figures: Figure[]): string {
  const aimed = figures.filter(({ aim }) => aim !== null);
  const reached = aimed.filter(reachesAim).length;
  const rates = figures
    .filter(({ unit, better }) => unit.endsWith('/s') && better === 'higher')
    .sort((a, b) => b.value - a.value);
  const sentences: string[] = [];
  if (rates.length > 0)
    sentences.push(`Fastest: ${rates[0]!.name} with ${formatValue(rates[0]!.value, rates[0]!.unit)}.`);
  if (aimed.length > 0) {
    sentences.push(`${reached} of ${aimed.length} aims are reached.`);
    const missed = aimed.filter((figure) => reachesAim(figure) === false);
    if (missed.length > 0)
      sentences.push(
        `Missed: ${missed.map(({ name, value, unit }) => `${name} (${formatValue(value, unit)})`).join(', ')}.`,
      );
  }
  return sentences.join(' ') || `${figures.length} figures without aims.`;
}

/** Everything that is known about where a run was made. */
export function Machine(props: { environment: Environment }): JSX.Element {
  const rows = (): [string, string][] => {
    const { browser, os, cpu, cores, memoryBytes, gpu, isolated, relaxedSimd, node, versions } =
      props.environment;
    return [
      ['browser', browser],
      ['operating system', os],
      ['CPU', `${cpu}, ${cores} cores`],
      ['memory', memoryBytes === null ? 'not told by the browser' : formatBytes(memoryBytes)],
      [
        'GPU',
        gpu
          ? `${[gpu.vendor, gpu.architecture, gpu.device, gpu.description].filter(Boolean).join(' ')}${gpu.software ? ' (software, computes on the CPU)' : ''}`
          : 'none',
      ],
      ['cross-origin isolated', isolated ? 'yes' : 'no'],
      ['relaxed SIMD', relaxedSimd ? 'yes' : 'no'],
      ...(node ? [['Node', node] as [string, string]] : []),
      ...Object.entries(versions),
    ];
  };
  return (
    <DataTable<[string, string]>
      caption="Machine and versions"
      hideCaption
      rows={rows()}
      columns={[
        { title: 'what', cell: ([name]) => name },
        { title: 'value', cell: ([, value]) => value },
      ]}
    />
  );
}
