// Elementary functions on four lanes. Coefficients were fitted for these ranges in double precision (least
// squares with Lawson weights); the bounds are checked by the tests. pmin, pmax and rounding by addition are one
// instruction each, where min, max, nearest and truncation take several to treat NaN. Constants are read from
// memory: engines build a vector constant anew, in several instructions, in each turn of a loop.
import { madd } from './simd';

/** Four times the number at that address. */
// @ts-ignore: decorator
@inline
export function fixed(at: usize): v128 {
  return v128.load32_splat(at);
}

/** Four times entry i of a table. */
// @ts-ignore: decorator
@inline
export function entry(table: usize, i: usize): v128 {
  return v128.load32_splat(table + i * 4);
}

/** 1.5 · 2²³: added to a small f32, it leaves the nearest integer in the low bits. */
export const ROUND: f32 = 12582912;
/** Those bits of ROUND itself, to be taken off again. */
export const ROUND_BITS: i32 = 0x4b400000;

// Addresses of constants, for `fixed`.
export const ROUNDING: usize = memory.data<f32>([12582912], 4);
export const ROUNDING_BITS: usize = memory.data<i32>([0x4b400000], 4);
const HALF: usize = memory.data<f32>([0.5], 4);
const ONE: usize = memory.data<f32>([1], 4);
const TWO: usize = memory.data<f32>([2], 4);
const POWER_BIAS: usize = memory.data<i32>([127 - 0x4b400000], 4);
/** The range, log2 e, ln 2 in two parts, and the polynomial from r⁵ down to r². */
const EXP_TABLE: usize = memory.data<f32>([
  -87.33654, 88, 1.4426950408889634, 0.693145751953125, 1.4286068203094172e-6, 0.0013814610429108143,
  0.008368710055947304, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552,
], 4);
/** The range, the numerator and the denominator, highest power first. */
const ERF_TABLE: usize = memory.data<f32>([
  -4, 4, 0.0003850161738228053, 0.010870754718780518, 0.07474841177463531, 0.36455392837524414, 1.1283764839172363,
  2.190923987654969e-5, 0.002767314901575446, 0.02934364788234234, 0.18514715135097504, 0.6563801169395447,
], 4);
/** 1/√2 and where its error ends; the factors of its tanh form. */
const GELU_TABLE: usize = memory.data<f32>([
  0.7071067811865476, 5.65, 0.07135481627159, 1.5957691216057308,
], 4);

/** e^x; relative error < 3e-7 for −87 ≤ x ≤ 88; below, it stays at the smallest normal number. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, entry(EXP_TABLE, 0)), entry(EXP_TABLE, 1));
  const shifted = madd(clamped, entry(EXP_TABLE, 2), fixed(ROUNDING));
  const n = f32x4.sub(shifted, fixed(ROUNDING));
  // x − n ln 2 in two steps: the first part of ln 2 has few bits, so its product is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, entry(EXP_TABLE, 3)));
  r = f32x4.sub(r, f32x4.mul(n, entry(EXP_TABLE, 4)));
  let p = madd(entry(EXP_TABLE, 5), r, entry(EXP_TABLE, 6));
  p = madd(p, r, entry(EXP_TABLE, 7));
  p = madd(p, r, entry(EXP_TABLE, 8));
  p = madd(p, r, entry(EXP_TABLE, 9));
  p = madd(f32x4.mul(r, r), p, f32x4.add(r, fixed(ONE)));
  const power = i32x4.shl(i32x4.add(shifted, fixed(POWER_BIAS)), 23);
  return f32x4.mul(p, power);
}

/** erf(x), absolute error < 1e-6. */
// @ts-ignore: decorator
@inline
function erf(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, entry(ERF_TABLE, 0)), entry(ERF_TABLE, 1));
  const t = f32x4.mul(c, c);
  let p = madd(entry(ERF_TABLE, 2), t, entry(ERF_TABLE, 3));
  p = madd(p, t, entry(ERF_TABLE, 4));
  p = madd(p, t, entry(ERF_TABLE, 5));
  p = madd(p, t, entry(ERF_TABLE, 6));
  let q = madd(entry(ERF_TABLE, 7), t, entry(ERF_TABLE, 8));
  q = madd(q, t, entry(ERF_TABLE, 9));
  q = madd(q, t, entry(ERF_TABLE, 10));
  q = madd(q, t, entry(ERF_TABLE, 11));
  q = madd(q, t, fixed(ONE));
  return f32x4.div(f32x4.mul(c, p), q);
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(fixed(ONE), f32x4.add(fixed(ONE), exp(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  // 2 sigmoid(2x) − 1; absolute error < 5e-7
  return f32x4.sub(f32x4.mul(fixed(TWO), sigmoid(f32x4.add(x, x))), fixed(ONE));
}

export const NONE: i32 = 0;
export const GELU: i32 = 1;
export const GELU_TANH: i32 = 2;
export const RELU: i32 = 3;
export const TANH: i32 = 4;
export const SILU: i32 = 5;

/** The activation function of that number; `kind` is a constant where this is inlined. */
// @ts-ignore: decorator
@inline
export function activate(kind: i32, x: v128): v128 {
  if (kind == GELU) {
    const half = f32x4.mul(x, fixed(HALF));
    const near = madd(half, erf(f32x4.mul(x, entry(GELU_TABLE, 0))), half);
    // Beyond the range of erf above, its small error would grow with x.
    return v128.bitselect(f32x4.pmax(x, f32x4.splat(0)), near, f32x4.gt(f32x4.abs(x), entry(GELU_TABLE, 1)));
  }
  if (kind == GELU_TANH) {
    // x · sigmoid(2 u), u = sqrt(2/π) (x + 0.044715 x³)
    const cube = f32x4.mul(f32x4.mul(x, x), x);
    const u = madd(cube, entry(GELU_TABLE, 2), f32x4.mul(x, entry(GELU_TABLE, 3)));
    return f32x4.mul(x, sigmoid(u));
  }
  if (kind == RELU) return f32x4.pmax(x, f32x4.splat(0));
  if (kind == TANH) return tanh(x);
  if (kind == SILU) return f32x4.mul(x, sigmoid(x));
  return x;
}
