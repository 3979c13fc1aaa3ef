import {
  Arena,
  codeBytes,
  createTunedKernels,
  type KernelEngine,
  type Linear,
  linearBytes,
  type LinearPrecision,
  type LinearWeights,
  packLinear,
} from '@burrow/kernels';
import { ACTIVATION, type Layer, type Norm, type Table, type TextModel } from './model.ts';

/** int8: weights and activations in 8 and 7 bits. f32: as in the file. */
export type EncoderPrecision = 'int8' | 'f32';

export interface PackedNorm {
  weight: number;
  bias: number;
  epsilon: number;
}

export interface PackedLayer {
  qkv: Linear[];
  heads: number;
  scale: number;
  output: Linear;
  residual?: Linear;
  norm1: PackedNorm;
  up: Linear;
  gated: boolean;
  activation: number;
  down: Linear;
  norm2: PackedNorm;
}

/** A table in memory: floats, or 8-bit codes. */
export interface PackedTable {
  pointer: number;
  rows: number;
  width: number;
  kind: 'f32' | 'u8' | 'i8';
  scales: number;
  scaleCount: number;
  zero: number;
}

/**
 * A model in WebAssembly memory, ready to run. Plain data; when the memory is shared it can be sent to other
 * workers, and an `Encoder` made there from it uses the same weights.
 */
export interface PackedModel {
  memory: WebAssembly.Memory;
  engine: KernelEngine;
  precision: EncoderPrecision;
  norm: 'post' | 'pre';
  /** Length of a vector. */
  dimensions: number;
  /** Longest text that positions allow, in tokens. */
  maxTokens: number;
  word: PackedTable;
  /** What each position adds, token type included; one row for all where positions are not learned. */
  places?: PackedTable;
  norm0?: PackedNorm;
  layers: PackedLayer[];
  /** ALiBi slope of each head (f32), 0 for none. */
  slopes: number;
  head?: { linear: Linear; activation: number };
}

/** Byte offset of the number of 64 KiB pages in use: what an encoder adds to when it takes room for itself. */
export const CLAIMED = 16;
const PAGE = 65536;
const START = 1024;
/** Room for activations, beyond the weights: 4 workers of long texts. Reserved by shared memories, not used up. */
const ACTIVATION_BYTES = 1 << 30;

/**
 * Packs a model for the kernels.
 * @throws KernelsError `out-of-memory`, `unsupported` (no WebAssembly SIMD).
 */
export function packModel(
  model: TextModel,
  options: { precision: EncoderPrecision; shared?: boolean; engine?: KernelEngine },
): PackedModel {
  const { precision, shared = false } = options;
  const maximumBytes = Math.min(2 ** 32, sizeOf(model, precision) + ACTIVATION_BYTES);
  const kernels = createTunedKernels({ engine: options.engine, shared, maximumBytes });
  const arena = new Arena(kernels, START);
  const linear = (weights: LinearWeights): Linear => packLinear(arena, weights, precision);
  const fine = (weights: LinearWeights): Linear =>
    packLinear(arena, weights, finePrecision(model, precision));
  const norm = ({ weight, bias, epsilon }: Norm): PackedNorm => ({
    weight: arena.put(weight),
    bias: arena.put(bias),
    epsilon,
  });
  const layer = (from: Layer): PackedLayer => ({
    qkv: from.qkv.map(fine),
    heads: from.heads,
    scale: from.scale,
    output: fine(from.output),
    residual: from.residual && packLinear(arena, from.residual, 'f32'),
    norm1: norm(from.norm1),
    up: linear(from.up),
    gated: from.gated,
    activation: ACTIVATION[from.activation],
    down: linear(from.down),
    norm2: norm(from.norm2),
  });
  const packed: PackedModel = {
    memory: kernels.memory,
    engine: kernels.engine,
    precision,
    norm: model.norm,
    dimensions: model.head?.linear.outputs ?? model.layers.at(-1)!.down.outputs,
    maxTokens: model.position?.rows ?? Infinity,
    word: table(arena, model.word),
    places: places(arena, model),
    norm0: model.norm0 && norm(model.norm0),
    layers: model.layers.map(layer),
    slopes: model.alibi ? arena.put(alibiSlopes(model.layers[0]!.heads)) : 0,
    head: model.head && {
      linear: packLinear(arena, model.head.linear, 'f32'),
      activation: ACTIVATION[model.head.activation],
    },
  };
  arena.i32(CLAIMED, 1)[0] = Math.ceil(arena.used / PAGE);
  return packed;
}

/**
 * Of what attention reads and writes. A LayerNorm after each sum takes noise out of it; where it stands before the
 * products instead, all of their noise stays in the sum: 7 bits of activation would be less exact than ONNX Runtime's 8.
 */
function finePrecision({ norm }: TextModel, precision: EncoderPrecision): LinearPrecision {
  return precision === 'int8' && norm === 'pre' ? 'int8-fine' : precision;
}

/** Slopes of ALiBi (Press et al. 2022): a geometric series; heads beyond a power of two take every other one of the next. */
export function alibiSlopes(heads: number): Float32Array {
  const whole = 2 ** Math.floor(Math.log2(heads));
  return Float32Array.from({ length: heads }, (_, i) =>
    i < whole ? 2 ** ((-8 / whole) * (i + 1)) : 2 ** ((-4 / whole) * (2 * (i - whole) + 1)),
  );
}

function table(arena: Arena, { rows, width, values, scales, zero = 0 }: Table): PackedTable {
  const pointer = arena.allocate(values.byteLength);
  arena
    .bytes(pointer, values.byteLength)
    .set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const kind = values instanceof Float32Array ? 'f32' : values instanceof Int8Array ? 'i8' : 'u8';
  return {
    pointer,
    rows,
    width,
    kind,
    scales: scales ? arena.put(scales) : 0,
    scaleCount: scales?.length ?? 0,
    zero,
  };
}

function places(arena: Arena, { position, type, word: { width } }: TextModel): PackedTable | undefined {
  if (!position && !type) return undefined;
  const rows = position?.rows ?? 1;
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const code = position ? position.values[row * width + i]! - (position.zero ?? 0) : 0;
      const scale = position?.scales ? position.scales[position.scales.length === 1 ? 0 : row]! : 1;
      values[row * width + i] = code * scale + (type ? type[i]! : 0);
    }
  }
  return table(arena, { rows, width, values });
}

function sizeOf(model: TextModel, precision: EncoderPrecision): number {
  const size = ({ inputs, outputs }: LinearWeights): number =>
    linearBytes(inputs, outputs, finePrecision(model, precision), codeBytes('plain'));
  const layers = model.layers.flatMap(({ qkv, output, residual, up, down }) => [
    ...qkv,
    output,
    up,
    down,
    ...(residual ? [residual] : []),
  ]);
  const linears = layers.reduce((sum, weights) => sum + size(weights) * (precision === 'int8' ? 2 : 1), 0);
  return (
    linears + model.word.values.byteLength + (model.position?.rows ?? 1) * model.word.width * 4 + (16 << 20)
  );
}
