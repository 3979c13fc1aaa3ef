import MiniSearch from 'minisearch';
import type { Engine } from '../harness/engine.ts';
import {
  documentId,
  groupOf,
  LIMIT,
  timeQueries,
  type Corpus,
  type SearchKind,
  type SearchQueries,
  type SearchRun,
} from './search-types.ts';

const OPTIONS = { fields: ['text'], storeFields: ['group'] };

/** MiniSearch, which has no vectors. */
export async function open(): Promise<Engine> {
  let index: MiniSearch;
  let saved = '';
  const find = (target: MiniSearch, kind: SearchKind, { terms }: SearchQueries, i: number): string[] => {
    const options = { keyword: {}, prefix: { prefix: true }, typo: { fuzzy: 0.2 } }[
      kind as 'keyword' | 'prefix' | 'typo'
    ];
    return target
      .search(terms[kind as 'keyword']![i]!, options)
      .slice(0, LIMIT)
      .map(({ id }) => id as string);
  };
  return {
    facts: {},
    operations: {
      async build({ texts }: Corpus): Promise<number> {
        const documents = texts.map((text, i) => ({ id: documentId(i), text, group: groupOf(i) }));
        const started = performance.now();
        index = new MiniSearch(OPTIONS);
        index.addAll(documents);
        return performance.now() - started;
      },
      async search({
        kind,
        queries,
        count,
      }: {
        kind: SearchKind;
        queries: SearchQueries;
        count: number;
      }): Promise<SearchRun> {
        return timeQueries(count, (i) => find(index, kind, queries, i));
      },
      async save(): Promise<{ milliseconds: number; bytes: number }> {
        const started = performance.now();
        saved = JSON.stringify(index);
        return { milliseconds: performance.now() - started, bytes: new Blob([saved]).size };
      },
      async load({ queries }: { queries: SearchQueries }): Promise<number> {
        const started = performance.now();
        find(MiniSearch.loadJSON(saved, OPTIONS), 'keyword', queries, 0);
        return performance.now() - started;
      },
    },
    close: () => undefined,
  };
}
