import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIndex, type Entry } from '../src/index.ts';

const K1 = 1.4;
const B = { text: 0.6, title: 0.3 };
const BOOST = 2.5;
const word = fc.constantFrom('ant', 'bee', 'cat', 'dog', 'eel');
const passage = fc.array(word, { minLength: 1, maxLength: 6 });
const document = fc.record({
  title: fc.array(word, { maxLength: 3 }),
  chunks: fc.array(passage, { minLength: 1, maxLength: 4 }),
  stays: fc.boolean(),
});
type Body = typeof document extends fc.Arbitrary<infer T> ? T : never;

function entryOf({ title, chunks }: Body, at: number): Entry {
  const parts = chunks.map((words) => words.join(' '));
  let start = 0;
  const spans = parts.map((part) => {
    const span = { start, end: start + part.length };
    start = span.end + 1;
    return span;
  });
  return { document: { id: `d${at}`, title: title.join(' '), text: parts.join(' ') }, chunks: spans };
}

/** BM25F straight from the words of the documents that stay. */
function plainScores(list: Body[], query: string[]): Map<string, number> {
  const kept = list
    .map((body, at) => ({ id: `d${at}`, title: body.title, text: body.chunks.flat(), stays: body.stays }))
    .filter(({ stays }) => stays);
  const average = (field: 'title' | 'text'): number =>
    kept.reduce((sum, one) => sum + one[field].length, 0) / kept.length;
  const scores = new Map<string, number>();
  for (const term of new Set(query)) {
    const weight = query.filter((one) => one === term).length;
    const containing = kept.filter((one) => ([...one.title, ...one.text] as string[]).includes(term)).length;
    const idf = Math.log(1 + (kept.length - containing + 0.5) / (containing + 0.5));
    for (const one of kept) {
      let frequency = 0;
      for (const [field, boost] of [
        ['text', 1],
        ['title', BOOST],
      ] as const) {
        // prettier-ignore
        const times = one[field].filter((other) => other === term).length;
        if (times > 0)
          frequency += (boost * times) / (1 - B[field] + (B[field] * one[field].length) / average(field));
      }
      if (frequency > 0)
        scores.set(
          one.id,
          (scores.get(one.id) ?? 0) + (weight * idf * frequency * (K1 + 1)) / (frequency + K1),
        );
    }
  }
  return scores;
}

describe('keyword ranking', () => {
  it('equals plain BM25F over fields, chunks and removals, one query after another', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 1, maxLength: 12 }),
        fc.array(fc.array(word, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('any' as const, 'all' as const),
        async (list, queries, match) => {
          const index = createIndex({
            text: { k1: K1, b: B, boosts: { title: BOOST }, language: 'none' },
          });
          index.add(list.map(entryOf));
          index.remove(list.flatMap(({ stays }, at) => (stays ? [] : [`d${at}`])));
          for (const query of queries) {
            const expected = plainScores(list, query);
            const { hits, count } = await index.search({
              term: query.join(' '),
              prefix: false,
              typos: 0,
              match,
              limit: 50,
              passages: 0,
            });
            const holds = (id: string): boolean => {
              const { title, chunks } = list[Number(id.slice(1))]!;
              const words: readonly string[] = [...title, ...chunks.flat()];
              return query.every((term) => words.includes(term));
            };
            const wanted = [...expected].filter(([id]) => match === 'any' || holds(id));
            expect(count).toBe(wanted.length);
            expect(hits.map(({ id }) => id).sort()).toEqual(wanted.map(([id]) => id).sort());
            hits.forEach((hit, at) => {
              expect(hit.score).toBeCloseTo(expected.get(hit.id)!, 9);
              expect(hit.keyword!.rank).toBe(1 + hits.filter((other) => other.score > hit.score).length);
              if (at > 0) expect(hit.score).toBeLessThanOrEqual(hits[at - 1]!.score);
            });
          }
        },
      ),
      { numRuns: 200 },
    ));

  it('answers a query that comes while another reads its texts', async () => {
    const inner: string[][] = [];
    const index = createIndex({
      texts: {
        read: (_, id) => {
          void index
            .search({ term: 'bee', passages: 0 })
            .then(({ hits }) => inner.push(hits.map((hit) => hit.id)));
          return `text of ${id}`;
        },
      },
    });
    const locator: [number, number, number] = [0, 0, 1];
    index.add([
      { document: { id: 'a', text: 'ant bee' }, locator },
      { document: { id: 'b', text: 'bee' }, locator },
      { document: { id: 'c', text: 'ant ant' }, locator },
    ]);
    const outer = await index.search({ term: 'ant' });
    expect(outer.hits.map((hit) => hit.id)).toEqual(['c', 'a']);
    expect(outer.hits.map((hit) => hit.passages[0]!.text)).toEqual(['text of', 'text of']);
    expect(inner).toEqual([['b', 'a'], ['b', 'a']]); // prettier-ignore
  });
});
