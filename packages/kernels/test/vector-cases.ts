// What a scan must return, computed by plain loops. Used in Node (plain SIMD) and in Chromium (relaxed SIMD).
import type { VectorMetric } from '../src/vector-codec.ts';

/** Deterministic numbers in [-1, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function randomVectors(count: number, dimensions: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count * dimensions }, next);
}

/** Score in double precision; a higher one is better. */
export function score(metric: VectorMetric, a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squareA = 0;
  let squareB = 0;
  let euclidean = 0;
  let manhattan = 0;
  let bits = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
    euclidean += (a[i]! - b[i]!) ** 2;
    manhattan += Math.abs(a[i]! - b[i]!);
    if (a[i]! > 0 !== b[i]! > 0) bits++;
  }
  if (metric === 'cosine') return squareA > 0 && squareB > 0 ? dot / Math.sqrt(squareA * squareB) : 0;
  if (metric === 'dot') return dot;
  if (metric === 'euclidean') return -euclidean;
  if (metric === 'manhattan') return -manhattan;
  return -bits;
}

/** Size that rounding errors of a score are measured against. */
export function magnitude(metric: VectorMetric, a: Float32Array, b: Float32Array): number {
  let sum = 1;
  for (let i = 0; i < a.length; i++)
    sum += Math.abs(a[i]!) * Math.abs(b[i]!) + (metric === 'cosine' ? 0 : a[i]! ** 2 + b[i]! ** 2);
  return sum;
}
