// out = a × weights + bias (+ residual) in f32, weights in panels of 8 outputs: 8 numbers for each input.
import { layerBias, layerInputs, layerOutputs, layerWeights } from './linear';
import { madd } from './simd';

// @ts-ignore: decorator
@inline
function finish(sum: v128, bias: usize, residual: usize, out: usize): void {
  if (bias) sum = f32x4.add(sum, v128.load(bias));
  if (residual) sum = f32x4.add(sum, v128.load(residual));
  v128.store(out, sum);
}

/** Strides are in bytes; bias and residual may be 0. K inputs, N outputs (a multiple of 8). `out` may be `residual`. */
export function multiplyFloat(
  a: usize, stride: usize, rows: usize, weights: usize, K: usize, N: usize, bias: usize,
  residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  for (let n: usize = 0; n < N; n += 8) {
    const start = weights + n * K * 4;
    const end = start + K * 32;
    const at = n * 4;
    for (let m: usize = 0; m < rows; m += 4) {
      // Rows that are not there repeat the first and are not stored.
      const left = rows - m;
      let r0 = a + m * stride;
      let r1 = left > 1 ? r0 + stride : r0, r2 = left > 2 ? r1 + stride : r0, r3 = left > 3 ? r2 + stride : r0;
      let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
      let panel = start;
      while (panel < end) {
        const w0 = v128.load(panel), w1 = v128.load(panel, 16);
        let x = v128.load32_splat(r0);
        a0 = madd(x, w0, a0);
        b0 = madd(x, w1, b0);
        x = v128.load32_splat(r1);
        a1 = madd(x, w0, a1);
        b1 = madd(x, w1, b1);
        x = v128.load32_splat(r2);
        a2 = madd(x, w0, a2);
        b2 = madd(x, w1, b2);
        x = v128.load32_splat(r3);
        a3 = madd(x, w0, a3);
        b3 = madd(x, w1, b3);
        panel += 32;
        r0 += 4; r1 += 4; r2 += 4; r3 += 4;
      }
      const k0 = bias ? bias + at : 0, k1 = bias ? k0 + 16 : 0;
      let q = residual ? residual + at + m * residualStride : 0;
      let o = out + at + m * outStride;
      finish(a0, k0, q, o);
      finish(b0, k1, q ? q + 16 : 0, o + 16);
      if (left > 1) {
        if (q) q += residualStride;
        o += outStride;
        finish(a1, k0, q, o);
        finish(b1, k1, q ? q + 16 : 0, o + 16);
      }
      if (left > 2) {
        if (q) q += residualStride;
        o += outStride;
        finish(a2, k0, q, o);
        finish(b2, k1, q ? q + 16 : 0, o + 16);
      }
      if (left > 3) {
        if (q) q += residualStride;
        o += outStride;
        finish(a3, k0, q, o);
        finish(b3, k1, q ? q + 16 : 0, o + 16);
      }
    }
  }
}

/** The same for a layer; rows of `a` begin `stride` bytes apart. */
export function gemmFloat(
  layer: usize, a: usize, stride: usize, rows: usize,
  residual: usize, residualStride: usize, out: usize, outStride: usize,
): void {
  multiplyFloat(
    a, stride, rows, layerWeights(layer), layerInputs(layer), layerOutputs(layer), layerBias(layer),
    residual, residualStride, out, outStride,
  );
}

/** Panels from rows that are outputs: [N][K] with `stride` bytes between rows. Missing outputs become 0. */
export function packOutputs(from: usize, stride: usize, N: usize, K: usize, panels: usize): void {
  for (let n: usize = 0; n < N; n += 8) {
    for (let j: usize = 0; j < 8; j++) {
      const row = from + (n + j) * stride;
      let to = panels + n * K * 4 + j * 4;
      if (n + j < N) {
        for (let k: usize = 0; k < K; k++, to += 32) store<f32>(to, load<f32>(row + k * 4));
      } else {
        for (let k: usize = 0; k < K; k++, to += 32) store<f32>(to, 0);
      }
    }
  }
}

/** Panels from rows that are inputs: [K][N] with `stride` bytes between rows, N a multiple of 8. */
export function packInputs(from: usize, stride: usize, K: usize, N: usize, panels: usize): void {
  for (let n: usize = 0; n < N; n += 8) {
    let row = from + n * 4;
    let to = panels + n * K * 4;
    for (let k: usize = 0; k < K; k++) {
      v128.store(to, v128.load(row));
      v128.store(to, v128.load(row, 16), 16);
      row += stride;
      to += 32;
    }
  }
}
