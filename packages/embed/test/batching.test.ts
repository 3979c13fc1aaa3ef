import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchByLength } from '../src/batching.ts';

describe('batchByLength', () => {
  it('takes each sequence once, keeps within the budget and puts lengths together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 40 }),
        (lengths, budget, most) => {
          const batches = batchByLength(lengths, budget, most);
          const order = batches.flatMap((batch) => [...batch]);
          expect([...order].sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
          expect(order.map((i) => lengths[i])).toEqual([...lengths].sort((a, b) => b - a));
          for (const batch of batches) {
            expect(batch.length).toBeLessThanOrEqual(most);
            if (batch.length > 1)
              expect(batch.length * Math.max(...[...batch].map((i) => lengths[i]!))).toBeLessThanOrEqual(
                budget,
              );
          }
        },
      ),
    );
  });
});
