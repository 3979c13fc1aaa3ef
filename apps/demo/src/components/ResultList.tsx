import { For, Index, Match, Show, Switch, type JSX } from 'solid-js';
import { plural } from '../format.ts';
import type { SearchPrimitive } from '../primitives/create-search.ts';
import { ResultCard } from './ResultCard.tsx';

interface ResultListProps {
  search: SearchPrimitive;
  openId: string | undefined;
  onOpen(id: string, passage: number): void;
}

/** What was found, in whatever state the search is. */
export function ResultList(props: ResultListProps): JSX.Element {
  const state = () => props.search.state;
  const result = () => state().result;
  const headline = (): string => {
    const found = result();
    if (!found) return 'Searching…';
    const documents = plural(found.count, 'document');
    if (state().phase === 'partial') return `${documents} by words, comparing meaning…`;
    // By meaning every document is more or less near, so a number of them says nothing about what was found.
    const what = found.mode === 'keyword' ? `${documents}, best first` : `The closest of ${documents}`;
    return `${what} · ${found.timings.total < 1 ? 'under 1' : Math.round(found.timings.total)} ms`;
  };
  return (
    <div
      class="results"
      data-answered={state().phase === 'done' ? state().answered : ''}
      aria-busy={state().phase === 'searching' || state().phase === 'partial'}
    >
      <Show when={state().phase !== 'failed'}>
        <h2 class="list-headline">{headline()}</h2>
      </Show>
      <For each={result()?.notices.filter(({ code }) => code !== 'no-term') ?? []}>
        {(notice) => <p class="hint">{notice.message}</p>}
      </For>
      <Switch>
        <Match when={state().phase === 'failed'}>
          <div class="empty" role="alert">
            <h2>The search did not work</h2>
            <p>{state().error?.message}</p>
            <button
              type="button"
              class="button"
              onClick={() => props.search.setQuery(`${props.search.query()} `)}
            >
              Search again
            </button>
          </div>
        </Match>
        <Match when={state().phase === 'done' && result()?.hits.length === 0}>
          <NoHits search={props.search} />
        </Match>
        <Match when={result()}>
          {(found) => (
            <>
              <ol class="result-list" data-rows>
                <Index each={found().hits}>
                  {(hit) => (
                    <ResultCard
                      hit={hit()}
                      hits={found().hits}
                      mode={found().mode}
                      pending={state().phase === 'partial'}
                      open={props.openId === hit().id}
                      onOpen={(passage) => props.onOpen(hit().id, passage)}
                    />
                  )}
                </Index>
              </ol>
              <Show when={props.search.hasMore()}>
                <button type="button" class="button more" onClick={() => props.search.more()}>
                  Show more
                </button>
              </Show>
            </>
          )}
        </Match>
        <Match when={state().phase === 'searching'}>
          <div class="skeletons" aria-hidden="true">
            <For each={[1, 2, 3]}>{() => <div class="skeleton" />}</For>
          </div>
        </Match>
      </Switch>
    </div>
  );
}

function NoHits(props: { search: SearchPrimitive }): JSX.Element {
  return (
    <div class="empty">
      <h2>Nothing found</h2>
      <Show
        when={props.search.hasFilters()}
        fallback={
          <p>
            Try fewer or other words, or describe what you look for in a short sentence: Burrow compares
            meaning too.
          </p>
        }
      >
        <p>Nothing fits both the words and the filters.</p>
        <button type="button" class="button" onClick={() => props.search.clearFilters()}>
          Search without filters
        </button>
      </Show>
    </div>
  );
}
