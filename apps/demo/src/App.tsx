import {
  createEffect,
  createMemo,
  createSignal,
  ErrorBoundary,
  Match,
  on,
  Show,
  Switch,
  type JSX,
} from 'solid-js';
import samplesUrl from '../generated/samples.json?url';
import { asAppError, createClient } from './client.ts';
import { AddMenu } from './components/AddMenu.tsx';
import { DropOverlay } from './components/DropOverlay.tsx';
import { Failure } from './components/Failure.tsx';
import { Icon } from './components/Icon.tsx';
import { ImportPanel } from './components/ImportPanel.tsx';
import { LibraryList } from './components/LibraryList.tsx';
import { Notices } from './components/Notices.tsx';
import { Rail } from './components/Rail.tsx';
import { Reader } from './components/Reader.tsx';
import { ResultList } from './components/ResultList.tsx';
import { SearchBox } from './components/SearchBox.tsx';
import { SettingsSheet } from './components/SettingsSheet.tsx';
import { StatusLine } from './components/StatusLine.tsx';
import { Welcome } from './components/Welcome.tsx';
import { plural } from './format.ts';
import type { SourceFile } from './import/types.ts';
import { createMedia, createOnline, createTheme } from './primitives/create-environment.ts';
import { createImport } from './primitives/create-import.ts';
import { createLibrary } from './primitives/create-library.ts';
import { createReading } from './primitives/create-reading.ts';
import { focusFirstRow, focusOpenRow, walkRows } from './primitives/create-rows.ts';
import { createSearch } from './primitives/create-search.ts';
import { registerServiceWorker } from './service-worker-client.ts';
import { marksOf } from './reading/explain.ts';

/** The whole page: search above, what was found at the left, the document at the right, the truth below. */
export function App(): JSX.Element {
  const client = createClient();
  const { search: engine, stats } = client;
  const revision = createMemo(
    () => `${stats()?.documents}/${stats()?.chunks}/${stats()?.model.state}/${stats()?.move === undefined}`,
  );
  const search = createSearch(engine, revision);
  const imports = createImport(engine);
  const library = createLibrary(engine, revision);
  const reading = createReading(engine);
  const online = createOnline();
  const [theme, setTheme] = createTheme();
  const wide = createMedia('(min-width: 1180px)');
  const [settingsOpen, setSettingsOpen] = createSignal(false);
  const isEmpty = (): boolean => stats()?.documents === 0 && !imports.isRunning();
  const isSearching = (): boolean => search.query().trim() !== '';

  // Not before the model is here: both would fetch the same files at the same time.
  const settled = (): boolean =>
    client.failure() !== undefined || ['ready', 'failed'].includes(stats()?.model.state ?? '');
  createEffect(on(createMemo(settled), (now) => now && import.meta.env.PROD && registerServiceWorker()));

  // The engine tells of its own changes; an import's end is worth a fresh look at sizes too.
  createEffect(
    on(
      () => imports.state.phase,
      () => void client.refresh().catch(() => undefined),
      { defer: true },
    ),
  );

  // An import that went well needs no answer: its outcome stays until the person goes on.
  createEffect(
    on(
      [search.query, reading.target],
      () => {
        const { phase, failures } = imports.state;
        if (phase === 'done' && failures.length === 0) imports.dismiss();
      },
      { defer: true },
    ),
  );

  const addFiles = (files: SourceFile[]): void => {
    const first = files[0];
    if (!first) return client.notify('There was nothing to add: only hidden or system files.');
    const folder = first.path.includes('/') ? first.path.slice(0, first.path.indexOf('/')) : undefined;
    imports.start({ files }, folder ?? (files.length === 1 ? first.path : plural(files.length, 'file')));
  };
  const addSamples = (): void =>
    imports.start({ samples: new URL(samplesUrl, document.baseURI).href }, 'the sample collection');

  const openHit = (id: string, at: number): void => {
    const hit = search.state.result?.hits.find((other) => other.id === id);
    const passage = hit?.passages[at];
    if (!hit || !passage) return reading.open({ id, highlights: [] });
    const highlights = marksOf(hit, passage).map(([start, end]): [number, number] => [
      passage.start + start,
      passage.start + end,
    ]);
    reading.open({ id, passage: { start: passage.start, end: passage.end }, highlights });
  };
  const closeDocument = (): void => {
    focusOpenRow();
    reading.close();
  };
  const remove = async (id: string, title: string): Promise<void> => {
    try {
      const document = await engine()?.get(id);
      await engine()?.remove(id);
      if (reading.target()?.id === id) closeDocument();
      client.notify(`“${title}” was removed.`, {
        label: 'Undo',
        run: () =>
          void (
            document &&
            engine()
              ?.update(document)
              .then(client.refresh, (error: unknown) => client.notify(asAppError(error).message))
          ),
      });
      await client.refresh();
    } catch (error) {
      client.notify(`“${title}” could not be removed: ${asAppError(error).message}`);
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    walkRows(event);
    if (event.key !== 'Escape' || event.defaultPrevented || settingsOpen()) return;
    if (reading.target()) closeDocument();
    else document.querySelector<HTMLElement>('#query')?.focus();
  };
  const announcement = (): string => {
    const { phase, result } = search.state;
    if (phase === 'done' && result)
      return result.hits.length === 0 ? 'Nothing found.' : `${plural(result.count, 'document')} found.`;
    return '';
  };

  return (
    <ErrorBoundary fallback={(error: unknown) => <Failure error={asAppError(error)} />}>
      <div
        class="app"
        classList={{
          'is-reading': reading.target() !== undefined,
          'has-documents': (stats()?.documents ?? 0) > 0,
        }}
        onKeyDown={onKeyDown}
      >
        <header class="top">
          <a class="wordmark" href="./" aria-label="Burrow">
            <svg viewBox="0 0 28 20" aria-hidden="true">
              <path d="M1 18h3c5 0 4-14 10-14s5 14 10 14h3" />
              <path class="hole" d="M10 18v-3.5a4 4 0 0 1 8 0V18Z" />
            </svg>
            <span>Burrow</span>
          </a>
          <SearchBox
            query={search.query()}
            busy={search.state.phase === 'searching' || search.state.phase === 'partial'}
            onQuery={search.setQuery}
            onEnterResults={focusFirstRow}
          />
          <AddMenu onFiles={addFiles} onSamples={addSamples} />
          <button
            type="button"
            class="button-plain"
            aria-label="Settings"
            title="Settings"
            onClick={() => setSettingsOpen(true)}
          >
            <Icon name="settings" />
          </button>
        </header>
        <Notices notices={client.notices()} onDismiss={client.dismiss} />
        <Switch
          fallback={
            <main class="opening" aria-busy="true">
              <p>Opening your index…</p>
            </main>
          }
        >
          <Match when={client.failure()}>
            {(error) => (
              <main>
                <Failure error={error()} />
              </main>
            )}
          </Match>
          <Match when={stats() && isEmpty()}>
            <main>
              <Welcome onFiles={addFiles} onSamples={addSamples} />
            </main>
          </Match>
          <Match when={stats()}>
            <main class="panes">
              <h1 class="visually-hidden">Burrow, your documents</h1>
              <Show when={isSearching()}>
                <Rail
                  facets={search.state.result?.facets}
                  filters={search.filters}
                  hasFilters={search.hasFilters()}
                  wide={wide()}
                  onToggle={search.toggleFilter}
                  onClear={search.clearFilters}
                />
              </Show>
              <section class="list-pane" aria-label={isSearching() ? 'Results' : 'Documents'}>
                <Show
                  when={isSearching()}
                  fallback={
                    <LibraryList
                      library={library}
                      openId={reading.target()?.id}
                      onOpen={(id) => reading.open({ id, highlights: [] })}
                      onRemove={(id, title) => void remove(id, title)}
                    />
                  }
                >
                  <ResultList search={search} openId={reading.target()?.id} onOpen={openHit} />
                </Show>
              </section>
              <Reader
                reading={reading}
                onClose={closeDocument}
                onRemove={(id, title) => void remove(id, title)}
              />
            </main>
          </Match>
        </Switch>
        <ImportPanel imports={imports} />
        <StatusLine
          stats={stats()}
          failed={client.failure() !== undefined}
          online={online()}
          imports={imports.state}
          onSettings={() => setSettingsOpen(true)}
        />
        <p class="visually-hidden" role="status">
          {announcement()}
        </p>
      </div>
      <DropOverlay onFiles={addFiles} onError={(error) => client.notify(asAppError(error).message)} />
      <SettingsSheet
        open={settingsOpen()}
        client={client}
        theme={theme()}
        onTheme={setTheme}
        onClose={() => setSettingsOpen(false)}
      />
    </ErrorBoundary>
  );
}
