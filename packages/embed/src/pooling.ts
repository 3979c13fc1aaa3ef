import type { Pooling } from './types.ts';

/**
 * Token vectors to one vector a sequence; padding does not count.
 * @param hidden sequences × width × dimensions, row after row
 * @param lengths tokens of each sequence; the rest of its width is padding at the right
 * @returns sequences × dimensions, not normalised
 */
export function pool(
  pooling: Exclude<Pooling, 'graph'>,
  hidden: Float32Array,
  lengths: ArrayLike<number>,
  width: number,
  dimensions: number,
): Float32Array {
  const out = new Float32Array(lengths.length * dimensions);
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    const start = row * width * dimensions;
    const to = row * dimensions;
    if (pooling === 'cls') out.set(hidden.subarray(start, start + dimensions), to);
    else if (pooling === 'last') {
      const last = start + Math.max(0, length - 1) * dimensions;
      out.set(hidden.subarray(last, last + dimensions), to);
    } else if (pooling === 'max') maximum(hidden, start, length, dimensions, out, to);
    else average(pooling, hidden, start, length, dimensions, out, to);
  }
  return out;
}

/** Several ways at once: of each sequence, their vectors one behind the other. */
export function poolTogether(
  poolings: Exclude<Pooling, 'graph'>[],
  hidden: Float32Array,
  lengths: ArrayLike<number>,
  width: number,
  dimensions: number,
): Float32Array {
  const all = poolings.map((pooling) => pool(pooling, hidden, lengths, width, dimensions));
  if (all.length === 1) return all[0]!;
  const out = new Float32Array(lengths.length * all.length * dimensions);
  all.forEach((rows, place) => {
    for (let row = 0; row < lengths.length; row++) {
      out.set(
        rows.subarray(row * dimensions, (row + 1) * dimensions),
        (row * all.length + place) * dimensions,
      );
    }
  });
  return out;
}

/**
 * Mean of the tokens; the mean weighted by place (1, 2, 3, …; Muennighoff 2022, SGPT); or their sum by the root of their
 * number.
 */
function average(
  pooling: Pooling,
  hidden: Float32Array,
  start: number,
  length: number,
  dimensions: number,
  out: Float32Array,
  to: number,
): void {
  let total = 0;
  for (let token = 0; token < length; token++) {
    const weight = pooling === 'weighted-mean' ? token + 1 : 1;
    const from = start + token * dimensions;
    for (let d = 0; d < dimensions; d++) out[to + d]! += weight * hidden[from + d]!;
    total += weight;
  }
  if (pooling === 'mean-sqrt-length') total = Math.sqrt(total);
  if (total > 0) for (let d = 0; d < dimensions; d++) out[to + d]! /= total;
}

function maximum(
  hidden: Float32Array,
  start: number,
  length: number,
  dimensions: number,
  out: Float32Array,
  to: number,
): void {
  if (length > 0) out.fill(-Infinity, to, to + dimensions);
  for (let token = 0; token < length; token++) {
    const from = start + token * dimensions;
    for (let d = 0; d < dimensions; d++)
      if (hidden[from + d]! > out[to + d]!) out[to + d] = hidden[from + d]!;
  }
}
