import type { QueryResult, Search } from '@burrow/worker';
import { createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import { createStore } from 'solid-js/store';
import { asAppError, isAbort, type AppError } from '../client.ts';
import { FACETS } from '../documents.ts';

/** How many hits are asked for first, and with each "more". */
const PAGE = 12;

export type Filters = Record<'type' | 'collection', string[]>;

export type SearchPhase = 'idle' | 'searching' | 'partial' | 'done' | 'failed';

export interface SearchState {
  phase: SearchPhase;
  /** The query that `result` answers. */
  answered: string;
  result: QueryResult | undefined;
  error: AppError | undefined;
}

export interface SearchPrimitive {
  query: Accessor<string>;
  setQuery(query: string): void;
  filters: Filters;
  toggleFilter(field: keyof Filters, value: string): void;
  clearFilters(): void;
  hasFilters: Accessor<boolean>;
  state: SearchState;
  more(): void;
  hasMore: Accessor<boolean>;
}

/**
 * Search as you type: keyword hits as soon as they are there, fused ones right after; a newer query
 * cancels the one before it, whose hits stay on show until there are new ones.
 */
export function createSearch(
  search: Accessor<Search | undefined>,
  revision: Accessor<unknown>,
): SearchPrimitive {
  const [query, setQuery] = createSignal('');
  const [filters, setFilters] = createStore<Filters>({ type: [], collection: [] });
  const [limit, setLimit] = createSignal(PAGE);
  const [state, setState] = createStore<SearchState>({
    phase: 'idle',
    answered: '',
    result: undefined,
    error: undefined,
  });
  let controller = new AbortController();

  const run = async (
    engine: Search,
    text: string,
    count: number,
    where: Record<string, unknown>,
  ): Promise<void> => {
    controller.abort();
    const current = (controller = new AbortController());
    const show = (phase: SearchPhase, result: QueryResult): void => {
      if (current.signal.aborted) return;
      // Replaced whole: a store would compare every passage.
      setState({ phase, result: Object.freeze(result), answered: text, error: undefined });
    };
    if (state.phase !== 'done' || state.answered !== text) setState('phase', 'searching');
    try {
      const result = await engine.query(text, {
        limit: count,
        where: where as never,
        facets: Object.fromEntries(FACETS.map(({ field }) => [field, {}])),
        passages: 2,
        explain: true,
        signal: current.signal,
        onPartial: (partial) => {
          if (state.answered !== text) show('partial', partial);
        },
      });
      show('done', result);
    } catch (error) {
      if (current.signal.aborted || isAbort(error)) return;
      setState({ phase: 'failed', error: asAppError(error) });
    }
  };

  const where = createMemo(() => {
    const fields = FACETS.filter(({ field }) => filters[field].length > 0);
    return Object.fromEntries(fields.map(({ field }) => [field, { in: [...filters[field]] }]));
  });

  createEffect(on(query, () => setLimit(PAGE), { defer: true }));
  createEffect(
    on([search, query, where, limit, revision], ([engine, text, conditions, count]) => {
      if (text.trim() === '') {
        controller.abort();
        setState({ phase: 'idle', result: undefined, answered: '', error: undefined });
      } else if (engine) void run(engine, text, count, conditions);
      else setState('phase', 'searching');
    }),
  );
  onCleanup(() => controller.abort());

  return {
    query,
    setQuery,
    filters,
    toggleFilter: (field, value) =>
      setFilters(field, (chosen) =>
        chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value],
      ),
    clearFilters: () => setFilters({ type: [], collection: [] }),
    hasFilters: () => filters.type.length + filters.collection.length > 0,
    state,
    more: () => void setLimit((count) => count + PAGE),
    hasMore: () => (state.result?.count ?? 0) > (state.result?.hits.length ?? 0),
  };
}
