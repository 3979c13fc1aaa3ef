import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countBetter } from '../src/engine/places.ts';

// Few different scores, so that equals are common; nearly equal and infinite ones too.
const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0.5, 0.5 + 2 ** -52, Infinity),
);

it('places are one more than the documents with a better score', () =>
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 80 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (list, picks) => {
        const scores = Float64Array.from(list);
        const docs = Int32Array.from(list, (_, document) => document).reverse();
        const asked = picks.map((pick) => list[pick % list.length]!);
        const range = { least: Math.min(...list), most: Math.max(...list) };
        const places = countBetter(docs, scores, asked, range);
        for (const one of asked) expect(places.get(one)).toBe(1 + list.filter((other) => other > one).length);
      },
    ),
    { numRuns: 2000 },
  ));
