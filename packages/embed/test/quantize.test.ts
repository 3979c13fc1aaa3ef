import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBinary, toInt8 } from '../src/index.ts';
import type { EmbeddingBatch } from '../src/index.ts';
import { normalizeRows, rowCosine } from '../src/vectors.ts';

function batchOf(rows: number[][]): EmbeddingBatch {
  const dimensions = rows[0]!.length;
  const data = Float32Array.from(rows.flat());
  normalizeRows(data, dimensions);
  return { data, count: rows.length, dimensions, tokens: new Uint32Array(rows.length), truncated: [] };
}

const rows = fc
  .integer({ min: 1, max: 70 })
  .chain((dimensions) =>
    fc.array(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: dimensions, maxLength: dimensions }),
      { minLength: 1, maxLength: 5 },
    ),
  );

describe('smaller vectors', () => {
  it('int8 with its scales is within half a step of the original, and points the same way', () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const batch = batchOf(rows);
        const { data, scales } = toInt8(batch);
        const restored = Float32Array.from(
          data,
          (code, i) => code * scales[Math.floor(i / batch.dimensions)]!,
        );
        for (let i = 0; i < data.length; i++) {
          expect(Math.abs(restored[i]! - batch.data[i]!)).toBeLessThanOrEqual(
            0.51 * scales[Math.floor(i / batch.dimensions)]! + 1e-7,
          );
        }
        rows.forEach((row, i) => {
          if (row.some((value) => value !== 0))
            expect(rowCosine(restored, batch.data, i, batch.dimensions)).toBeGreaterThan(0.999);
        });
      }),
    );
  });

  it('binary has one bit for each sign', () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const batch = batchOf(rows);
        const bits = toBinary(batch);
        const bytes = Math.ceil(batch.dimensions / 8);
        expect(bits.length).toBe(rows.length * bytes);
        rows.forEach((row, r) =>
          row.forEach((value, d) =>
            expect((bits[r * bytes + (d >> 3)]! >> (d & 7)) & 1).toBe(value > 0 ? 1 : 0),
          ),
        );
      }),
    );
  });
});
