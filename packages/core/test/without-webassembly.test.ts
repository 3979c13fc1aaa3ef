import { VectorBlock } from '@burrow/kernels';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createIndex, loadIndex } from '../src/index.ts';
import { createBlock, openBlock } from '../src/vector/block.ts';
import { VectorStore } from '../src/vector/vector-store.ts';

// This is moved above the imports: the package finds no kernels.
vi.mock('@burrow/kernels', async (original) => ({
  ...(await original<typeof import('@burrow/kernels')>()),
  kernelsSupported: () => false,
}));

const DIMENSIONS = 3;
const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .map((values) => Float32Array.from(values, (value, at) => value + (at + 1) / 10));
const step = fc.oneof(
  fc.record({ add: vector }),
  fc.record({ remove: fc.nat(30) }),
  fc.record({ reopen: fc.constant(true) }),
);

describe('without WebAssembly', () => {
  beforeAll(() => {
    vi.spyOn(VectorBlock.prototype, 'add');
  });
  afterAll(() => {
    // Otherwise this would test the kernels once more.
    expect(VectorBlock.prototype.add).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('hands out the lowest free slot and keeps every vector, whatever is done, through snapshots too', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), vector, (steps, query) => {
        let block = createBlock(DIMENSIONS, 'f32', 'dot');
        const expected = new Map<number, Float32Array>();
        for (const one of steps) {
          if ('add' in one) {
            let lowest = 0;
            while (expected.has(lowest)) lowest++;
            expect(block.add(one.add)).toBe(lowest);
            expected.set(lowest, one.add);
          } else if ('remove' in one) {
            if (expected.delete(one.remove)) block.remove(one.remove);
          } else block = openBlock(block.toBytes(), DIMENSIONS, 'dot');
        }
        const all = new Uint32Array(8).fill(0xffffffff);
        const { slots, scores } = block.nearest(query, 100, all);
        expect(Array.from(slots).sort((a, b) => a - b)).toEqual([...expected.keys()].sort((a, b) => a - b));
        for (const [slot, values] of expected) {
          expect(block.get(slot)).toEqual(values);
          const dot = values.reduce((sum, value, i) => sum + value * query[i]!, 0);
          expect(scores[Array.from(slots).indexOf(slot)]).toBeCloseTo(dot, 3);
        }
      }),
    ));

  it('refuses vectors of other dimensions', () => {
    const block = createBlock(4, 'f32', 'cosine');
    block.add(Float32Array.of(1, 0, 0, 0));
    expect(() => openBlock(block.toBytes(), 5, 'cosine')).toThrow(RangeError);
  });

  it('searches, filters and opens a snapshot with free slots in it', async () => {
    const options = { schema: { year: 'number' }, vector: { dimensions: 2 } } as const;
    const index = createIndex(options);
    const at = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
    for (let i = 0; i < 6; i++)
      index.add([{ document: { id: `d${i}`, text: `text ${i}`, year: i }, vectors: at(i / 4) }]);
    index.remove(['d1', 'd4']);
    const sections = index.snapshot();
    const again = await loadIndex({ section: async (name) => sections.get(name) }, options);
    again.add([{ document: { id: 'new', text: 'text', year: 9 }, vectors: at(0.3) }]);
    const ids = async (where?: { year: { lt: number } }): Promise<string[]> =>
      (await again.search({ vector: at(0.24), ...(where && { where }) })).hits.map((hit) => hit.id);
    expect(await ids()).toEqual(['new', 'd0', 'd2', 'd3', 'd5']);
    expect(await ids({ year: { lt: 4 } })).toEqual(['d0', 'd2', 'd3']);
  });

  it('has the approximate index, too', () => {
    const vectors = new VectorStore({ dimensions: 2, index: 'approximate' });
    for (let i = 0; i < 5000; i++) vectors.add(i, Float32Array.of(Math.cos(i), Math.sin(i)));
    expect(vectors.approximate).toBe(true);
    const scores = vectors.scan(Float32Array.of(0.6, 0.8));
    const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 10);
    expect([...vectors.nearest(Float32Array.of(0.6, 0.8), 10).slots]).toEqual(best);
  });
});
