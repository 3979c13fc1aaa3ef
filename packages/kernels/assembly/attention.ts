// Attention of one text: for each head, scores = q × kᵀ and out = softmax(scores) × v, both by the f32 register
// tile over packed keys and values; the scores of a few rows stay in the cache.
import { exp } from './functions';
import { multiplyFloat, packInputs, packOutputs } from './gemm-f32';
import { horizontalMax, horizontalSum, madd } from './simd';

/** Rows whose scores are worked on together. */
const BLOCK: usize = 16;

/** row = scale · row − slope · |column − position|, `bytes` long: ALiBi. */
// @ts-ignore: decorator
@inline
export function placeRow(row: usize, bytes: usize, scale: f32, slope: f32, position: i32): void {
  const factor = f32x4.splat(scale), here = f32x4.splat(<f32>position), negative = f32x4.splat(-slope);
  let column = f32x4(0, 1, 2, 3);
  for (let at: usize = 0; at < bytes; at += 16) {
    const v = f32x4.mul(v128.load(row + at), factor);
    v128.store(row + at, madd(f32x4.abs(f32x4.sub(column, here)), negative, v));
    column = f32x4.add(column, f32x4.splat(4));
  }
}

/**
 * A row becomes e^(scale · row + mask − slope · |column − position| − their largest), n columns; returns 1 / their
 * sum. Columns from n to the next multiple of 4 are written (as if masked); `scale` is positive.
 */
// @ts-ignore: decorator
@inline
function weighRow(row: usize, n: usize, scale: f32, mask: usize, slope: f32, position: i32): f32 {
  const end = ((n + 3) & ~3) * 4;
  for (let at = n * 4; at < end; at += 4) store<f32>(row + at, -Infinity);
  let factor = f32x4.splat(scale);
  let most = f32x4.splat(-Infinity);
  if (mask || slope != 0) {
    const here = f32x4.splat(<f32>position), negative = f32x4.splat(-slope);
    let column = f32x4(0, 1, 2, 3);
    for (let at: usize = 0; at < end; at += 16) {
      let v = f32x4.mul(v128.load(row + at), factor);
      if (mask) v = f32x4.add(v, v128.load(mask + at));
      v = madd(f32x4.abs(f32x4.sub(column, here)), negative, v);
      column = f32x4.add(column, f32x4.splat(4));
      v128.store(row + at, v);
      most = f32x4.pmax(most, v);
    }
    factor = f32x4.splat(1);
  } else {
    for (let at: usize = 0; at < end; at += 16) most = f32x4.pmax(most, v128.load(row + at));
  }
  const top = f32x4.mul(f32x4.splat(-horizontalMax(most)), factor);
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < end; at += 16) {
    const v = exp(madd(v128.load(row + at), factor, top));
    v128.store(row + at, v);
    sum = f32x4.add(sum, v);
  }
  return 1 / horizontalSum(sum);
}

// @ts-ignore: decorator
@inline
function scaleRow(row: usize, n: usize, by: f32): void {
  const factor = f32x4.splat(by);
  const end = row + n * 4;
  for (; row < end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factor));
}

/**
 * Each row becomes softmax(scale · row + mask − slope · |column − position|), n columns; position of row i is
 * first + i. `mask` is 0 or numbers to add, as many as n rounded up to 4; so many columns are written, too.
 */
export function softmaxRows(
  x: usize, stride: usize, rows: usize, n: usize, scale: f32, mask: usize, slope: f32, first: i32,
): void {
  for (let i: usize = 0; i < rows; i++) {
    const row = x + i * stride;
    scaleRow(row, n, weighRow(row, n, scale, mask, slope, first + <i32>i));
  }
}

/** Turns pairs (i, i + size/2) of each head by position · frequency[i]: rotary positions, in place. */
export function rotateRows(
  x: usize, stride: usize, rows: usize, heads: usize, size: usize, cosines: usize, sines: usize, first: usize,
): void {
  const half = size * 2; // bytes of half a head
  for (let i: usize = 0; i < rows; i++) {
    const c = cosines + (first + i) * half, s = sines + (first + i) * half;
    for (let h: usize = 0; h < heads; h++) {
      const low = x + i * stride + h * size * 4, high = low + half;
      for (let at: usize = 0; at < half; at += 16) {
        const a = v128.load(low + at), b = v128.load(high + at), cos = v128.load(c + at), sin = v128.load(s + at);
        v128.store(low + at, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
        v128.store(high + at, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)));
      }
    }
  }
}

/** Bytes of scratch that `attention` needs for a text of so many tokens. */
export function attentionScratch(tokens: usize, size: usize): usize {
  const padded = (tokens + 7) & ~7;
  return padded * size * 4 * 2 + BLOCK * padded * 4 + BLOCK * 4;
}

/**
 * q, k, v: rows of `stride` bytes, heads side by side, `size` numbers each (a multiple of 8). Only the rows from
 * `begin` to before `end` of the text's are worked out. `slopes` is 0 or an ALiBi slope for each head. out: rows of
 * outStride bytes, the text's first one first.
 */
export function attention(
  q: usize, k: usize, v: usize, stride: usize, tokens: usize, begin: usize, end: usize, heads: usize, size: usize,
  scale: f32, slopes: usize, out: usize, outStride: usize, scratch: usize,
): void {
  const padded = (tokens + 7) & ~7;
  const keys = scratch, values = keys + padded * size * 4, scores = values + padded * size * 4;
  const inverses = scores + BLOCK * padded * 4;
  const width = padded * 4;
  for (let h: usize = 0; h < heads; h++) {
    const at = h * size * 4;
    packOutputs(k + at, stride, tokens, size, keys);
    packInputs(v + at, stride, tokens, size, values);
    const slope: f32 = slopes ? load<f32>(slopes + h * 4) : 0;
    for (let first = begin; first < end; first += BLOCK) {
      const rows = min(BLOCK, end - first);
      multiplyFloat(q + at + first * stride, stride, rows, keys, size, padded, 0, 0, 0, scores, width);
      for (let i: usize = 0; i < rows; i++) {
        const inverse = weighRow(scores + i * width, tokens, scale, 0, slope, <i32>(first + i));
        store<f32>(inverses + i * 4, inverse);
      }
      const to = out + at + first * outStride;
      multiplyFloat(scores, width, rows, values, tokens, size, 0, 0, 0, to, outStride);
      // Dividing the few results is less work than dividing the weights.
      for (let i: usize = 0; i < rows; i++) scaleRow(to + i * outStride, size, load<f32>(inverses + i * 4));
    }
  }
}
