import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelsError } from '../src/errors.ts';
import { VectorBlock } from '../src/vector-block.ts';
import type { VectorMetric, VectorPrecision } from '../src/vector-codec.ts';
import { magnitude, randomVectors, score } from './vector-cases.ts';

const pairs: [VectorPrecision, VectorMetric][] = [
  ['f32', 'cosine'],
  ['f32', 'dot'],
  ['f32', 'euclidean'],
  ['f32', 'manhattan'],
  ['int8', 'cosine'],
  ['int8', 'dot'],
  ['int8', 'euclidean'],
  ['int8', 'manhattan'],
  ['binary', 'hamming'],
];

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof KernelsError) return error.code;
    throw error;
  }
  return 'no error';
};

describe.each(pairs)('%s %s', (precision, metric) => {
  it('scores every row as a scalar loop does over the stored vectors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        (dimensions, count, seed) => {
          using block = new VectorBlock({ dimensions, precision });
          block.add(randomVectors(count, dimensions, seed));
          const query = randomVectors(1, dimensions, seed + 1);
          const scores = block.scores(query, { metric });
          expect(scores.length).toBe(count);
          for (let slot = 0; slot < count; slot++) {
            const row = block.get(slot);
            const bound = metric === 'hamming' ? 0 : 3e-5 * magnitude(metric, query, row);
            expect(Math.abs(scores[slot]! - score(metric, query, row))).toBeLessThanOrEqual(bound);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('returns exactly the best rows of those that are live and pass the filter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 0, max: 200 }),
        fc.constantFrom(1, 0.9, 0.3, 0.02),
        fc.nat(),
        (dimensions, count, k, share, seed) => {
          using block = new VectorBlock({ dimensions, precision });
          block.add(randomVectors(count, dimensions, seed));
          const chance = randomVectors(2, count, seed + 2);
          for (let slot = 0; slot < count; slot++) if (chance[slot]! > 0.7) block.remove(slot);
          const filter = new Uint32Array(Math.ceil(count / 32));
          for (let slot = 0; slot < count; slot++) {
            if (chance[count + slot]! < share * 2 - 1) filter[slot >> 5]! |= 1 << (slot & 31);
          }
          const query = randomVectors(1, dimensions, seed + 1);
          const scores = block.scores(query, { metric });
          const wanted = [...scores.keys()]
            .filter((slot) => block.has(slot) && filter[slot >> 5]! & (1 << (slot & 31)))
            .sort((a, b) => scores[b]! - scores[a]! || a - b)
            .slice(0, k);
          const result = block.scan(query, k, { metric, filter });
          expect([...result.slots]).toEqual(wanted);
          expect([...result.scores]).toEqual(wanted.map((slot) => scores[slot]!));
          const listed = block.scanSlots(query, [...wanted].reverse(), wanted.length, { metric });
          expect([...listed.slots]).toEqual(wanted);
          const every = Array.from({ length: count + 3 }, (_, i) => count + 2 - i);
          expect([...block.scoresOf(query, every, { metric })]).toEqual(
            every.map((slot) => (block.has(slot) ? scores[slot]! : -Infinity)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('comes back from its bytes the same', () => {
    using block = new VectorBlock({ dimensions: 37, precision });
    block.add(randomVectors(75, 37, 1));
    block.remove(3);
    block.remove(74);
    const bytes = new Uint8Array(block.toBytes().length + 1);
    bytes.set(block.toBytes(), 1); // sections of a file need not be aligned
    using copy = VectorBlock.fromBytes(bytes.subarray(1));
    const query = randomVectors(1, 37, 2);
    expect(copy.scan(query, 75, { metric })).toEqual(block.scan(query, 75, { metric }));
    expect(copy.size).toBe(73);
    expect([...copy.add(randomVectors(2, 37, 3))]).toEqual([3, 74]);
  });
});

describe('VectorBlock', () => {
  it('joins the results of shards into the result of the whole', () => {
    using block = new VectorBlock({ dimensions: 8 });
    block.add(randomVectors(100, 8, 5));
    const query = randomVectors(1, 8, 6);
    const shards = [block.scan(query, 10, { to: 64 }), block.scan(query, 10, { from: 64 })];
    const joined = shards
      .flatMap(({ slots, scores }) => [...slots].map((slot, i) => ({ slot, score: scores[i]! })))
      .sort((a, b) => b.score - a.score || a.slot - b.slot)
      .slice(0, 10);
    expect([...block.scan(query, 10).slots]).toEqual(joined.map(({ slot }) => slot));
  });

  it('keeps to a plain map through any order of add, set and remove', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('add' as const), count: fc.integer({ min: 0, max: 90 }) }),
      fc.record({ type: fc.constant('remove' as const), at: fc.nat() }),
      fc.record({ type: fc.constant('set' as const), at: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        using block = new VectorBlock({ dimensions: 3 });
        const model = new Map<number, number[]>();
        let seed = 0;
        for (const step of actions) {
          if (step.type === 'add') {
            const vectors = randomVectors(step.count, 3, ++seed);
            const slots = block.add(vectors);
            slots.forEach((slot, i) => {
              expect(model.has(slot)).toBe(false);
              model.set(slot, [...vectors.subarray(i * 3, i * 3 + 3)]);
            });
            continue;
          }
          const slot = [...model.keys()][step.at % Math.max(1, model.size)];
          if (slot === undefined) continue;
          if (step.type === 'remove') {
            expect(block.remove(slot)).toBe(true);
            expect(block.remove(slot)).toBe(false);
            model.delete(slot);
          } else {
            const vector = randomVectors(1, 3, ++seed);
            block.set(slot, vector);
            model.set(slot, [...vector]);
          }
        }
        expect(block.size).toBe(model.size);
        for (const [slot, vector] of model) expect([...block.get(slot)]).toEqual(vector);
        const found = block.scan(Float32Array.of(1, 2, 3), 1e6, { metric: 'dot' }).slots;
        expect([...found].sort((a, b) => a - b)).toEqual([...model.keys()].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['f32', 'int8', 'binary'] as const)('keeps nothing of a removed %s vector', (precision) => {
    const bytesAfterRemoving = (removed: Float32Array): string => {
      using block = new VectorBlock({ dimensions: 64, precision });
      block.add(randomVectors(1, 64, 1));
      block.remove(block.add(removed)[0]!);
      return block.toBytes().join(',');
    };
    expect(bytesAfterRemoving(randomVectors(1, 64, 2))).toBe(bytesAfterRemoving(randomVectors(1, 64, 3)));
  });

  it('gives equal scores in order of slot', () => {
    using block = new VectorBlock({ dimensions: 2 });
    block.add(new Float32Array(200).fill(1));
    expect([...block.scan(Float32Array.of(1, 0), 5).slots]).toEqual([0, 1, 2, 3, 4]);
  });

  it('scores zero vectors 0 by cosine, in every precision that has it', () => {
    for (const precision of ['f32', 'int8'] as const) {
      using block = new VectorBlock({ dimensions: 4, precision });
      block.add(new Float32Array(8).fill(1, 4));
      expect([...block.scores(Float32Array.of(1, 1, 1, 1))].map((value) => Number(value.toFixed(3)))).toEqual(
        [0, 1],
      );
      expect([...block.scores(new Float32Array(4))]).toEqual([0, 0]);
    }
  });

  it('keeps an int8 component within half a step', () => {
    using block = new VectorBlock({ dimensions: 50, precision: 'int8' });
    const vectors = randomVectors(20, 50, 8);
    block.add(vectors);
    for (let slot = 0; slot < 20; slot++) {
      const vector = vectors.subarray(slot * 50, slot * 50 + 50);
      const step = Math.max(...vector.map(Math.abs)) / 127;
      block
        .get(slot)
        .forEach((value, i) => expect(Math.abs(value - vector[i]!)).toBeLessThanOrEqual(step * 0.501));
    }
  });

  it('refuses bad input and stays as it was', () => {
    using block = new VectorBlock({ dimensions: 3 });
    block.add(Float32Array.of(1, 2, 3));
    expect(codeOf(() => new VectorBlock({ dimensions: 0 }))).toBe('invalid-argument');
    expect(codeOf(() => new VectorBlock({ dimensions: 1.5 }))).toBe('invalid-argument');
    expect(codeOf(() => block.add(Float32Array.of(1, 2)))).toBe('invalid-argument');
    expect(codeOf(() => block.add(Float32Array.of(1, 2, 3, 4, Number.NaN, 6)))).toBe('invalid-argument');
    expect(codeOf(() => block.set(0, Float32Array.of(1, Infinity, 3)))).toBe('invalid-argument');
    expect(codeOf(() => block.set(1, Float32Array.of(1, 1, 3)))).toBe('invalid-argument');
    expect(codeOf(() => block.get(-1))).toBe('invalid-argument');
    expect(codeOf(() => block.scan(Float32Array.of(1, 2), 1))).toBe('invalid-argument');
    expect(codeOf(() => block.scan(Float32Array.of(1, 2, Number.NaN), 1))).toBe('invalid-argument');
    expect(codeOf(() => block.scan(Float32Array.of(1, 2, 3), 1, { metric: 'hamming' }))).toBe(
      'invalid-argument',
    );
    expect(codeOf(() => block.scan(Float32Array.of(1, 2, 3), 1, { from: 5 }))).toBe('invalid-argument');
    expect(block.scan(Float32Array.of(1, 2, 3), -1).slots.length).toBe(0);
    expect(block.size).toBe(1);
    expect([...block.get(0)]).toEqual([1, 2, 3]);
    block.dispose();
    expect(codeOf(() => block.scan(Float32Array.of(1, 2, 3), 1))).toBe('disposed');
  });

  it('says which check damaged bytes fail', () => {
    using block = new VectorBlock({ dimensions: 3 });
    block.add(Float32Array.of(1, 2, 3));
    const bytes = block.toBytes();
    expect(() => VectorBlock.fromBytes(bytes.subarray(0, 10))).toThrow(/too few/);
    expect(() => VectorBlock.fromBytes(bytes.subarray(0, 40))).toThrow(/are due/);
    expect(() => VectorBlock.fromBytes(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 0 : byte)))).toThrow(
      /magic/,
    );
    expect(() => VectorBlock.fromBytes(Uint8Array.from(bytes, (byte, i) => (i === 4 ? 9 : byte)))).toThrow(
      /version 9/,
    );
  });
});
