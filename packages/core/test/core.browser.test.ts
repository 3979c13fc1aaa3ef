import { createIndex, loadIndex } from '@burrow/core';
import { bestEngine } from '@burrow/kernels';
import { describe, expect, it } from 'vitest';

const options = {
  schema: { year: 'number' },
  vector: { dimensions: 64, space: 'test', weight: 0.5 },
} as const;
const SUBJECTS = ['passports and borders', 'rivers and boats', 'bread and baking', 'roofs and rain'];

/** A direction for each subject, and a little of its own for each document. */
function vectorOf(subject: number, own: number): Float32Array {
  return Float32Array.from(
    { length: 64 },
    (_, i) => (i % SUBJECTS.length === subject ? 1 : 0) + 0.3 * Math.sin(own * 12.9898 + i * 78.233),
  );
}

describe('in Chromium', () => {
  it('fuses words and vectors over relaxed SIMD, and says the same after a snapshot', async () => {
    expect(bestEngine()).toBe('relaxed');
    using index = createIndex(options);
    index.add(
      Array.from({ length: 400 }, (_, i) => ({
        document: {
          id: `d${i}`,
          title: `Note ${i}`,
          text: `About ${SUBJECTS[i % 4]}. Number ${i} says more.`,
          year: i,
        },
        vectors: vectorOf(i % 4, i),
      })),
    );
    index.remove(['d1', 'd5']);
    const query = {
      term: 'boats rain',
      vector: vectorOf(1, 1000),
      space: 'test',
      where: { year: { lt: 300 } },
      explain: true,
      limit: 20,
    };
    const before = await index.search(query);
    expect(before.mode).toBe('hybrid');
    expect(before.hits).toHaveLength(20);
    for (const { document, passages, explanation, score } of before.hits.slice(0, 5)) {
      expect(Number(document.id.slice(1)) % 4).toBe(1);
      const [start, end] = passages[0]!.highlights[0]!;
      expect(passages[0]!.text.slice(start, end)).toBe('boats');
      expect(explanation!.fusion!.keyword).toBeGreaterThan(0);
      expect(explanation!.fusion!.keyword + explanation!.fusion!.vector).toBeCloseTo(score, 9);
    }
    const sections = index.snapshot();
    using again = await loadIndex({ section: async (name) => sections.get(name) }, options);
    expect(await again.search(query)).toEqual(await index.search(query));
    // The snapshot has swept up the removed documents; the answer is the same as before, to rounding.
    const after = await again.search(query);
    expect(after.hits.map((hit) => hit.id)).toEqual(before.hits.map((hit) => hit.id));
    const text = await again.text('d9');
    again.dispose();
    expect(text).toContain('boats');
    await expect(again.search(query)).rejects.toMatchObject({ code: 'disposed' });
    expect(() => again.size).toThrow(expect.objectContaining({ code: 'disposed' }));
  });

  it('finds with several threads what it finds with one, in every mode', async () => {
    const entries = Array.from({ length: 26_000 }, (_, i) => ({
      document: { id: `d${i}`, text: `Number ${i} about ${SUBJECTS[i % 4]}.`, year: i % 100 },
      vectors: vectorOf(i % 4, i),
    }));
    const open = (threads: number) => createIndex({ ...options, vector: { ...options.vector, threads } });
    using alone = open(1);
    using shared = open(2);
    for (const index of [alone, shared]) index.add(entries);
    const query = { term: 'boats rain', vector: vectorOf(1, 1000), space: 'test', limit: 30 };
    while (shared.threads < 2) {
      await shared.search(query);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(alone.threads).toBe(1);
    for (const more of [{}, { mode: 'vector' }, { mode: 'vector', where: { year: { lt: 80 } } }] as const) {
      const found = await shared.search({ ...query, ...more });
      expect(found).toEqual(await alone.search({ ...query, ...more }));
      expect(found.hits).toHaveLength(30);
    }
  });
});
