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
    else average(hidden, start, length, dimensions, out, to, pooling === 'weighted-mean');
  }
  return out;
}

/** Mean of the tokens, or the mean weighted by place (1, 2, 3, …; Muennighoff 2022, SGPT). */
function average(
  hidden: Float32Array,
  start: number,
  length: number,
  dimensions: number,
  out: Float32Array,
  to: number,
  weighted: boolean,
): void {
  let total = 0;
  for (let token = 0; token < length; token++) {
    const weight = weighted ? token + 1 : 1;
    const from = start + token * dimensions;
    for (let d = 0; d < dimensions; d++) out[to + d]! += weight * hidden[from + d]!;
    total += weight;
  }
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
