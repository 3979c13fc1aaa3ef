import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIndex, type Entry, loadIndex, type SearchIndex, type SearchQuery } from '../src/index.ts';

const schema = { title: 'string', year: 'number', tags: 'enum[]' } as const;
const options = { schema, vector: { dimensions: 4, space: 's' } };

const word = fc.constantFrom(
  'river',
  'rivers',
  'bank',
  'money',
  'boat',
  'C++',
  'naïve',
  'useEffect',
  '東京都',
  'стол',
  '__proto__',
  'constructor',
);
const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const number = fc.integer({ min: -8, max: 8 }).map((n) => n || 1);
const body = fc.record({
  text,
  title: text,
  year: fc.integer({ min: 2000, max: 2010 }),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
  vector: fc.tuple(number, number, number, number),
});
const bodies = fc.array(body, { minLength: 1, maxLength: 14 });
const query: fc.Arbitrary<SearchQuery> = fc.record({
  term: text,
  vector: fc.tuple(number, number, number, number),
  mode: fc.constantFrom('hybrid' as const, 'keyword' as const, 'vector' as const),
  explain: fc.constant(true),
  limit: fc.constant(50),
});

type Body = typeof body extends fc.Arbitrary<infer T> ? T : never;

function entries(list: Body[], prefix = 'd'): Entry[] {
  return list.map(({ vector, ...fields }, at) => ({
    document: { id: `${prefix}${at}`, ...fields },
    vectors: Float32Array.from(vector),
  }));
}

function filled(list: Entry[]): SearchIndex {
  const index = createIndex(options);
  index.add(list);
  return index;
}

/** Ids and scores, scores rounded: sums may differ in the last bits with the order of adding. */
async function answer(index: SearchIndex, asked: SearchQuery): Promise<unknown> {
  const { hits, count, mode } = await index.search(asked);
  const rows = hits.map((hit) => [hit.score.toFixed(9), hit.id] as const);
  // Equal to nine places is a tie, whatever the bits beyond.
  return { count, mode, rows: rows.sort((a, b) => (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : 0)) };
}

describe('the index', () => {
  it('is as before when what was added is removed', () =>
    fc.assert(
      fc.asyncProperty(bodies, bodies, query, async (kept, passing, asked) => {
        const index = filled(entries(kept));
        const before = await answer(index, asked);
        const extra = entries(passing, 'x');
        index.add(extra);
        index.remove(extra.map((entry) => entry.document.id));
        expect(await answer(index, asked)).toEqual(before);
      }),
      { numRuns: 60 },
    ));

  it('does not mind the order of adding', () =>
    fc.assert(
      fc.asyncProperty(bodies, query, async (list, asked) => {
        const all = entries(list);
        expect(await answer(filled([...all].reverse()), asked)).toEqual(await answer(filled(all), asked));
      }),
      { numRuns: 60 },
    ));

  it('gives the same after a snapshot, and after replaying a journal, twice', () =>
    fc.assert(
      fc.asyncProperty(bodies, bodies, query, async (first, second, asked) => {
        const index = createIndex(options);
        const journal: Uint8Array[] = [];
        const changes = [
          { type: 'add' as const, entries: entries(first) },
          { type: 'update' as const, entries: entries(second) },
          { type: 'remove' as const, ids: ['d0', 'nobody'] },
        ];
        for (const change of changes) {
          const mutation = index.prepare(change);
          journal.push(mutation.bytes);
          index.apply(mutation);
        }
        const expected = await answer(index, asked);
        const replayed = createIndex(options);
        for (const bytes of [...journal, ...journal]) await replayed.replay(bytes);
        expect(await answer(replayed, asked)).toEqual(expected);
        const sections = index.snapshot();
        const loaded = await loadIndex({ section: async (name) => sections.get(name) }, options);
        expect(await answer(loaded, asked)).toEqual(expected);
        loaded.add(entries(first, 'later'));
        expect(loaded.size).toBe(index.size + first.length);
      }),
      { numRuns: 60 },
    ));

  it('has pages that join to the whole', () =>
    fc.assert(
      fc.asyncProperty(bodies, query, fc.integer({ min: 1, max: 5 }), async (list, asked, limit) => {
        const index = filled(entries(list));
        const whole = (await index.search(asked)).hits.map((hit) => hit.id);
        const pages: string[] = [];
        for (let offset = 0; offset < whole.length + limit; offset += limit) {
          pages.push(...(await index.search({ ...asked, limit, offset })).hits.map((hit) => hit.id));
        }
        expect(pages).toEqual(whole);
      }),
      { numRuns: 60 },
    ));

  it('filters in any order alike, and never finds what a filter excludes', () =>
    fc.assert(
      fc.asyncProperty(
        bodies,
        query,
        fc.integer({ min: 2000, max: 2010 }),
        fc.constantFrom('a', 'b', 'c'),
        async (list, asked, year, tag) => {
          const index = filled(entries(list));
          const filters = [{ year: { gte: year } }, { tags: { containsAny: [tag] } }];
          const one = await index.search({ ...asked, where: { and: filters } });
          const other = await index.search({ ...asked, where: { and: [...filters].reverse() } });
          expect(other).toEqual(one);
          for (const { document } of one.hits) {
            expect(document['year']).toBeGreaterThanOrEqual(year);
            expect(document['tags']).toContain(tag);
          }
          const wanted = list.filter((body) => body.year >= year && body.tags.includes(tag as never)).length;
          expect((await index.search({ where: { and: filters } })).count).toBe(wanted);
        },
      ),
      { numRuns: 60 },
    ));

  it('explains scores that add up', () =>
    fc.assert(
      fc.asyncProperty(bodies, query, async (list, asked) => {
        for (const { score, explanation } of (await filled(entries(list)).search(asked)).hits) {
          const { keyword, vector, fusion } = explanation!;
          if (keyword)
            expect(keyword.terms.reduce((sum, term) => sum + term.score, 0)).toBeCloseTo(keyword.score, 9);
          const expected = fusion
            ? fusion.keyword + fusion.vector
            : (keyword?.score ?? vector?.similarity ?? 0);
          expect(score).toBeCloseTo(expected, 9);
        }
      }),
      { numRuns: 60 },
    ));
});
