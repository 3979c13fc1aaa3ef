import { describe, expect, it } from 'vitest';
import { ndcg, recall, reciprocalRank } from '../../eval/measures.ts';

const judgments = new Map([
  ['a', 4],
  ['b', 2],
  ['c', 1],
  ['z', 0],
]);

describe('measures', () => {
  it('nDCG takes the gain itself, not two to its power', () => {
    expect(ndcg(['a', 'b', 'c'], judgments, 10)).toBe(1);
    const ideal = 4 + 2 / Math.log2(3) + 1 / 2;
    expect(ndcg(['x', 'b', 'a'], judgments, 10)).toBeCloseTo((2 / Math.log2(3) + 4 / 2) / ideal, 12);
    expect(ndcg(['x', 'z'], judgments, 10)).toBe(0);
  });

  it('nDCG cuts the ideal at the depth too', () => {
    expect(ndcg(['a'], judgments, 1)).toBe(1);
    expect(ndcg(['b', 'a'], judgments, 1)).toBe(0.5);
  });

  it('recall counts relevant documents once and only to the depth', () => {
    expect(recall(['a', 'x', 'b'], judgments, 2)).toBeCloseTo(1 / 3, 12);
    expect(recall(['a', 'a', 'b'], judgments, 100)).toBeCloseTo(2 / 3, 12);
    expect(recall(['a'], new Map([['a', 0]]), 10)).toBeNaN();
  });

  it('reciprocal rank is that of the first relevant one', () => {
    expect(reciprocalRank(['x', 'z', 'c', 'a'], judgments, 10)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRank(['x', 'z', 'c'], judgments, 2)).toBe(0);
  });
});
