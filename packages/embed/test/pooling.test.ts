import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pool } from '../src/pooling.ts';
import type { Pooling } from '../src/types.ts';

/** As the definitions say it, one number at a time. */
function plain(pooling: Pooling, tokens: number[][], d: number): number {
  const column = tokens.map((token) => token[d]!);
  switch (pooling) {
    case 'cls':
      return column[0]!;
    case 'last':
      return column.at(-1)!;
    case 'max':
      return Math.max(...column);
    case 'weighted-mean':
      return (
        column.reduce((sum, value, i) => sum + value * (i + 1), 0) /
        column.reduce((sum, _, i) => sum + i + 1, 0)
      );
    default:
      return column.reduce((sum, value) => sum + value, 0) / column.length;
  }
}

describe('pool', () => {
  it.each(['mean', 'cls', 'max', 'last', 'weighted-mean'] as const)(
    '%s equals its definition, and padding does not count',
    (pooling) => {
      const value = fc.float({ min: -100, max: 100, noNaN: true });
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 1, max: 5 }),
          fc.infiniteStream(value),
          (lengths, dimensions, values) => {
            const width = Math.max(...lengths);
            const hidden = new Float32Array(lengths.length * width * dimensions).fill(1e30);
            const rows = lengths.map((length) =>
              Array.from({ length }, () =>
                Array.from({ length: dimensions }, () => values.next().value as number),
              ),
            );
            rows.forEach((tokens, row) =>
              tokens.forEach((token, i) => hidden.set(token, (row * width + i) * dimensions)),
            );
            const pooled = pool(pooling, hidden, lengths, width, dimensions);
            rows.forEach((tokens, row) => {
              for (let d = 0; d < dimensions; d++) {
                expect(Math.abs(pooled[row * dimensions + d]! - plain(pooling, tokens, d))).toBeLessThan(
                  1e-3,
                );
              }
            });
          },
        ),
      );
    },
  );
});
