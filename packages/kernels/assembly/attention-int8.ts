// Attention of one text in 8 bits (relaxed SIMD only): both products by the int8 GEMM, over keys and values that are
// packed like the weights of a layer. Keys have a scale for each token, values a scale and a centre for each
// component, both codes −64..64, so that the grouped product cannot overflow either (4 · 64 · 127 < 32768). Queries are
// 7-bit rows. The weights of softmax become 7-bit codes, their largest 126; what rounding takes from a weight is
// carried over to the next ones, so that many small weights keep their sum.
import { placeRow } from './attention';
import { ROUNDING, ROUNDING_BITS, entry, fixed } from './functions';
import { gemmInt8 } from './gemm-int8';
import { LAYER_BYTES, writeLayer } from './linear';
import { quantiseRow } from './rows';
import { horizontalMax, horizontalSum, madd } from './simd';

/** Rows whose scores are worked on together: two tiles, and scores and codes stay in the first-level cache. */
const BLOCK: usize = 12;
/** Largest code of keys and values. */
const LARGEST: f32 = 64;
/** log2(126): e^0 becomes the code 126; what is carried over may make it 127. */
const TOP: f32 = 6.977279923499917;
const LOG2_E: f32 = 1.4426950408889634;
/** For 2^x: below −40 it is nothing beside 126; and the polynomial, highest power first. */
const POWER_TABLE: usize = memory.data<f32>([-40, 0.23842893540859222, 0.7034481763839722, 1.0004431009292603], 4);

// @ts-ignore: decorator
@inline
function roundUp(n: usize, to: usize): usize {
  return (n + to - 1) & ~(to - 1);
}

/** Bytes of scratch that `attentionInt8` needs for a text of so many tokens. */
export function attentionInt8Scratch(tokens: usize, size: usize): usize {
  const rows = roundUp(tokens, 16);
  return 2 * LAYER_BYTES + rows * 12 + size * 12 + 2 * rows * size + BLOCK * (size + rows * 5 + 16);
}

/** Keys as weights: one output for each token, `size` inputs. */
function packKeys(
  k: usize, stride: usize, tokens: usize, size: usize, panels: usize, scales: usize, sums: usize,
): void {
  const last = tokens & ~7;
  if (last < tokens) memory.fill(panels + last * size, 0, 8 * size);
  const bits = fixed(ROUNDING_BITS), round = fixed(ROUNDING), ones = i16x8.splat(1);
  for (let j: usize = 0; j < tokens; j++) {
    const row = k + j * stride, end = row + size * 4;
    let most = f32x4.splat(0);
    for (let at = row; at < end; at += 16) most = f32x4.pmax(most, f32x4.abs(v128.load(at)));
    const largest = horizontalMax(most);
    const factor = f32x4.splat(largest > 0 ? LARGEST / largest : 0);
    let sum = i32x4.splat(0);
    let to = panels + (j & ~7) * size + (j & 7) * 4;
    for (let at = row; at < end; at += 32, to += 64) {
      const a = i32x4.sub(madd(v128.load(at), factor, round), bits);
      const b = i32x4.sub(madd(v128.load(at, 16), factor, round), bits);
      const words = i16x8.narrow_i32x4_s(a, b);
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(words, ones));
      const codes = i8x16.narrow_i16x8_s(words, words);
      v128.store32_lane(to, codes, 0);
      v128.store32_lane(to, codes, 1, 32);
    }
    store<f32>(scales + j * 4, largest / LARGEST);
    sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
    store<i32>(sums + j * 4, i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1));
  }
}

// @ts-ignore: decorator
@inline
function centred(at: usize, there: bool, centre: v128, factor: v128): v128 {
  if (!there) return i32x4.splat(0);
  const shifted = madd(f32x4.sub(v128.load(at), centre), factor, fixed(ROUNDING));
  return i32x4.sub(shifted, fixed(ROUNDING_BITS));
}

/** Values as weights: one output for each component, one input for each token. Their centres become the bias. */
function packValues(
  v: usize, stride: usize, tokens: usize, size: usize, panels: usize, scales: usize, centres: usize,
): void {
  const rows = roundUp(tokens, 16);
  for (let c: usize = 0; c < size; c += 8) {
    const column = v + c * 4, panel = panels + c * rows, end = column + tokens * stride;
    let low0 = v128.load(column), low1 = v128.load(column, 16), high0 = low0, high1 = low1;
    for (let at = column + stride; at < end; at += stride) {
      const x = v128.load(at), y = v128.load(at, 16);
      low0 = f32x4.pmin(low0, x);
      low1 = f32x4.pmin(low1, y);
      high0 = f32x4.pmax(high0, x);
      high1 = f32x4.pmax(high1, y);
    }
    packColumns(column, stride, end, low0, high0, panel, rows, scales + c * 4, centres + c * 4);
    packColumns(column + 16, stride, end, low1, high1, panel + 16, rows, scales + c * 4 + 16, centres + c * 4 + 16);
  }
}

/** Four components that lie between `low` and `high`: codes −64..64 of (value − centre) / scale. */
// @ts-ignore: decorator
@inline
function packColumns(
  at: usize, stride: usize, end: usize, low: v128, high: v128, to: usize, rows: usize, scales: usize, centres: usize,
): void {
  const half = f32x4.mul(f32x4.sub(high, low), f32x4.splat(0.5));
  const centre = f32x4.add(low, half);
  v128.store(scales, f32x4.mul(half, f32x4.splat(1 / LARGEST)));
  v128.store(centres, centre);
  // A component that never changes has the codes 0: its factor would be infinite.
  const factor = v128.and(f32x4.div(f32x4.splat(LARGEST), half), f32x4.gt(half, f32x4.splat(0)));
  const last = to + rows * 8;
  for (; to < last; to += 32, at += stride * 4) {
    const b = at + stride, c = b + stride, d = c + stride;
    const codes = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(code(at, end, centre, factor), code(b, end, centre, factor)),
      i16x8.narrow_i32x4_s(code(c, end, centre, factor), code(d, end, centre, factor)),
    );
    v128.store(to, v128.shuffle<i8>(codes, codes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  }
}

// @ts-ignore: decorator
@inline
function code(at: usize, end: usize, centre: v128, factor: v128): v128 {
  if (at >= end) return i32x4.splat(0);
  const shifted = madd(f32x4.sub(v128.load(at), centre), factor, fixed(ROUNDING));
  return i32x4.sub(shifted, fixed(ROUNDING_BITS));
}

/** 2^x, relative error < 2e-3: fine for codes of 7 bits. Coefficients fitted as in functions.ts. */
// @ts-ignore: decorator
@inline
function power(x: v128): v128 {
  const clamped = f32x4.pmax(x, entry(POWER_TABLE, 0));
  const shifted = f32x4.add(clamped, fixed(ROUNDING));
  const r = f32x4.sub(clamped, f32x4.sub(shifted, fixed(ROUNDING)));
  const p = madd(madd(entry(POWER_TABLE, 1), r, entry(POWER_TABLE, 2)), r, entry(POWER_TABLE, 3));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** Four weights and what is carried over to them, rounded. */
// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  return f32x4.sub(f32x4.add(x, fixed(ROUNDING)), fixed(ROUNDING));
}

// @ts-ignore: decorator
@inline
function words(a: v128, b: v128): v128 {
  if (!ASC_FEATURE_RELAXED_SIMD) return i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(a), i32x4.trunc_sat_f32x4_s(b));
  return i16x8.narrow_i32x4_s(i32x4.relaxed_trunc_f32x4_s(a), i32x4.relaxed_trunc_f32x4_s(b));
}

/**
 * Codes of softmax(scale · row − slope · |column − position|), n columns and zeros up to a multiple of 16; returns
 * 1 / their sum.
 */
// @ts-ignore: decorator
@inline
function weighCodes(row: usize, n: usize, scale: f32, slope: f32, position: i32, codes: usize): f32 {
  const end = row + roundUp(n, 16) * 4;
  for (let at = row + n * 4; at < end; at += 4) store<f32>(at, -Infinity);
  if (slope != 0) {
    placeRow(row, end - row, scale, slope, position);
    scale = 1;
  }
  let m0 = v128.load(row), m1 = v128.load(row, 16);
  for (let at = row + 32; at < end; at += 32) {
    m0 = f32x4.pmax(m0, v128.load(at));
    m1 = f32x4.pmax(m1, v128.load(at, 16));
  }
  const factor = f32x4.splat(scale * LOG2_E);
  const top = f32x4.splat(TOP - horizontalMax(f32x4.pmax(m0, m1)) * scale * LOG2_E);
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, sum = c0;
  for (; row < end; row += 64, codes += 16) {
    const x0 = f32x4.add(power(madd(v128.load(row), factor, top)), c0), n0 = rounded(x0);
    const x1 = f32x4.add(power(madd(v128.load(row, 16), factor, top)), c1), n1 = rounded(x1);
    const x2 = f32x4.add(power(madd(v128.load(row, 32), factor, top)), c2), n2 = rounded(x2);
    const x3 = f32x4.add(power(madd(v128.load(row, 48), factor, top)), c3), n3 = rounded(x3);
    c0 = f32x4.sub(x0, n0);
    c1 = f32x4.sub(x1, n1);
    c2 = f32x4.sub(x2, n2);
    c3 = f32x4.sub(x3, n3);
    sum = f32x4.add(sum, f32x4.add(f32x4.add(n0, n1), f32x4.add(n2, n3)));
    v128.store(codes, i8x16.narrow_i16x8_s(words(n0, n1), words(n2, n3)));
  }
  return 1 / horizontalSum(sum);
}

/** As `attention`, in 8 bits. Traps in the plain file. */
export function attentionInt8(
  q: usize, k: usize, v: usize, stride: usize, tokens: usize, begin: usize, end: usize, heads: usize, size: usize,
  scale: f32, slopes: usize, out: usize, outStride: usize, scratch: usize,
): void {
  if (!ASC_FEATURE_RELAXED_SIMD) unreachable();
  const rows = roundUp(tokens, 16), columns = roundUp(tokens, 8);
  const keyLayer = scratch, valueLayer = keyLayer + LAYER_BYTES;
  const keyScales = valueLayer + LAYER_BYTES, keySums = keyScales + rows * 4, nothing = keySums + rows * 4;
  const valueScales = nothing + rows * 4, centres = valueScales + size * 4, valueSums = centres + size * 4;
  const keys = valueSums + size * 4, values = keys + rows * size;
  const scores = values + rows * size, codes = scores + BLOCK * rows * 4, queries = codes + BLOCK * rows;
  const queryScales = queries + BLOCK * size, queryZeros = queryScales + BLOCK * 4;
  const inverses = queryZeros + BLOCK * 4, zeros = inverses + BLOCK * 4;
  memory.fill(nothing, 0, rows * 4);
  memory.fill(valueSums, 0, size * 4);
  memory.fill(zeros, 0, BLOCK * 4);
  writeLayer(keyLayer, keys, size, columns, keyScales, keySums, nothing);
  writeLayer(valueLayer, values, rows, size, valueScales, valueSums, centres);
  for (let h: usize = 0; h < heads; h++) {
    const at = h * size * 4;
    packKeys(k + at, stride, tokens, size, keys, keyScales, keySums);
    packValues(v + at, stride, tokens, size, values, valueScales, centres);
    const slope: f32 = slopes ? load<f32>(slopes + h * 4) : 0;
    for (let first = begin; first < end; first += BLOCK) {
      const some = min(BLOCK, end - first);
      for (let i: usize = 0; i < some; i++) {
        quantiseRow(
          q + at + (first + i) * stride, size, size, queries + i * size, queryScales + i * 4, queryZeros + i * 4,
        );
      }
      gemmInt8(keyLayer, queries, queryScales, queryZeros, some, 0, 0, scores, rows * 4);
      for (let i: usize = 0; i < some; i++) {
        const inverse = weighCodes(
          scores + i * rows * 4, tokens, scale, slope, <i32>(first + i), codes + i * rows,
        );
        store<f32>(inverses + i * 4, inverse);
      }
      gemmInt8(valueLayer, codes, inverses, zeros, some, 0, 0, out + at + first * outStride, outStride);
    }
  }
}
