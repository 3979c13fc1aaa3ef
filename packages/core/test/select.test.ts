import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOf, selectBest } from '../src/rank/select.ts';

// Few different values, so that ties at the edge are common; infinities and nearly equal ones too.
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0.5, 0.5 + 2 ** -52, Infinity, -Infinity),
);
const values = fc.array(value, { maxLength: 60 });
const before = (a: number, b: number): boolean => a < b;

function scored(list: number[]): { docs: Int32Array; values: Float64Array } {
  // Numbers far from the places, so that the two cannot be mistaken for each other.
  return { docs: Int32Array.from(list, (_, at) => 1000 - at * 7), values: Float64Array.from(list) };
}

function plain(list: number[], k: number): number[] {
  const { docs } = scored(list);
  return list
    .map((score, at) => ({ score, document: docs[at]! }))
    .sort((a, b) => (a.score === b.score ? a.document - b.document : a.score < b.score ? 1 : -1))
    .slice(0, k)
    .map(({ document }) => document);
}

describe('selection', () => {
  it('finds the same as sorting everything, equals by their order', () =>
    fc.assert(
      fc.property(values, fc.nat(70), (list, k) => {
        expect([...bestOf(scored(list), k, before)]).toEqual(plain(list, k));
        const best = selectBest(scored(list), k, before);
        expect([...best.docs].sort((a, b) => a - b)).toEqual(plain(list, k).sort((a, b) => a - b));
        const { docs } = scored(list);
        best.docs.forEach((document, at) => expect(best.values[at]).toBe(list[docs.indexOf(document)]));
      }),
      { numRuns: 1000 },
    ));

  it('selects among many as among few', () => {
    const list = Array.from({ length: 20_000 }, (_, at) => Math.sin(at * 12.9898) * 43758.5453);
    const best = selectBest(scored(list), 1000, before);
    expect([...best.docs].sort((a, b) => a - b)).toEqual(plain(list, 1000).sort((a, b) => a - b));
  });
});
