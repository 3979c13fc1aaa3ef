import { createIndex, loadIndex } from '@burrow/core';
import type { IndexOptions, Precision, SearchIndex, SearchQuery } from '@burrow/core';
import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { searchEngine } from './search-engine.ts';
import { documentId, groupOf, LIMIT, rowOf, type SearchKind, type SearchQueries } from './search-types.ts';

const SLICE = 1000;

/** `@burrow/core`, texts kept by the host as in the product. */
export async function open({ precision }: { precision: Precision }): Promise<Engine> {
  let texts: string[] = [];
  let index: SearchIndex;
  let options: IndexOptions;
  let sections: Map<string, Uint8Array> | undefined;

  // Outside of build: it lives as long as the index, and would hold all that is in reach there.
  const read = ([, i]: readonly number[]): string => texts[i!]!;

  function query(kind: SearchKind, { terms, vectors }: SearchQueries, i: number): SearchQuery {
    const vector = rowOf(vectors, i, options.vector!.dimensions);
    const common = { limit: LIMIT, passages: 0 };
    switch (kind) {
      case 'keyword':
      case 'prefix':
      case 'typo':
        return { ...common, mode: 'keyword', term: terms[kind][i]! };
      case 'vector':
        return { ...common, mode: 'vector', vector };
      case 'hybrid':
        return { ...common, mode: 'hybrid', term: terms.keyword[i]!, vector };
      case 'filtered':
        return { ...common, mode: 'hybrid', term: terms.keyword[i]!, vector, where: { group: { eq: 3 } } };
    }
  }

  return searchEngine({
    facts: { precision },
    build(corpus) {
      texts = corpus.texts;
      const { vectors, dimensions } = corpus;
      options = { schema: { group: 'number' }, vector: { dimensions, precision }, texts: { read } };
      return timed(() => {
        index = createIndex(options);
        for (let from = 0; from < texts.length; from += SLICE) {
          index.add(
            texts.slice(from, from + SLICE).map((text, offset) => {
              const i = from + offset;
              return {
                document: { id: documentId(i), text, group: groupOf(i) },
                chunks: [{ start: 0, end: text.length }],
                vectors: rowOf(vectors, i, dimensions),
                locator: [0, i, text.length],
              };
            }),
          );
        }
      });
    },
    find: async (kind, queries, i) => (await index.search(query(kind, queries, i))).hits.map(({ id }) => id),
    keep: {
      save: () => void (sections = index.snapshot()),
      bytes: () => [...sections!.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
      async load(queries) {
        const opened = await loadIndex({ section: async (name) => sections!.get(name) }, options);
        await opened.search(query('hybrid', queries, 0));
      },
    },
    memory() {
      const { total, texts: held } = index.memory;
      return total - held;
    },
  });
}
