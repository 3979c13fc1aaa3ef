import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIndex, loadIndex } from '../src/index.ts';
import type { Entry, SearchIndex } from '../src/index.ts';

const options = {
  schema: { year: 'number', tags: 'enum[]' },
  vector: { dimensions: 8, space: 's' },
} as const;
const WORDS = ['passport', 'bread', 'garden', 'river', 'stone', 'lamp', 'Käse', 'running', 'runs', 'ran'];

/** Documents of a few words, so that words, stems and ids of removed ones have to be swept out. */
function entry(number: number, seed: number): Entry {
  const word = (i: number): string =>
    `${WORDS[(seed * 7 + i * 3) % WORDS.length]}${i % 5 === 0 ? seed % 97 : ''}`;
  const text = Array.from({ length: 12 }, (_, i) => word(i)).join(' ');
  const vectors = Float32Array.from({ length: 8 }, (_, i) => 0.1 + Math.sin(seed + i * number));
  return {
    document: {
      id: `d${number}`,
      title: word(number),
      text,
      year: 1900 + (seed % 120),
      tags: [word(1), word(2)],
    },
    chunks: [{ start: 0, end: text.length }],
    vectors,
  };
}

function filled(seeds: number[]): SearchIndex {
  const index = createIndex(options);
  index.add(seeds.map((seed, number) => entry(number, seed)));
  index.remove(seeds.flatMap((seed, number) => (seed % 3 === 0 ? [`d${number}`] : [])));
  return index;
}

const query = {
  term: 'passport run',
  vector: Float32Array.from({ length: 8 }, (_, i) => i - 3),
  facets: { tags: {} },
};

describe('a snapshot in slices', () => {
  it('has the same bytes as one in one go, and the index is the same afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 }), async (seeds) => {
        const [whole, sliced] = [filled(seeds), filled(seeds)];
        const expected = whole.snapshot();
        expect(await sliced.snapshotInSlices(async () => {})).toEqual(expected);
        const again = await loadIndex({ section: async (name) => expected.get(name) }, options);
        expect(await again.search(query)).toEqual(await sliced.search(query));
      }),
      { numRuns: 30 },
    );
  });

  it('answers searches between two slices as before and after', async () => {
    const index = filled(Array.from({ length: 3000 }, (_, i) => i * 31));
    const kinds = [
      query,
      { term: 'pass', mode: 'keyword' },
      { term: 'x', where: { title: { eq: 'bread' } } },
    ] as const;
    const before = await Promise.all(kinds.map((kind) => index.search(kind)));
    let slices = 0;
    const sections = await index.snapshotInSlices(async () => {
      if (slices++ % 20 !== 0) return;
      for (const [i, kind] of kinds.entries()) expect(await index.search(kind)).toEqual(before[i]);
    });
    expect(slices).toBeGreaterThan(40);
    expect(await Promise.all(kinds.map((kind) => index.search(kind)))).toEqual(before);
    const again = await loadIndex({ section: async (name) => sections.get(name) }, options);
    expect((await again.search(query)).hits).toEqual(before[0]!.hits);
  });

  it('fails when the index is changed meanwhile, and does the change no harm', async () => {
    const index = filled(Array.from({ length: 500 }, (_, i) => i));
    let slices = 0;
    const taking = index.snapshotInSlices(async () => {
      if (slices++ === 5) index.add([entry(9000, 1)]);
    });
    await expect(taking).rejects.toMatchObject({ code: 'stale-snapshot' });
    expect(index.has('d9000')).toBe(true);
    expect((await index.snapshotInSlices(async () => {})).has('postings')).toBe(true);
  });
});
