import { describe, expect, it } from 'vitest';
import { createIndex, loadIndex, type VectorOptions } from '../src/index.ts';

const DIMENSIONS = 64;

/** Vectors around a few centres, as texts about a few subjects have. */
function clustered(count: number): Float32Array {
  let seed = 11;
  const next = (): number => ((seed = (seed * 48271) % 2147483647) / 2147483647) * 2 - 1;
  const centres = Array.from({ length: 20 }, () => Float32Array.from({ length: DIMENSIONS }, next));
  return Float32Array.from(
    { length: count * DIMENSIONS },
    (_, i) => centres[Math.floor(i / DIMENSIONS) % 20]![i % DIMENSIONS]! + 0.7 * next(),
  );
}

const rows = clustered(2000);
const row = (at: number): Float32Array => rows.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS);

function filled(vector: Partial<VectorOptions> = {}): ReturnType<typeof createIndex> {
  const index = createIndex({ vector: { dimensions: DIMENSIONS, ...vector } });
  index.add(
    Array.from({ length: 2000 }, (_, at) => ({ document: { id: String(at), text: 'x' }, vectors: row(at) })),
  );
  return index;
}

async function nearest(index: ReturnType<typeof createIndex>, query: Float32Array): Promise<string[]> {
  return (await index.search({ vector: query, mode: 'vector', passages: 0 })).hits.map((hit) => hit.id);
}

function plain(query: Float32Array, score: (a: Float32Array, b: Float32Array) => number): string[] {
  const scores = Array.from({ length: 2000 }, (_, at) => score(row(at), query));
  return [...scores.keys()]
    .sort((a, b) => scores[b]! - scores[a]!)
    .slice(0, 10)
    .map(String);
}

const sum = (a: Float32Array, of: (x: number, i: number) => number): number =>
  a.reduce((total, x, i) => total + of(x, i), 0);
const METRICS = {
  cosine: (a: Float32Array, b: Float32Array) => sum(a, (x, i) => x * b[i]!) / Math.sqrt(sum(a, (x) => x * x)),
  dot: (a: Float32Array, b: Float32Array) => sum(a, (x, i) => x * b[i]!),
  euclidean: (a: Float32Array, b: Float32Array) => -sum(a, (x, i) => (x - b[i]!) ** 2),
  manhattan: (a: Float32Array, b: Float32Array) => -sum(a, (x, i) => Math.abs(x - b[i]!)),
};

describe('vector search', () => {
  it.each(Object.keys(METRICS) as (keyof typeof METRICS)[])(
    '%s gives what a full comparison gives',
    async (metric) => {
      const index = filled({ metric });
      for (const at of [3, 77, 1500])
        expect(await nearest(index, row(at))).toEqual(plain(row(at), METRICS[metric]));
    },
  );

  it.each<[Partial<VectorOptions>, number]>([
    [{ precision: 'int8' }, 0.93],
    [{ precision: 'int8', rescore: 'f32' }, 0.99],
    [{ precision: 'binary' }, 0.9],
    [{ precision: 'binary', rescore: 'f32' }, 0.95],
  ])('%j keeps its recall, and survives a snapshot', async (options, least) => {
    const index = filled(options);
    let hits = 0;
    for (let at = 0; at < 2000; at += 50) {
      const expected = plain(row(at), METRICS.cosine);
      hits += (await nearest(index, row(at))).filter((id) => expected.includes(id)).length;
    }
    expect(hits / 400).toBeGreaterThanOrEqual(least);
    const sections = index.snapshot();
    const again = await loadIndex(
      { section: async (name) => sections.get(name) },
      { vector: { dimensions: DIMENSIONS, ...options } },
    );
    expect(await nearest(again, row(5))).toEqual(await nearest(index, row(5)));
  });

  it('uses the slots of removed vectors again', async () => {
    const index = filled();
    const before = index.memory.vectors;
    index.remove(Array.from({ length: 500 }, (_, at) => String(at)));
    index.add(
      Array.from({ length: 500 }, (_, at) => ({ document: { id: `n${at}`, text: 'x' }, vectors: row(at) })),
    );
    expect(index.memory.vectors).toBe(before);
    expect((await nearest(index, row(7)))[0]).toBe('n7');
  });

  it('sweeps up after many updates', async () => {
    const index = filled();
    for (let round = 0; round < 3; round++) {
      index.update(
        Array.from({ length: 2000 }, (_, at) => ({
          document: { id: String(at), text: `round${round}` },
          vectors: row(at),
        })),
      );
    }
    expect(index.size).toBe(2000);
    expect((await index.search({ term: 'round2', passages: 0 })).count).toBe(2000);
    expect((await index.search({ term: 'round1', prefix: false, typos: 0 })).count).toBe(0);
    expect(await nearest(index, row(9))).toEqual(plain(row(9), METRICS.cosine));
  });
});

describe('vector tools', () => {
  it('finds neighbours, near-duplicates, centroid and picture', async () => {
    const index = createIndex({ vector: { dimensions: 3 } });
    const add = (id: string, ...vectors: number[]): void =>
      index.add([{ document: { id, text: id }, vectors }]);
    add('a', 1, 0, 0);
    add('a2', 0.999, 0.01, 0);
    add('b', 0, 1, 0);
    add('c', 0, 0, 1);
    expect(index.nearest('a', 1)).toEqual([{ id: 'a2', similarity: expect.closeTo(1, 3) }]);
    expect(() => index.nearest('z')).toThrow(expect.objectContaining({ code: 'unknown-id' }));
    expect(await index.nearDuplicates({ similarity: 0.99 })).toEqual([
      { a: 'a', b: 'a2', similarity: expect.closeTo(1, 3) },
    ]);
    expect([...index.centroid(['a', 'b'])!]).toEqual([0.5, 0.5, 0]);
    expect(index.vectorStatistics()).toMatchObject({
      count: 4,
      dimensions: 3,
      norms: { mean: expect.closeTo(1, 5) },
    });
    const { ids, coordinates } = index.project();
    const at = (id: string): number[] => [
      ...coordinates.subarray(ids.indexOf(id) * 2, ids.indexOf(id) * 2 + 2),
    ];
    const apart = (x: string, y: string): number => Math.hypot(at(x)[0]! - at(y)[0]!, at(x)[1]! - at(y)[1]!);
    expect(apart('a', 'a2')).toBeLessThan(0.05);
    expect(apart('a', 'b')).toBeGreaterThan(0.5);
  });
});

describe('context', () => {
  const text =
    'Passports are renewed at the town hall. Bring a photo. It takes two weeks. Dogs are not allowed inside.';
  const chunks = [{ start: 0, end: 39 }, { start: 40, end: 54 }, { start: 55, end: 74 }, { start: 75, end: 103 }]; // prettier-ignore
  const countTokens = (part: string): number => part.split(/\s+/).filter(Boolean).length;

  it('joins neighbours, drops repetitions, keeps the budget, names the source', async () => {
    const index = createIndex();
    index.add([
      { document: { id: 'hall', title: 'Town hall', text }, chunks },
      { document: { id: 'copy', text: 'Passports are renewed at the town hall.' } },
    ]);
    const { passages, tokens } = await index.context(
      { term: 'passports renewed photo' },
      { maxTokens: 12, countTokens },
    );
    expect(tokens).toBeLessThanOrEqual(12);
    expect(tokens).toBe(passages.reduce((sum, passage) => sum + passage.tokens, 0));
    expect(passages.filter((passage) => passage.text.includes('Passports'))).toHaveLength(1);
    const all = await index.context({ term: 'passports photo weeks' }, { maxTokens: 100, countTokens });
    expect(all.passages.find((passage) => passage.id === 'hall')).toMatchObject({ title: 'Town hall' });
    for (const passage of all.passages.filter((one) => one.id === 'hall'))
      expect(passage.text).toBe(text.slice(passage.start, passage.end));
  });

  it('cuts the best passage by sentences where not even that fits', async () => {
    const index = createIndex();
    index.add([{ document: { id: 'a', text } }]);
    const { passages } = await index.context({ term: 'passports' }, { maxTokens: 8, countTokens });
    expect(passages.map((passage) => passage.text)).toEqual(['Passports are renewed at the town hall.']);
  });
});
