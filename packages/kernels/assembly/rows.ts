// Work on whole rows of f32, n a multiple of 4 long: activation, gating, quantisation, LayerNorm, pooling.
import { GELU, GELU_TANH, NONE, RELU, ROUND, ROUNDING_BITS, SILU, TANH, activate, fixed } from './functions';
import { CODE_BYTES } from './gemm-int8';
import { horizontalMax, horizontalSum, madd } from './simd';

// @ts-ignore: decorator
@inline
function activateWith(kind: i32, row: usize, n: usize, gate: usize): void {
  const end = row + n * 4;
  if (gate) {
    for (; row < end; row += 16, gate += 16) v128.store(row, f32x4.mul(v128.load(row), activate(kind, v128.load(gate))));
  } else {
    for (; row < end; row += 16) v128.store(row, activate(kind, v128.load(row)));
  }
}

/** row = activation(row), or row · activation(gate) where there is a gate. */
function activateRow(kind: i32, row: usize, n: usize, gate: usize): void {
  if (kind == GELU) activateWith(GELU, row, n, gate);
  else if (kind == GELU_TANH) activateWith(GELU_TANH, row, n, gate);
  else if (kind == RELU) activateWith(RELU, row, n, gate);
  else if (kind == TANH) activateWith(TANH, row, n, gate);
  else if (kind == SILU) activateWith(SILU, row, n, gate);
  else if (gate) activateWith(NONE, row, n, gate);
}

/** `gate` is 0 or where the gate of the first row begins; both advance by `stride` bytes. In place. */
export function activateRows(kind: i32, x: usize, gate: usize, stride: usize, rows: usize, n: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    activateRow(kind, x + i * stride, n, gate ? gate + i * stride : 0);
  }
}

/** Codes of one row in 14 bits: this many lie between its least and its most. */
const FINE_STEPS: f32 = 16383;

/** Least and most of one row and of zero, so that zero is exact. */
let rowLeast: f32 = 0;
let rowMost: f32 = 0;

// @ts-ignore: decorator
@inline
function measureRow(row: usize, n: usize): void {
  let low0 = f32x4.splat(0), low1 = low0, high0 = low0, high1 = low0;
  const end = row + n * 4, whole = row + (n & ~7) * 4;
  let at = row;
  for (; at < whole; at += 32) {
    const x = v128.load(at), y = v128.load(at, 16);
    low0 = f32x4.pmin(low0, x);
    low1 = f32x4.pmin(low1, y);
    high0 = f32x4.pmax(high0, x);
    high1 = f32x4.pmax(high1, y);
  }
  if (at < end) {
    low0 = f32x4.pmin(low0, v128.load(at));
    high0 = f32x4.pmax(high0, v128.load(at));
  }
  rowMost = horizontalMax(f32x4.pmax(high0, high1));
  rowLeast = -horizontalMax(f32x4.neg(f32x4.pmin(low0, low1)));
}

/** Codes of one row: 0..127 over [min(row, 0), max(row, 0)], so that zero is exact. K ≥ n codes, the rest 0. */
export function quantiseRow(row: usize, n: usize, K: usize, codes: usize, scale: usize, zero: usize): void {
  measureRow(row, n);
  const end = row + n * 4, whole = row + (n & ~7) * 4;
  const least = rowLeast, step = (rowMost - least) / 127;
  const inverse: f32 = step > 0 ? 1 / step : 0;
  const middle = nearest(-least * inverse);
  store<f32>(scale, step);
  store<i32>(zero, <i32>middle);
  // Adding ROUND leaves the code in the low bits; the bounds keep it in 0..127 whatever the rounding.
  const factor = f32x4.splat(inverse), shift = f32x4.splat(middle + ROUND);
  const bits = fixed(ROUNDING_BITS);
  let at = row, to = codes;
  for (; at < whole; at += 32, to += 8 * CODE_BYTES) {
    const a = i32x4.sub(madd(v128.load(at), factor, shift), bits);
    const b = i32x4.sub(madd(v128.load(at, 16), factor, shift), bits);
    const words = i16x8.max_s(i16x8.narrow_i32x4_s(a, b), i16x8.splat(0));
    if (CODE_BYTES == 2) v128.store(to, i16x8.min_s(words, i16x8.splat(127)));
    else v128.store64_lane(to, i8x16.narrow_i16x8_s(words, words), 0);
  }
  for (; at < end; at += 4, to += CODE_BYTES) {
    const code = max(0, min(127, <i32>nearest(load<f32>(at) * inverse + middle)));
    if (CODE_BYTES == 2) store<i16>(to, <i16>code);
    else store<u8>(to, <u8>code);
  }
  const last = codes + K * CODE_BYTES;
  for (; to < last; to++) store<u8>(to, 0);
}

/** Stores eight codes of at most 7 bits. */
// @ts-ignore: decorator
@inline
function putCodes(to: usize, words: v128): void {
  if (CODE_BYTES == 2) v128.store(to, words);
  else v128.store64_lane(to, i8x16.narrow_i16x8_s(words, words), 0);
}

/** As `quantiseRow` in 14 bits: the high 7 bits of the codes, and the low ones, each with scale and zero. */
function quantiseRowFine(
  row: usize, n: usize, K: usize, high: usize, low: usize,
  highScale: usize, lowScale: usize, highZero: usize, lowZero: usize,
): void {
  measureRow(row, n);
  const step = (rowMost - rowLeast) / FINE_STEPS;
  const inverse: f32 = step > 0 ? 1 / step : 0;
  const middle = nearest(-rowLeast * inverse);
  store<f32>(highScale, step * 128);
  store<f32>(lowScale, step);
  store<i32>(highZero, <i32>middle >> 7);
  store<i32>(lowZero, <i32>middle & 127);
  const factor = f32x4.splat(inverse), shift = f32x4.splat(middle + ROUND);
  const bits = fixed(ROUNDING_BITS), most = i16x8.splat(<i16>FINE_STEPS), seven = i16x8.splat(127);
  const end = row + n * 4, whole = row + (n & ~7) * 4;
  for (; row < whole; row += 32) {
    const a = i32x4.sub(madd(v128.load(row), factor, shift), bits);
    const b = i32x4.sub(madd(v128.load(row, 16), factor, shift), bits);
    const words = i16x8.min_s(i16x8.max_s(i16x8.narrow_i32x4_s(a, b), i16x8.splat(0)), most);
    putCodes(high, i16x8.shr_u(words, 7));
    putCodes(low, v128.and(words, seven));
    high += 8 * CODE_BYTES;
    low += 8 * CODE_BYTES;
  }
  for (; row < end; row += 4) {
    const code = max(0, min(<i32>FINE_STEPS, <i32>nearest(load<f32>(row) * inverse + middle)));
    if (CODE_BYTES == 2) {
      store<i16>(high, <i16>(code >> 7));
      store<i16>(low, <i16>(code & 127));
    } else {
      store<u8>(high, <u8>(code >> 7));
      store<u8>(low, <u8>(code & 127));
    }
    high += CODE_BYTES;
    low += CODE_BYTES;
  }
  const rest = (K - n) * CODE_BYTES;
  memory.fill(high, 0, rest);
  memory.fill(low, 0, rest);
}

/** Activation (and gate), then quantisation, row by row. Codes of row i begin at codes + i K CODE_BYTES. */
export function quantiseRows(
  kind: i32, x: usize, gate: usize, stride: usize, rows: usize, n: usize, K: usize,
  codes: usize, scales: usize, zeros: usize,
): void {
  for (let i: usize = 0; i < rows; i++) {
    const row = x + i * stride;
    activateRow(kind, row, n, gate ? gate + i * stride : 0);
    quantiseRow(row, n, K, codes + i * K * CODE_BYTES, scales + i * 4, zeros + i * 4);
  }
}

/**
 * As `quantiseRows` in 14 bits: codes, scales and zeros of all rows for the high 7 bits, then those for the low ones.
 * The product of each with the weights (the low one without bias), added up, is the layer's.
 */
export function quantiseRowsFine(
  kind: i32, x: usize, gate: usize, stride: usize, rows: usize, n: usize, K: usize,
  codes: usize, scales: usize, zeros: usize,
): void {
  const low = codes + rows * K * CODE_BYTES, lowScales = scales + rows * 4, lowZeros = zeros + rows * 4;
  for (let i: usize = 0; i < rows; i++) {
    const row = x + i * stride, at = i * K * CODE_BYTES, own = i * 4;
    activateRow(kind, row, n, gate ? gate + i * stride : 0);
    quantiseRowFine(row, n, K, codes + at, low + at, scales + own, lowScales + own, zeros + own, lowZeros + own);
  }
}

/** (x − mean) / sqrt(variance + epsilon) · gamma + beta, row by row; `out` may be `x`. */
export function layerNormRows(
  x: usize, stride: usize, rows: usize, n: usize, gamma: usize, beta: usize, epsilon: f32, out: usize, outStride: usize,
): void {
  const bytes = n * 4;
  for (let i: usize = 0; i < rows; i++) {
    const row = x + i * stride, to = out + i * outStride;
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) sum = f32x4.add(sum, v128.load(row + at));
    const mean = f32x4.splat(horizontalSum(sum) / <f32>n);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = f32x4.sub(v128.load(row + at), mean);
      squares = madd(d, d, squares);
    }
    const factor = f32x4.splat(1 / sqrt<f32>(horizontalSum(squares) / <f32>n + epsilon));
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = f32x4.mul(f32x4.sub(v128.load(row + at), mean), factor);
      v128.store(to + at, madd(d, v128.load(gamma + at), v128.load(beta + at)));
    }
  }
}

/** Mean of the rows of one text. */
export function poolMean(x: usize, stride: usize, rows: usize, n: usize, out: usize): void {
  const factor = f32x4.splat(1 / <f32>rows);
  for (let at: usize = 0; at < n * 4; at += 16) {
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < rows; i++) sum = f32x4.add(sum, v128.load(x + i * stride + at));
    v128.store(out + at, f32x4.mul(sum, factor));
  }
}

/** Largest value of each column over the rows of one text. */
export function poolMax(x: usize, stride: usize, rows: usize, n: usize, out: usize): void {
  for (let at: usize = 0; at < n * 4; at += 16) {
    let most = v128.load(x + at);
    for (let i: usize = 1; i < rows; i++) most = f32x4.pmax(most, v128.load(x + i * stride + at));
    v128.store(out + at, most);
  }
}

/** Divides each row by its length; a zero row stays. In place. */
export function normaliseRows(x: usize, stride: usize, rows: usize, n: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    const row = x + i * stride;
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < n * 4; at += 16) {
      const v = v128.load(row + at);
      squares = madd(v, v, squares);
    }
    const length = sqrt<f32>(horizontalSum(squares));
    if (!(length > 0)) continue;
    const factor = f32x4.splat(1 / length);
    for (let at: usize = 0; at < n * 4; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), factor));
  }
}
