// out = codes × weights, dequantised, + bias (+ residual). Activations are 7-bit codes 0..127 with a scale and a
// zero point for each row; weights are int8 with a scale for each output, in panels of 8 outputs: 4 inputs of
// output 0, 4 of output 1, … 32 bytes for each 4 inputs (plain SIMD: 16-bit, 2 inputs, the same 32 bytes).
//
// Relaxed SIMD has two ways to the same integers. `fused` is one instruction on processors with AVX-VNNI or its
// like on ARM, five elsewhere. `grouped` adds two 16-bit products before it widens them: half as fast again there.
// Only layers where no such sum can pass 32767 (src/linear.ts) are worked out so: nothing ever saturates or wraps.
import { layerBias, layerGroups, layerInputs, layerOutputs, layerScales, layerSums, layerWeights } from './linear';

/** Bytes of one activation code. */
export const CODE_BYTES: i32 = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;

let grouped: bool = false;

/** Chooses between the two products of relaxed SIMD. */
export function gemmGrouped(on: bool): void {
  grouped = on;
}

/** Stores 8 results of a row; `from` is 0 or its residual. */
// @ts-ignore: decorator
@inline
function put(
  a: v128, b: v128, row: usize, rowScales: usize, rowZeros: usize,
  s0: v128, s1: v128, c0: v128, c1: v128, k0: v128, k1: v128, out: usize, from: usize,
): void {
  const zero = v128.load32_splat(rowZeros + row), scale = v128.load32_splat(rowScales + row);
  const x = f32x4.convert_i32x4_s(i32x4.sub(a, i32x4.mul(zero, c0)));
  const y = f32x4.convert_i32x4_s(i32x4.sub(b, i32x4.mul(zero, c1)));
  let left = f32x4.add(f32x4.mul(x, f32x4.mul(scale, s0)), k0);
  let right = f32x4.add(f32x4.mul(y, f32x4.mul(scale, s1)), k1);
  if (from) {
    left = f32x4.add(left, v128.load(from));
    right = f32x4.add(right, v128.load(from, 16));
  }
  v128.store(out, left);
  v128.store(out, right, 16);
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

/** Most rows of a tile: as many as there are registers for. */
const FUSED_ROWS: usize = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
const GROUPED_ROWS: usize = 4;

/** The sums of R rows × 8 outputs; R and `way` are constants where this is inlined. */
// @ts-ignore: decorator
@inline
function tile(
  way: bool, R: i32, codes: usize, stride: usize, panel: usize, end: usize, m: usize, n: usize,
  rowScales: usize, rowZeros: usize, layer: usize, residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  let r0 = codes + m * stride, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride, r4 = r3 + stride, r5 = r4 + stride;
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
  if (ASC_FEATURE_RELAXED_SIMD && way) {
    const ones = i16x8.splat(1);
    while (panel < end) {
      let w0 = v128.load(panel), w1 = v128.load(panel, 32);
      a0 = group(w0, w1, r0, ones, a0);
      if (R > 1) a1 = group(w0, w1, r1, ones, a1);
      if (R > 2) a2 = group(w0, w1, r2, ones, a2);
      if (R > 3) a3 = group(w0, w1, r3, ones, a3);
      w0 = v128.load(panel, 16);
      w1 = v128.load(panel, 48);
      b0 = group(w0, w1, r0, ones, b0);
      if (R > 1) b1 = group(w0, w1, r1, ones, b1);
      if (R > 2) b2 = group(w0, w1, r2, ones, b2);
      if (R > 3) b3 = group(w0, w1, r3, ones, b3);
      panel += 64;
      r0 += 8; r1 += 8; r2 += 8; r3 += 8;
    }
  } else {
    while (panel < end) {
      const w0 = v128.load(panel), w1 = v128.load(panel, 16);
      let x = v128.load32_splat(r0);
      a0 = fused(w0, x, a0); b0 = fused(w1, x, b0); r0 += 4;
      if (R > 1) { x = v128.load32_splat(r1); a1 = fused(w0, x, a1); b1 = fused(w1, x, b1); r1 += 4; }
      if (R > 2) { x = v128.load32_splat(r2); a2 = fused(w0, x, a2); b2 = fused(w1, x, b2); r2 += 4; }
      if (R > 3) { x = v128.load32_splat(r3); a3 = fused(w0, x, a3); b3 = fused(w1, x, b3); r3 += 4; }
      if (R > 4) { x = v128.load32_splat(r4); a4 = fused(w0, x, a4); b4 = fused(w1, x, b4); r4 += 4; }
      if (R > 5) { x = v128.load32_splat(r5); a5 = fused(w0, x, a5); b5 = fused(w1, x, b5); r5 += 4; }
      panel += 32;
    }
  }
  const at = n * 4;
  const scales = layerScales(layer) + at, sums = layerSums(layer) + at, bias = layerBias(layer) + at;
  const s0 = v128.load(scales), s1 = v128.load(scales, 16), c0 = v128.load(sums), c1 = v128.load(sums, 16);
  const k0 = v128.load(bias), k1 = v128.load(bias, 16);
  let to = out + at + m * outStride, from = residual ? residual + at + m * residualStride : 0;
  let row = m * 4;
  put(a0, b0, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from);
  if (R > 1) { row += 4; to += outStride; from += residualStride; put(a1, b1, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from); }
  if (R > 2) { row += 4; to += outStride; from += residualStride; put(a2, b2, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from); }
  if (R > 3) { row += 4; to += outStride; from += residualStride; put(a3, b3, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from); }
  if (R > 4) { row += 4; to += outStride; from += residualStride; put(a4, b4, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from); }
  if (R > 5) { row += 4; to += outStride; from += residualStride; put(a5, b5, row, rowScales, rowZeros, s0, s1, c0, c1, k0, k1, to, from); }
}

// @ts-ignore: decorator
@inline
function panels(
  way: bool, most: usize, layer: usize, codes: usize, rowScales: usize, rowZeros: usize, rows: usize,
  residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  const K = layerInputs(layer), N = layerOutputs(layer), weights = layerWeights(layer);
  const stride = K * CODE_BYTES;
  const panelBytes = stride * 8;
  if (!residual) residualStride = 0;
  // Tiles as even as can be: a last one of few rows would wait for its own sums.
  const tiles = (rows + most - 1) / most;
  const low = rows / tiles, higher = (rows - low * tiles) * (low + 1);
  for (let n: usize = 0; n < N; n += 8) {
    const panel = weights + (n >> 3) * panelBytes;
    const end = panel + panelBytes;
    for (let m: usize = 0; m < rows;) {
      const R = m < higher ? low + 1 : low;
      if (most > 4 && R == 6) tile(way, 6, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      else if (most > 4 && R == 5) tile(way, 5, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      else if (R == 4) tile(way, 4, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      else if (R == 3) tile(way, 3, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      else if (R == 2) tile(way, 2, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      else tile(way, 1, codes, stride, panel, end, m, n, rowScales, rowZeros, layer, residual, residualStride, out, outStride);
      m += R;
    }
  }
}

/**
 * out[row][n] = rowScales[row] · scales[n] · sum_k (codes[row][k] − rowZeros[row]) · weights[n][k] + bias[n]
 * (+ residual[row][n], unless 0). Codes are K long; the other strides are in bytes. `out` may be `residual`.
 */
export function gemmInt8(
  layer: usize, codes: usize, rowScales: usize, rowZeros: usize, rows: usize,
  residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  if (!rows) return;
  if (ASC_FEATURE_RELAXED_SIMD && grouped && layerGroups(layer)) {
    panels(true, GROUPED_ROWS, layer, codes, rowScales, rowZeros, rows, residual, residualStride, out, outStride);
  } else {
    panels(false, FUSED_ROWS, layer, codes, rowScales, rowZeros, rows, residual, residualStride, out, outStride);
  }
}
