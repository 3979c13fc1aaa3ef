import { describe, expect, it } from 'vitest';
import { crossValidate } from '../../eval/cross-validate.ts';
import type { Collection } from '../../eval/collection.ts';

/** Titles hold the words that are asked for, texts those of another document: who trusts titles answers right. */
function titlesAreRight(name: string, words: string[]): Collection {
  const documents = words.map((word, i) => {
    const next = words[(i + 1) % words.length]!;
    return { id: word, title: `about ${word}`, text: `${next} ${next} ${next} and some filling words` };
  });
  const queries = words.map((word) => ({ id: word, text: word, judgments: new Map([[word, 1]]) }));
  return { name, documents, queries, judgments: words.length };
}

describe('crossValidate', () => {
  it('chooses on the rest what holds on the part that is left out', async () => {
    const words = [
      'apple',
      'bridge',
      'candle',
      'desert',
      'engine',
      'forest',
      'garden',
      'harbour',
      'island',
      'jungle',
    ];
    const { collections, folds, ...figures } = await crossValidate([
      titlesAreRight('one', words),
      titlesAreRight('two', words.toReversed()),
    ]);
    expect(collections).toEqual(['one', 'two']);
    expect(folds.map(({ heldOut }) => heldOut)).toEqual([
      ...Array.from({ length: 5 }, (_, part) => `part ${part + 1} of 5`),
      'one',
      'two',
    ]);
    for (const { chosen } of folds) expect(chosen.titleBoost).toBeGreaterThan(1);
    expect(figures['ndcg@10']).toBe(1);
  });
});
