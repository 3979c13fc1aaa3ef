import MiniSearch from 'minisearch';
import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { searchEngine } from './search-engine.ts';
import { documentId, groupOf, LIMIT, type SearchKind, type SearchQueries } from './search-types.ts';

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
  return searchEngine({
    build({ texts }) {
      const documents = texts.map((text, i) => ({ id: documentId(i), text, group: groupOf(i) }));
      return timed(() => {
        index = new MiniSearch(OPTIONS);
        index.addAll(documents);
      });
    },
    find: (kind, queries, i) => find(index, kind, queries, i),
    keep: {
      save: () => void (saved = JSON.stringify(index)),
      bytes: () => new Blob([saved]).size,
      load: (queries) => void find(MiniSearch.loadJSON(saved, OPTIONS), 'keyword', queries, 0),
    },
  });
}
