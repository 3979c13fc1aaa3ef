import { createSignal, For, onCleanup, Show, type JSX } from 'solid-js';
import type { BenchRecord, Figure } from '../../records/schema.ts';
import { SUITES } from '../../suites/index.ts';
import { DataTable } from '../components/DataTable.tsx';
import { download } from '../download.ts';
import { formatTime, formatValue } from '../format.ts';
import { runHere } from '../run-here.ts';
import { Machine } from './Summary.tsx';

const FIRST = 'embed';

/** One button: the same suites on the visitor's own device. */
export function MeasureHere(): JSX.Element {
  const [chosen, setChosen] = createSignal<string[]>([FIRST]);
  const [quick, setQuick] = createSignal(true);
  const [progress, setProgress] = createSignal<{ done: number; what: string }>();
  const [record, setRecord] = createSignal<BenchRecord>();
  const [problem, setProblem] = createSignal<string>();
  let running: AbortController | undefined;
  onCleanup(() => running?.abort());

  async function start(): Promise<void> {
    running = new AbortController();
    const { signal } = running;
    setProblem(undefined);
    setRecord(undefined);
    setProgress({ done: 0, what: 'starting' });
    try {
      const suites = SUITES.filter(({ name }) => chosen().includes(name));
      setRecord(
        await runHere({
          suites,
          quick: quick(),
          signal,
          onProgress: (done, what) => setProgress({ done, what }),
        }),
      );
    } catch (error) {
      setProblem(
        signal.aborted
          ? 'Cancelled. Nothing was kept.'
          : `The measurement stopped: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      setProgress(undefined);
      running = undefined;
    }
  }

  const toggle = (name: string, on: boolean): void =>
    void setChosen((names) => (on ? [...names, name] : names.filter((one) => one !== name)));

  return (
    <>
      <p>
        Measures on this device, in this browser, with the code that makes the records. Nothing leaves the
        device. Close other tabs and plug in the charger for figures that mean something.
        <Show when={!crossOriginIsolated}>
          {' '}
          This page is not cross-origin isolated, so there are no threads: several workers are measured
          instead.
        </Show>
      </p>
      <fieldset disabled={progress() !== undefined}>
        <legend>What to measure</legend>
        <For each={SUITES}>
          {({ name, title, question }) => (
            <label class="check">
              <input
                type="checkbox"
                checked={chosen().includes(name)}
                onChange={(event) => toggle(name, event.currentTarget.checked)}
              />
              <span>
                <strong>{title}.</strong> {question}
              </span>
            </label>
          )}
        </For>
        <label class="check">
          <input
            type="checkbox"
            checked={quick()}
            onChange={(event) => setQuick(event.currentTarget.checked)}
          />
          <span>Quick: few repetitions</span>
        </label>
      </fieldset>
      <p class="actions">
        <Show
          when={progress()}
          fallback={
            <button type="button" class="main" disabled={chosen().length === 0} onClick={() => void start()}>
              Measure on this device
            </button>
          }
        >
          <button
            type="button"
            onClick={() => running?.abort(new DOMException('Cancelled by the person.', 'AbortError'))}
          >
            Cancel
          </button>
        </Show>
      </p>
      <Show when={progress()}>
        {(now) => (
          <div class="progress">
            <progress aria-label="Measuring" max="1" value={now().done} />
            <p>
              {Math.round(now().done * 100)} % {now().what}
            </p>
          </div>
        )}
      </Show>
      <p role="status" class="visually-hidden">
        {progress() ? 'Measuring' : record() ? 'Done: the figures are below' : ''}
      </p>
      <Show when={problem()}>{(text) => <p role="alert">{text()}</p>}</Show>
      <Show when={record()}>
        {(found) => (
          <section class="panel" data-testid="results">
            <h3>{formatTime(found().date)}</h3>
            <For each={found().suites}>
              {(result) => (
                <>
                  <DataTable<Figure>
                    caption={result.suite}
                    rows={result.figures}
                    columns={[
                      { title: 'figure', cell: ({ name }) => name },
                      { title: 'median', numeric: true, cell: ({ value, unit }) => formatValue(value, unit) },
                      {
                        title: 'lowest to highest',
                        numeric: true,
                        cell: ({ samples, unit }) =>
                          `${formatValue(Math.min(...samples.flat()), unit)} to ${formatValue(Math.max(...samples.flat()), unit)}`,
                      },
                    ]}
                  />
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
                  <ul>
                    <For each={result.remarks}>{(remark) => <li>{remark}</li>}</For>
                  </ul>
                </>
              )}
            </For>
            <details>
              <summary>This device</summary>
              <Machine environment={found().environment} />
            </details>
            <p class="actions">
              <button
                type="button"
                onClick={() =>
                  download(
                    'burrow-bench-here.json',
                    'application/json',
                    JSON.stringify(found(), undefined, 1),
                  )
                }
              >
                Download this record
              </button>
            </p>
          </section>
        )}
      </Show>
    </>
  );
}
