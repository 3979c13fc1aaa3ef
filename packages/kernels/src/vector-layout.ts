import { KernelsError } from './errors.ts';
import { PLANES, type VectorPrecision } from './vector-codec.ts';

/** Where the bits of live slots are, in bytes. */
export const BASE = 1024;

/** Where the parts of a block lie for a given number of slots; the bits of live slots are at BASE. */
export interface Layout {
  /** Cosine weight of each slot (f32). */
  cosines: number;
  /** Scale of each slot (f32), int8 only. */
  scales: number;
  rows: number;
  end: number;
}

/** @param capacity slots, a multiple of 128 */
export function layoutOf(precision: VectorPrecision, rowBytes: number, capacity: number): Layout {
  const cosines = BASE + capacity / 8;
  const scales = cosines + capacity * 4;
  const rows = cosines + capacity * 4 * PLANES[precision];
  return { cosines, scales, rows, end: rows + capacity * rowBytes };
}

/** Moves the parts of a block to where they lie with more capacity. */
export function moveParts(
  view: Uint8Array,
  before: Layout,
  after: Layout,
  { slots, rowBytes, precision }: { slots: number; rowBytes: number; precision: VectorPrecision },
): void {
  // Every part moves up, the last one first, so nothing is overwritten before it has moved.
  view.copyWithin(after.rows, before.rows, before.rows + slots * rowBytes);
  if (PLANES[precision] > 1) view.copyWithin(after.scales, before.scales, before.scales + slots * 4);
  if (PLANES[precision] > 0) view.copyWithin(after.cosines, before.cosines, before.cosines + slots * 4);
}

/** @throws {KernelsError} `invalid-argument` when a component is not finite. */
export function checkFinite(numbers: Float32Array, dimensions: number): void {
  // Whatever is not finite makes the sum so; a sum that only grew too large is looked into.
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += Math.abs(numbers[i]!);
  if (Number.isFinite(sum)) return;
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isFinite(numbers[i])) continue;
    throw new KernelsError(
      'invalid-argument',
      `Component ${i % dimensions} is ${numbers[i]}; it must be finite.`,
    );
  }
}
