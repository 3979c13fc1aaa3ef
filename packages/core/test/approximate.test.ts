import { beforeAll, describe, expect, it } from 'vitest';
import { createIndex, loadIndex, type SearchIndex, type VectorOptions } from '../src/index.ts';
import { VectorStore } from '../src/vector/vector-store.ts';

const DIMENSIONS = 32;
const COUNT = 40_000;

/** Vectors around many centres, as texts about many subjects have; always the same. */
function clustered(count: number, seed: number): Float32Array {
  const next = (): number => ((seed = (seed * 48271) % 2147483647) / 2147483647) * 2 - 1;
  const rows = new Float32Array(count * DIMENSIONS);
  for (let at = 0; at < rows.length; at += DIMENSIONS) {
    const centre = Math.floor((next() + 1) * 150);
    for (let i = 0; i < DIMENSIONS; i++)
      rows[at + i] = Math.sin(centre * 12.9898 + i * 78.233) + 0.7 * next();
  }
  return rows;
}

const rows = clustered(COUNT, 11);
const queries = clustered(50, 77);
const row = (from: Float32Array, at: number): Float32Array =>
  from.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS);

function store(options: Partial<VectorOptions>): VectorStore {
  const vectors = new VectorStore({ dimensions: DIMENSIONS, ...options });
  for (let at = 0; at < COUNT; at++) vectors.add(at, row(rows, at));
  return vectors;
}

function exactTop(vectors: VectorStore, query: Float32Array, allowed: (slot: number) => boolean): number[] {
  const scores = vectors.scan(query, (slot) => vectors.chunkOf[slot]! >= 0 && allowed(slot));
  return [...scores.keys()]
    .filter((slot) => vectors.chunkOf[slot]! >= 0 && allowed(slot))
    .sort((a, b) => scores[b]! - scores[a]!)
    .slice(0, 10);
}

function recall(vectors: VectorStore, allowed?: { has: (slot: number) => boolean; count: number }): number {
  let found = 0;
  for (let at = 0; at < 50; at++) {
    const expected = exactTop(vectors, row(queries, at), allowed?.has ?? (() => true));
    const slots = vectors.nearest(row(queries, at), 100, allowed).slots.subarray(0, 10);
    for (const slot of slots) expect(allowed?.has(slot) ?? true).toBe(true);
    found += expected.filter((slot) => slots.includes(slot)).length / expected.length;
  }
  return found / 50;
}

describe('an approximate index', () => {
  it.each<Partial<VectorOptions>>([
    { metric: 'cosine' },
    { metric: 'dot' },
    { metric: 'euclidean' },
    { metric: 'manhattan' },
    { precision: 'int8' },
    { precision: 'int8', rescore: 'f32' },
  ])('%j finds what the exact scan finds', (options) => {
    const vectors = store({ ...options, index: 'approximate' });
    expect(vectors.approximate).toBe(true);
    expect(recall(vectors)).toBeGreaterThanOrEqual(0.97);
    const third = { has: (slot: number) => slot % 3 === 0, count: Math.ceil(COUNT / 3) };
    const few = { has: (slot: number) => slot % 400 === 7, count: COUNT / 400 };
    expect(recall(vectors, third)).toBeGreaterThanOrEqual(0.97);
    expect(recall(vectors, few)).toBe(1);
  });

  it('finds as much as the exact scan in binary vectors, where neither finds all', () => {
    const truth = store({ index: 'exact' });
    const exact = store({ precision: 'binary', rescore: 'f32', index: 'exact' });
    const vectors = store({ precision: 'binary', rescore: 'f32', index: 'approximate' });
    let [byBoth, byOne] = [0, 0];
    for (let at = 0; at < 50; at++) {
      const query = row(queries, at);
      const best = exactTop(truth, query, () => true);
      const all = exactTop(exact, query, () => true);
      const near = vectors.nearest(query, 10).slots;
      byBoth += best.filter((slot) => all.includes(slot)).length;
      byOne += best.filter((slot) => near.includes(slot)).length;
    }
    expect(byBoth).toBeGreaterThan(0);
    expect(byOne / byBoth).toBeGreaterThanOrEqual(0.97);
  });

  it('keeps its recall through removals, additions and growth, and survives a snapshot', () => {
    const options = { dimensions: DIMENSIONS, index: 'approximate' } as const;
    const vectors = new VectorStore(options);
    // Lists are made from the first 4,096, all near each other; the rest comes to them later.
    const order = Array.from({ length: COUNT }, (_, at) => at).sort(
      (a, b) => row(rows, a)[0]! - row(rows, b)[0]!,
    );
    for (const at of order) vectors.add(at, row(rows, at));
    expect(recall(vectors)).toBeGreaterThanOrEqual(0.97);
    for (let slot = 0; slot < COUNT; slot += 2) vectors.remove(slot);
    expect(recall(vectors)).toBeGreaterThanOrEqual(0.97);
    const moved = clustered(COUNT / 2, 5);
    for (let at = 0; at < COUNT / 2; at++) vectors.add(COUNT + at, row(moved, at));
    expect(vectors.slots).toBe(COUNT);
    expect(recall(vectors)).toBeGreaterThanOrEqual(0.97);
    const again = new VectorStore(options);
    again.restore(vectors.arrays());
    for (let at = 0; at < 50; at++)
      expect(again.nearest(row(queries, at), 20)).toEqual(vectors.nearest(row(queries, at), 20));
    // Lists that are not there (a snapshot of an exact index) are made; damaged ones are refused.
    const { chunkOf, block } = vectors.arrays();
    const made = new VectorStore(options);
    made.restore({ chunkOf, block });
    expect(made.approximate).toBe(true);
    expect(recall(made)).toBeGreaterThanOrEqual(0.97);
    const damaged = vectors.arrays();
    damaged.listOf![3] = 65_000;
    expect(() => new VectorStore(options).restore(damaged)).toThrow(RangeError);
  });

  it('is chosen by option, and by itself from 100,000 vectors on', () => {
    const filled = (count: number, index?: VectorOptions['index']): boolean => {
      const vectors = new VectorStore({ dimensions: 2, ...(index && { index }) });
      for (let at = 0; at < count; at++) vectors.add(at, Float32Array.of(Math.cos(at), Math.sin(at)));
      return vectors.approximate;
    };
    expect(filled(5000)).toBe(false);
    expect(filled(5000, 'approximate')).toBe(true);
    expect(filled(99_999)).toBe(false);
    expect(filled(100_000)).toBe(true);
    expect(filled(100_000, 'exact')).toBe(false);
    expect(() => createIndex({ vector: { dimensions: 2, index: 'fast' as never } })).toThrow(
      expect.objectContaining({ code: 'invalid-option', field: 'vector.index' }),
    );
  });
});

describe('searching an approximate index', () => {
  const SIZE = 20_000;
  const open = (index: VectorOptions['index']): SearchIndex => {
    const made = createIndex({ schema: { year: 'number' }, vector: { dimensions: DIMENSIONS, index } });
    for (let from = 0; from < SIZE; from += 1000) {
      made.add(
        Array.from({ length: 1000 }, (_, i) => ({
          document: { id: `d${from + i}`, text: `word${(from + i) % 50} text`, year: (from + i) % 1000 },
          vectors: row(rows, from + i),
        })),
      );
    }
    return made;
  };
  let exact: SearchIndex;
  let approximate: SearchIndex;
  beforeAll(() => {
    exact = open('exact');
    approximate = open('approximate');
  });

  const overlap = async (asked: Parameters<SearchIndex['search']>[0]): Promise<number> => {
    const ids = async (index: SearchIndex): Promise<string[]> =>
      (await index.search(asked)).hits.map((hit) => hit.id);
    const [expected, found] = [await ids(exact), await ids(approximate)];
    expect(found).toHaveLength(expected.length);
    return expected.filter((id) => found.includes(id)).length / expected.length;
  };

  it('finds nearly the same by vector and by both, filtered or not', async () => {
    const sums = [0, 0, 0, 0];
    for (let at = 0; at < 20; at++) {
      const vector = row(queries, at);
      sums[0]! += await overlap({ vector });
      sums[1]! += await overlap({ term: `word${at}`, vector });
      sums[2]! += await overlap({ term: `word${at}`, vector, where: { year: { lt: 5 } } });
      sums[3]! += await overlap({ vector, where: { year: { gt: 300 } } });
    }
    for (const sum of sums) expect(sum / 20).toBeGreaterThanOrEqual(0.95);
  });

  it('explains, pages, filters and marks as the exact one does', async () => {
    const query = { term: 'word3 text', vector: row(queries, 3), explain: true, limit: 30 } as const;
    const { hits } = await approximate.search({ ...query, where: { year: { gt: 300 } } });
    expect(hits).toHaveLength(30);
    for (const { document, explanation, score, passages } of hits) {
      expect(document['year']).toBeGreaterThan(300);
      expect(explanation!.fusion!.keyword + explanation!.fusion!.vector).toBeCloseTo(score, 9);
      expect(passages[0]!.highlights.length).toBeGreaterThan(0);
    }
    const whole = (await approximate.search(query)).hits.map((hit) => hit.id);
    const pages: string[] = [];
    for (let offset = 0; offset < 30; offset += 7) {
      const limit = Math.min(7, 30 - offset);
      pages.push(...(await approximate.search({ ...query, limit, offset })).hits.map((hit) => hit.id));
    }
    expect(pages).toEqual(whole);
  });

  it('comes out of a snapshot as it went in, exact or not', async () => {
    const sections = approximate.snapshot();
    const source = { section: async (name: string) => sections.get(name) };
    for (const index of ['approximate', 'exact'] as const) {
      const options = { schema: { year: 'number' }, vector: { dimensions: DIMENSIONS, index } } as const;
      using again = await loadIndex(source, options);
      const same = index === 'exact' ? exact : approximate;
      const query = { vector: row(queries, 9), limit: 20 };
      expect(await again.search(query)).toEqual(await same.search(query));
    }
  });

  it('refuses a number of threads that is none', () => {
    for (const threads of [0, -2, 1.5, '2' as never])
      expect(() => createIndex({ vector: { dimensions: 2, threads } })).toThrow(
        expect.objectContaining({ code: 'invalid-option', field: 'vector.threads' }),
      );
  });
});
