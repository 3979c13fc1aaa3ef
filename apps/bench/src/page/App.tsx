import { createMemo, createResource, For, Match, Show, Switch, type JSX } from 'solid-js';
import { toCsv } from '../records/export.ts';
import { machineClass } from '../records/points.ts';
import { Filters } from './components/Filters.tsx';
import { download } from './download.ts';
import type { History } from './history.ts';
import { createRoute, formatRoute, VIEWS, type View } from './route.ts';
import { MeasureHere } from './views/MeasureHere.tsx';
import { Peers } from './views/Peers.tsx';
import { Quality } from './views/Quality.tsx';
import { Summary } from './views/Summary.tsx';
import { Trends } from './views/Trends.tsx';

const TITLES: Record<View, string> = {
  summary: 'The newest run',
  trends: 'Over time',
  peers: 'Beside its peers',
  quality: 'Quality and speed',
  here: 'On this device',
};

const unique = (values: string[]): string[] => [...new Set(values)].sort();

/** The dashboard: records of this repository, and a measurement on the visitor's own device. */
export function App(props: { history: Promise<History> }): JSX.Element {
  const [route, go] = createRoute();
  const [history] = createResource(() => props.history);
  const all = createMemo(() => history()?.records ?? []);
  const choices = createMemo(() => ({
    machines: unique(all().map(({ environment }) => machineClass(environment))),
    suites: unique(all().flatMap(({ suites }) => suites.map(({ suite }) => suite))),
    models: unique(
      all().flatMap(({ suites }) =>
        suites.flatMap(({ figures }) => figures.flatMap(({ tags }) => tags['model'] ?? [])),
      ),
    ),
  }));
  const shown = createMemo(() => {
    const { machine, suite, model, quick } = route();
    return all()
      .filter(
        (record) => (quick || !record.quick) && (!machine || machineClass(record.environment) === machine),
      )
      .map((record) => ({
        ...record,
        suites: record.suites
          .filter((one) => !suite || one.suite === suite)
          .map((one) => ({
            ...one,
            figures: one.figures.filter(({ tags }) => !model || tags['model'] === model),
          })),
      }))
      .filter(({ suites }) => suites.length > 0);
  });

  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        Skip to the figures
      </a>
      <header>
        <h1>Burrow bench</h1>
        <p>
          How fast embedding and search in the browser are, over time, with machine and version beside every
          figure.
        </p>
        <nav aria-label="Views">
          <For each={VIEWS}>
            {(view) => (
              <a
                href={formatRoute({ ...route(), view })}
                aria-current={route().view === view ? 'page' : undefined}
              >
                {TITLES[view]}
              </a>
            )}
          </For>
        </nav>
      </header>
      <main id="content" tabindex="-1">
        <h2>{TITLES[route().view]}</h2>
        <Show when={route().view !== 'here'}>
          <Filters choices={choices()} route={route()} onChange={go} />
        </Show>
        <Switch>
          <Match when={route().view === 'here'}>
            <MeasureHere />
          </Match>
          <Match when={history.loading}>
            <p role="status">Reading the records…</p>
          </Match>
          <Match when={history.error}>
            <p role="alert">
              The records could not be read: {String(history.error)}. Reload the page to try again.
            </p>
          </Match>
          <Match when={shown().length === 0}>
            <p>
              {all().length === 0 ? 'There is no record yet. ' : 'No record fits these filters. '}
              <Show when={!route().quick && all().some(({ quick }) => quick)}>
                Quick runs are hidden; they show that it runs, not how fast.{' '}
              </Show>
            </p>
          </Match>
          <Match when={route().view === 'summary'}>
            <Summary records={shown()} unreadable={history()!.unreadable} />
          </Match>
          <Match when={route().view === 'trends'}>
            <Trends records={shown()} />
          </Match>
          <Match when={route().view === 'peers'}>
            <Peers records={shown()} />
          </Match>
          <Match when={route().view === 'quality'}>
            <Quality records={shown()} />
          </Match>
        </Switch>
      </main>
      <footer>
        <button type="button" onClick={() => download('burrow-bench.csv', 'text/csv', toCsv(shown()))}>
          Download what is shown as CSV
        </button>
        <button
          type="button"
          onClick={() =>
            download('burrow-bench.json', 'application/json', JSON.stringify(shown(), undefined, 1))
          }
        >
          as JSON
        </button>
      </footer>
    </>
  );
}
