// A transformer encoder in plain loops and double precision, and random small models to run on it.
import type { LinearWeights } from '@burrow/kernels';
import { addRow, type Activation, type Layer, type Norm, type TextModel } from '../src/encoder/model.ts';
import { alibiSlopes } from '../src/encoder/pack.ts';

type Rows = number[][];

const ACTIVATE: Record<Activation, (x: number) => number> = {
  none: (x) => x,
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  'gelu-tanh': (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  silu: (x) => x / (1 + Math.exp(-x)),
};

function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function linear({ inputs, outputs, order, values, scales, bias }: LinearWeights, rows: Rows): Rows {
  return rows.map((row) =>
    Array.from({ length: outputs }, (_, n) => {
      let sum = 0;
      for (let k = 0; k < inputs; k++)
        sum += row[k]! * values[order === 'outputs' ? n * inputs + k : k * outputs + n]!;
      return sum * (scales ? scales[n]! : 1) + (bias ? bias[n]! : 0);
    }),
  );
}

function normalise({ weight, bias, epsilon }: Norm, rows: Rows): Rows {
  return rows.map((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
    return row.map((x, i) => ((x - mean) / Math.sqrt(variance + epsilon)) * weight[i]! + bias[i]!);
  });
}

const add = (a: Rows, b: Rows): Rows => a.map((row, m) => row.map((x, i) => x + b[m]![i]!));

function attend({ qkv, heads, scale }: Layer, x: Rows, slopes: Float32Array | undefined): Rows {
  const parts = qkv.map((weights) => linear(weights, x));
  const joined = x.map((_, m) => parts.flatMap((part) => part[m]!));
  const width = joined[0]!.length / 3;
  const size = width / heads;
  return joined.map((row, i) => {
    const out = Array.from({ length: width }, () => 0);
    for (let h = 0; h < heads; h++) {
      const scores = joined.map((other, j) => {
        let dot = 0;
        for (let d = 0; d < size; d++) dot += row[h * size + d]! * other[width + h * size + d]!;
        return dot * scale - (slopes ? slopes[h]! * Math.abs(i - j) : 0);
      });
      const most = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - most));
      const sum = powers.reduce((total, power) => total + power, 0);
      powers.forEach((power, j) => {
        for (let d = 0; d < size; d++)
          out[h * size + d]! += (power / sum) * joined[j]![2 * width + h * size + d]!;
      });
    }
    return out;
  });
}

function feedForward({ up, gated, activation, down }: Layer, x: Rows): Rows {
  const wide = linear(up, x).map((row) => {
    if (!gated) return row.map(ACTIVATE[activation]);
    const half = row.length / 2;
    return row.slice(half).map((value, i) => value * ACTIVATE[activation](row[i]!));
  });
  return linear(down, wide);
}

/** The mean-pooled vector of one text. */
export function encode(model: TextModel, ids: Int32Array): number[] {
  let x: Rows = Array.from(ids, (id, place) => {
    const row = new Float32Array(model.word.width);
    addRow(model.word, id, row);
    if (model.position) addRow(model.position, place, row);
    return Array.from(row, (value, i) => value + (model.type ? model.type[i]! : 0));
  });
  if (model.norm0) x = normalise(model.norm0, x);
  const slopes = model.alibi ? alibiSlopes(model.layers[0]!.heads) : undefined;
  for (const layer of model.layers) {
    const before = model.norm === 'pre' ? normalise(layer.norm1, x) : x;
    const residual = layer.residual ? linear(layer.residual, x) : x;
    x = add(linear(layer.output, attend(layer, before, slopes)), residual);
    if (model.norm === 'post') {
      x = normalise(layer.norm1, x);
      x = normalise(layer.norm2, add(feedForward(layer, x), x));
    } else x = add(feedForward(layer, normalise(layer.norm2, x)), x);
  }
  const mean = x[0]!.map((_, i) => x.reduce((sum, row) => sum + row[i]!, 0) / x.length);
  return model.head ? linear(model.head.linear, [mean])[0]!.map(ACTIVATE[model.head.activation]) : mean;
}

/** Numbers of a normal distribution, the same for the same seed. */
export function normals(seed: number): (length: number, deviation?: number) => Float32Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return (length, deviation = 1) =>
    Float32Array.from(
      { length },
      () => deviation * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    );
}

export interface SmallModelOptions {
  norm?: 'post' | 'pre';
  gated?: boolean;
  alibi?: boolean;
  activation?: Activation;
  /** The first layer goes from 32 to 48 numbers. */
  widens?: boolean;
  head?: boolean;
  codes?: boolean;
  seed?: number;
}

export function smallModel({
  norm = 'post',
  gated = false,
  alibi = false,
  activation = 'gelu',
  widens = false,
  head = false,
  codes = false,
  seed = 1,
}: SmallModelOptions): TextModel {
  const random = normals(seed);
  const weights = (inputs: number, outputs: number, bias = true): LinearWeights => ({
    inputs,
    outputs,
    order: outputs % 3 === 0 ? 'inputs' : 'outputs',
    values: random(inputs * outputs, inputs ** -0.5),
    bias: bias ? random(outputs, 0.1) : undefined,
  });
  const normOf = (width: number): Norm => ({
    weight: random(width, 0.1).map((x) => 1 + x),
    bias: random(width, 0.1),
    epsilon: 1e-6,
  });
  const rows = 50;
  const layer = (input: number, width: number): Layer => ({
    qkv: widens
      ? [weights(input, 3 * input)]
      : [weights(input, input), weights(input, input), weights(input, input)],
    heads: 4,
    scale: (input / 4) ** -0.5,
    output: weights(input, width),
    residual: input === width ? undefined : weights(input, width),
    norm1: normOf(norm === 'pre' ? input : width),
    up: weights(width, gated ? 160 : 96, !gated),
    gated,
    activation,
    down: weights(gated ? 80 : 96, width),
    norm2: normOf(width),
  });
  const width = widens ? 64 : 32;
  const table = (count: number): TextModel['word'] => ({
    rows: count,
    width: 32,
    values: random(count * 32),
  });
  const word = codes
    ? {
        rows,
        width: 32,
        values: Int8Array.from(random(rows * 32, 40)),
        scales: random(rows, 0.01).map(Math.abs),
        zero: 3,
      }
    : table(rows);
  return {
    family: alibi ? 'jina-bert' : 'bert',
    norm,
    word,
    type: norm === 'post' ? random(32, 0.3) : undefined,
    position: alibi ? undefined : table(600),
    norm0: norm === 'post' ? normOf(32) : undefined,
    layers: [layer(32, width), layer(width, width)],
    alibi,
    head: head ? { linear: weights(width, 40), activation: 'tanh' } : undefined,
  };
}
