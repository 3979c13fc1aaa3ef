// Scalar double-precision versions of the kernels: what they are measured against.

/** Error function to about 1e-15: Taylor series near 0, continued fraction beyond. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

/** Activation functions by the kernels' numbers. */
export const activations: readonly [number, string, (x: number) => number][] = [
  [0, 'none', (x) => x],
  [1, 'GELU (erf)', (x) => (x / 2) * (1 + erf(x / Math.SQRT2))],
  [2, 'GELU (tanh)', (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))],
  [3, 'ReLU', (x) => Math.max(0, x)],
  [4, 'tanh', Math.tanh],
  [5, 'SiLU', (x) => x / (1 + Math.exp(-x))],
];

/** a [rows][inputs] × weights [outputs][inputs] + bias. */
export function linear(
  a: ArrayLike<number>,
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  rows: number,
  inputs: number,
  outputs: number,
): Float64Array {
  const out = new Float64Array(rows * outputs);
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < outputs; n++) {
      let sum = bias[n]!;
      for (let k = 0; k < inputs; k++) sum += a[m * inputs + k]! * weights[n * inputs + k]!;
      out[m * outputs + n] = sum;
    }
  }
  return out;
}

export function softmax(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

export function layerNorm(
  row: readonly number[],
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  epsilon: number,
): number[] {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gamma[i]! + beta[i]!);
}

/** Attention of one text; q, k, v are [tokens][heads · size]. */
export function attention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  tokens: number,
  heads: number,
  size: number,
  scale: number,
  slopes: ArrayLike<number>,
): Float64Array {
  const width = heads * size;
  const out = new Float64Array(tokens * width);
  for (let h = 0; h < heads; h++) {
    for (let i = 0; i < tokens; i++) {
      const scores: number[] = [];
      for (let j = 0; j < tokens; j++) {
        let dot = 0;
        for (let d = 0; d < size; d++) dot += q[i * width + h * size + d]! * k[j * width + h * size + d]!;
        scores.push(dot * scale - slopes[h]! * Math.abs(i - j));
      }
      softmax(scores).forEach((weight, j) => {
        for (let d = 0; d < size; d++)
          out[i * width + h * size + d]! += weight * v[j * width + h * size + d]!;
      });
    }
  }
  return out;
}
