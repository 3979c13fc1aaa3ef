import {
  create,
  insertMultiple,
  load,
  save,
  search,
  type AnyOrama,
  type AnySchema,
  type Results,
} from '@orama/orama';
import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { searchEngine } from './search-engine.ts';
import { documentId, groupOf, LIMIT, rowOf, type SearchKind, type SearchQueries } from './search-types.ts';

/**
 * Orama as it comes; only the least similarity is lifted, which by default hides most answers of its vector side. `threshold`
 * 1 finds documents with any of the words, as the others do; its default, 0, only those with all of them.
 */
export async function open({ threshold }: { threshold?: number }): Promise<Engine> {
  let db: AnyOrama;
  let dimensions = 0;
  let saved = '';

  const schema = (): AnySchema => ({ text: 'string', group: 'number', embedding: `vector[${dimensions}]` });

  async function find(
    target: AnyOrama,
    kind: SearchKind,
    { terms, vectors }: SearchQueries,
    i: number,
  ): Promise<string[]> {
    const vector = { value: [...rowOf(vectors, i, dimensions)], property: 'embedding' };
    const common = { limit: LIMIT, similarity: 0, ...(threshold === undefined ? {} : { threshold }) };
    const parameters = {
      keyword: { ...common, term: terms.keyword[i]! },
      prefix: { ...common, term: terms.prefix[i]! },
      typo: { ...common, term: terms.typo[i]!, tolerance: 1 },
      vector: { ...common, mode: 'vector', vector },
      hybrid: { ...common, mode: 'hybrid', term: terms.keyword[i]!, vector },
      filtered: { ...common, mode: 'hybrid', term: terms.keyword[i]!, vector, where: { group: { eq: 3 } } },
    }[kind];
    const { hits } = (await search(target, parameters as never)) as Results<{ id: string }>;
    return hits.map(({ id }) => id);
  }

  return searchEngine({
    build({ texts, vectors, dimensions: length }) {
      dimensions = length;
      const documents = texts.map((text, i) => ({
        id: documentId(i),
        text,
        group: groupOf(i),
        embedding: [...rowOf(vectors, i, length)],
      }));
      return timed(async () => {
        db = create({ schema: schema() }) as AnyOrama;
        await insertMultiple(db, documents, 1000);
      });
    },
    find: (kind, queries, i) => find(db, kind, queries, i),
    keep: {
      save: () => void (saved = JSON.stringify(save(db))),
      bytes: () => new Blob([saved]).size,
      async load(queries) {
        const opened = create({ schema: schema() }) as AnyOrama;
        load(opened, JSON.parse(saved));
        await find(opened, 'hybrid', queries, 0);
      },
    },
  });
}
