import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Dictionary } from '../src/postings/dictionary.ts';
import { wordsWithin } from '../src/postings/typos.ts';

/** Optimal string alignment distance, from its definition. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = least;
    }
  }
  return rows[a.length]![b.length]!;
}

const word = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ß'), { minLength: 1, maxLength: 9 })
  .map((l) => l.join(''));

it('walks past starts that are too far away, and finds every word within the distance', () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 80 }),
      word,
      fc.constantFrom(1, 2),
      (list, asked, edits) => {
        const words = new Dictionary();
        for (const one of list) words.internString(one);
        const order = list.map((_, at) => at).sort((a, b) => words.compare(a, b));
        const found = wordsWithin(words, asked, edits);
        const expected = order
          .map((at) => ({ word: at, edits: distance(list[at]!, asked) }))
          .filter((one) => one.edits > 0 && one.edits <= edits);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  ));
