// out = codes × weights, dequantised, + bias (+ residual). Activations are 7-bit codes 0..127 with a scale and a
// zero point for each row; weights are int8 with a scale for each output, in panels of 8 outputs: 4 inputs of
// output 0, 4 of output 1, … 32 bytes for each 4 inputs (plain SIMD: 16-bit, 2 inputs, the same 32 bytes).
//
// Relaxed SIMD has two ways to the same integers. `fused` is one instruction on processors with AVX-VNNI or its
// like on ARM, five elsewhere. `grouped` adds two 16-bit products before it widens them: half as fast again there.
// Packing sees to it that no such sum can pass 32767 (src/linear.ts), so nothing ever saturates or wraps.
import { layerBias, layerInputs, layerOutputs, layerScales, layerSums, layerWeights } from './linear';

/** Bytes of one activation code. */
export const CODE_BYTES: i32 = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

let grouped: bool = false;

/** Chooses between the two products of relaxed SIMD. */
export function gemmGrouped(on: bool): void {
  grouped = on;
}

// @ts-ignore: decorator
@inline
function dequantise(
  sums: v128, row: usize, rowScales: usize, rowZeros: usize, scales: v128, columnSums: v128, bias: v128,
  out: usize, residual: usize,
): void {
  const zero = i32x4.splat(load<i32>(rowZeros + row * 4));
  const scale = f32x4.mul(f32x4.splat(load<f32>(rowScales + row * 4)), scales);
  const exact = f32x4.convert_i32x4_s(i32x4.sub(sums, i32x4.mul(zero, columnSums)));
  let result = f32x4.add(f32x4.mul(exact, scale), bias);
  if (residual) result = f32x4.add(result, v128.load(residual));
  v128.store(out, result);
}

// @ts-ignore: decorator
@inline
function fused(weights: v128, codes: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, codes, sum);
  return i32x4.add(sum, i32x4.dot_i16x8_s(weights, codes));
}

// @ts-ignore: decorator
@inline
function half(weights: v128, codes: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(weights, codes);
}

// @ts-ignore: decorator
@inline
function group(w0: v128, w1: v128, row: usize, ones: v128, sum: v128): v128 {
  const products = i16x8.add(half(w0, v128.load32_splat(row)), half(w1, v128.load32_splat(row, 4)));
  return i32x4.add(sum, i32x4.dot_i16x8_s(products, ones));
}

/** 4 rows × 8 outputs. Rows that are not there repeat row 0 and write the same values again. */
// @ts-ignore: decorator
@inline
function tile(
  way: bool, codes: usize, stride: usize, panel: usize, end: usize, m: usize, left: usize, n: usize,
  rowScales: usize, rowZeros: usize, layer: usize, residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  const m1 = left > 1 ? m + 1 : m, m2 = left > 2 ? m + 2 : m, m3 = left > 3 ? m + 3 : m;
  let r0 = codes + m * stride, r1 = codes + m1 * stride, r2 = codes + m2 * stride, r3 = codes + m3 * stride;
  let a0 = i32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  if (ASC_FEATURE_RELAXED_SIMD && way) {
    const ones = i16x8.splat(1);
    while (panel < end) {
      let w0 = v128.load(panel), w1 = v128.load(panel, 32);
      a0 = group(w0, w1, r0, ones, a0);
      a1 = group(w0, w1, r1, ones, a1);
      a2 = group(w0, w1, r2, ones, a2);
      a3 = group(w0, w1, r3, ones, a3);
      w0 = v128.load(panel, 16);
      w1 = v128.load(panel, 48);
      b0 = group(w0, w1, r0, ones, b0);
      b1 = group(w0, w1, r1, ones, b1);
      b2 = group(w0, w1, r2, ones, b2);
      b3 = group(w0, w1, r3, ones, b3);
      panel += 64;
      r0 += 8; r1 += 8; r2 += 8; r3 += 8;
    }
  } else {
    while (panel < end) {
      const w0 = v128.load(panel), w1 = v128.load(panel, 16);
      let x = v128.load32_splat(r0);
      a0 = fused(w0, x, a0);
      b0 = fused(w1, x, b0);
      x = v128.load32_splat(r1);
      a1 = fused(w0, x, a1);
      b1 = fused(w1, x, b1);
      x = v128.load32_splat(r2);
      a2 = fused(w0, x, a2);
      b2 = fused(w1, x, b2);
      x = v128.load32_splat(r3);
      a3 = fused(w0, x, a3);
      b3 = fused(w1, x, b3);
      panel += 32;
      r0 += 4; r1 += 4; r2 += 4; r3 += 4;
    }
  }
  const at = n * 4;
  const scales = layerScales(layer) + at, sums = layerSums(layer) + at, bias = layerBias(layer) + at;
  const s0 = v128.load(scales), s1 = v128.load(scales, 16), c0 = v128.load(sums), c1 = v128.load(sums, 16);
  const k0 = v128.load(bias), k1 = v128.load(bias, 16);
  const to = out + at, from = residual + at;
  const q0 = residual ? from + m * residualStride : 0, q1 = residual ? from + m1 * residualStride : 0;
  const q2 = residual ? from + m2 * residualStride : 0, q3 = residual ? from + m3 * residualStride : 0;
  const o0 = to + m * outStride, o1 = to + m1 * outStride, o2 = to + m2 * outStride, o3 = to + m3 * outStride;
  const step: usize = residual ? 16 : 0;
  // A repeated row must not see its own result as residual: the rows that are there go last, row 0 at the very end.
  if (left > 3) {
    dequantise(a3, m3, rowScales, rowZeros, s0, c0, k0, o3, q3);
    dequantise(b3, m3, rowScales, rowZeros, s1, c1, k1, o3 + 16, q3 + step);
  }
  if (left > 2) {
    dequantise(a2, m2, rowScales, rowZeros, s0, c0, k0, o2, q2);
    dequantise(b2, m2, rowScales, rowZeros, s1, c1, k1, o2 + 16, q2 + step);
  }
  if (left > 1) {
    dequantise(a1, m1, rowScales, rowZeros, s0, c0, k0, o1, q1);
    dequantise(b1, m1, rowScales, rowZeros, s1, c1, k1, o1 + 16, q1 + step);
  }
  dequantise(a0, m, rowScales, rowZeros, s0, c0, k0, o0, q0);
  dequantise(b0, m, rowScales, rowZeros, s1, c1, k1, o0 + 16, q0 + step);
}

/**
 * out[row][n] = rowScales[row] · scales[n] · sum_k (codes[row][k] − rowZeros[row]) · weights[n][k] + bias[n]
 * (+ residual[row][n], unless 0). Codes are K long; the other strides are in bytes. `out` may be `residual`.
 */
export function gemmInt8(
  layer: usize, codes: usize, rowScales: usize, rowZeros: usize, rows: usize,
  residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  const K = layerInputs(layer), N = layerOutputs(layer), weights = layerWeights(layer);
  const stride = K * CODE_BYTES;
  const panelBytes = stride * 8;
  for (let n: usize = 0; n < N; n += 8) {
    const panel = weights + (n >> 3) * panelBytes;
    const end = panel + panelBytes;
    for (let m: usize = 0; m < rows; m += 4) {
      if (ASC_FEATURE_RELAXED_SIMD && grouped) {
        tile(true, codes, stride, panel, end, m, rows - m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      } else {
        tile(false, codes, stride, panel, end, m, rows - m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      }
    }
  }
}
