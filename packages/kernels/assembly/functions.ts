// Elementary functions on four lanes. Coefficients were fitted for these ranges in double precision (least
// squares with Lawson weights); the bounds are checked by the tests. pmin, pmax and rounding by addition are one
// instruction each, where min, max, nearest and truncation take several to treat NaN.
import { madd } from './simd';

/** 1.5 · 2²³: added to a small f32, it leaves the nearest integer in the low bits. */
export const ROUND: f32 = 12582912;
/** Those bits of ROUND itself, to be taken off again. */
export const ROUND_BITS: i32 = 0x4b400000;

/** e^x; relative error < 3e-7 for −87 ≤ x ≤ 88; below, it stays at the smallest normal number. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33654)), f32x4.splat(88));
  const shifted = madd(clamped, f32x4.splat(1.4426950408889634), f32x4.splat(ROUND));
  const n = f32x4.sub(shifted, f32x4.splat(ROUND));
  // x − n ln 2 in two steps: the first part of ln 2 has few bits, so its product is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(1.4286068203094172e-6)));
  let p = madd(f32x4.splat(0.0013814610429108143), r, f32x4.splat(0.008368710055947304));
  p = madd(p, r, f32x4.splat(0.04166838899254799));
  p = madd(p, r, f32x4.splat(0.1666652113199234));
  p = madd(p, r, f32x4.splat(0.4999999403953552));
  p = madd(f32x4.mul(r, r), p, f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127 - ROUND_BITS)), 23);
  return f32x4.mul(p, power);
}

/** erf(x), absolute error < 1e-6. */
// @ts-ignore: decorator
@inline
function erf(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-4)), f32x4.splat(4));
  const t = f32x4.mul(c, c);
  let p = madd(f32x4.splat(0.0003850161738228053), t, f32x4.splat(0.010870754718780518));
  p = madd(p, t, f32x4.splat(0.07474841177463531));
  p = madd(p, t, f32x4.splat(0.36455392837524414));
  p = madd(p, t, f32x4.splat(1.1283764839172363));
  let q = madd(f32x4.splat(2.190923987654969e-5), t, f32x4.splat(0.002767314901575446));
  q = madd(q, t, f32x4.splat(0.02934364788234234));
  q = madd(q, t, f32x4.splat(0.18514715135097504));
  q = madd(q, t, f32x4.splat(0.6563801169395447));
  q = madd(q, t, f32x4.splat(1));
  return f32x4.div(f32x4.mul(c, p), q);
}

/** 1 / (1 + e^−x). */
// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  // 2 sigmoid(2x) − 1; absolute error < 5e-7
  return f32x4.sub(f32x4.mul(f32x4.splat(2), sigmoid(f32x4.add(x, x))), f32x4.splat(1));
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
    const half = f32x4.mul(x, f32x4.splat(0.5));
    const near = madd(half, erf(f32x4.mul(x, f32x4.splat(0.7071067811865476))), half);
    // Beyond the range of erf above, its small error would grow with x.
    return v128.bitselect(f32x4.pmax(x, f32x4.splat(0)), near, f32x4.gt(f32x4.abs(x), f32x4.splat(5.65)));
  }
  if (kind == GELU_TANH) {
    // x · sigmoid(2 u), u = sqrt(2/π) (x + 0.044715 x³)
    const cube = f32x4.mul(f32x4.mul(x, x), x);
    const u = madd(cube, f32x4.splat(0.07135481627159), f32x4.mul(x, f32x4.splat(1.5957691216057308)));
    return f32x4.mul(x, sigmoid(u));
  }
  if (kind == RELU) return f32x4.pmax(x, f32x4.splat(0));
  if (kind == TANH) return tanh(x);
  if (kind == SILU) return f32x4.mul(x, sigmoid(x));
  return x;
}
