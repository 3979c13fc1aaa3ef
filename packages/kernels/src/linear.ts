import type { Arena } from './arena.ts';
import { KernelsError } from './errors.ts';

/** Weights of a linear layer as a model file holds them. */
export interface LinearWeights {
  inputs: number;
  outputs: number;
  /** `outputs`: one row for each output (PyTorch); `inputs`: one row for each input (ONNX MatMul). */
  order: 'outputs' | 'inputs';
  /** Floats, or int8 codes −127..127 with `scales` for each output. */
  values: Float32Array | Int8Array;
  scales?: Float32Array;
  bias?: Float32Array;
}

/**
 * How a layer is multiplied. `int8`: weights in 8 bits, activations in 7. `int8-fine`: activations in 14 bits, high and
 * low 7 bits by a product each. `f32`: as they are.
 */
export type LinearPrecision = 'int8' | 'int8-fine' | 'f32';

/** A layer in memory, ready for the GEMM of its precision. */
export interface Linear {
  precision: LinearPrecision;
  /** Of the description that the kernels read. */
  pointer: number;
  /** The same without bias, for the low bits of activations; 0 but for `int8-fine`. */
  low: number;
  inputs: number;
  /** Length of a row of codes: inputs rounded up to 16 (int8 only). */
  paddedInputs: number;
  outputs: number;
  /** Length of a row of results: outputs rounded up to 8. */
  paddedOutputs: number;
}

/**
 * The grouped product adds 4 weights × codes of up to 127 in 16 bits: the positive weights of such a group, and the
 * negative ones, may sum to 258 at most (258 · 127 < 32768). Where codes of a file pass it, their layer is not grouped:
 * in MiniLM's int8 file none does, in use-lite's some in each layer.
 */
const GROUP_LIMIT = 258;
/** What rounding adds to such a sum at most. */
const ROUNDING = 2;
/** Inputs 0, 1, 4, 5 of a block of 8 are one group, inputs 2, 3, 6, 7 the other. */
const GROUP_BLOCK = 8;
const INPUT_BLOCK = 16;

/** Bytes that a layer takes in memory. */
export function linearBytes(
  inputs: number,
  outputs: number,
  precision: LinearPrecision,
  codeBytes: number,
): number {
  const padded = Math.ceil(outputs / 8) * 8;
  const perOutput =
    precision === 'f32' ? inputs * 4 + 4 : Math.ceil(inputs / INPUT_BLOCK) * INPUT_BLOCK * codeBytes + 16;
  return padded * perOutput + 8 * 64;
}

/** Bytes of one activation code, and of one weight: plain SIMD multiplies 16-bit numbers. */
export function codeBytes(engine: 'plain' | 'relaxed'): 1 | 2 {
  return engine === 'relaxed' ? 1 : 2;
}

/** Packs a layer into the arena. @throws {KernelsError} `invalid-argument` when lengths disagree. */
export function packLinear(arena: Arena, weights: LinearWeights, precision: LinearPrecision): Linear {
  const { inputs, outputs, values, bias } = weights;
  if (values.length !== inputs * outputs || (bias && bias.length !== outputs)) {
    throw new KernelsError(
      'invalid-argument',
      `Weights of ${inputs} × ${outputs} have ${values.length} numbers.`,
    );
  }
  if (values instanceof Int8Array && weights.scales?.length !== outputs) {
    throw new KernelsError('invalid-argument', 'int8 weights need one scale for each output.');
  }
  const paddedOutputs = Math.ceil(outputs / 8) * 8;
  const paddedInputs = Math.ceil(inputs / INPUT_BLOCK) * INPUT_BLOCK;
  const biasAt = arena.put(bias ?? new Float32Array(0), paddedOutputs);
  const describe = (...words: number[]): number => arena.put(Int32Array.of(...words), 8);
  const shape = { precision, inputs, paddedInputs, outputs, paddedOutputs };
  if (precision === 'f32') {
    const panels = packFloats(arena, weights, paddedOutputs);
    return { ...shape, pointer: describe(panels, inputs, paddedOutputs, 0, 0, biasAt), low: 0 };
  }
  const { panels, scales, sums, groups } = packCodes(arena, weights, paddedInputs, paddedOutputs);
  const describeCodes = (bias: number): number =>
    describe(panels, paddedInputs, paddedOutputs, scales, sums, bias, groups ? 1 : 0);
  const low = precision === 'int8-fine' ? describeCodes(arena.put(new Float32Array(0), paddedOutputs)) : 0;
  return { ...shape, pointer: describeCodes(biasAt), low };
}

function packFloats(arena: Arena, weights: LinearWeights, paddedOutputs: number): number {
  const { inputs, outputs, order, values, scales } = weights;
  const pointer = arena.allocate(inputs * paddedOutputs * 4);
  const panels = arena.f32(pointer, inputs * paddedOutputs);
  for (let n = 0; n < paddedOutputs; n++) {
    let at = (n - (n % 8)) * inputs + (n % 8);
    const step = order === 'outputs' ? 1 : outputs;
    let from = order === 'outputs' ? n * inputs : n;
    const scale = scales ? scales[n]! : 1;
    for (let k = 0; k < inputs; k++, at += 8, from += step)
      panels[at] = n < outputs ? values[from]! * scale : 0;
  }
  return pointer;
}

function packCodes(
  arena: Arena,
  weights: LinearWeights,
  paddedInputs: number,
  paddedOutputs: number,
): { panels: number; scales: number; sums: number; groups: boolean } {
  const { inputs, outputs, order, values } = weights;
  const wide = codeBytes(arena.kernels.engine) === 2;
  const bytes = paddedInputs * paddedOutputs * (wide ? 2 : 1);
  const panels = arena.allocate(bytes);
  const target = wide
    ? new Int16Array(arena.kernels.memory.buffer, panels, bytes / 2)
    : new Int8Array(arena.kernels.memory.buffer, panels, bytes);
  target.fill(0);
  const scales = new Float32Array(paddedOutputs);
  const sums = new Int32Array(paddedOutputs);
  const column = new Int8Array(paddedInputs);
  let groups = true;
  const together = wide ? 2 : 4; // inputs of one output that lie side by side
  for (let n = 0; n < outputs; n++) {
    const step = order === 'outputs' ? 1 : outputs;
    const from = order === 'outputs' ? n * inputs : n;
    scales[n] =
      values instanceof Int8Array
        ? copyCodes(values, from, step, inputs, column, weights.scales![n]!)
        : quantise(values, from, step, inputs, column);
    groups &&= largestGroup(column) <= GROUP_LIMIT;
    const panel = (n - (n % 8)) * paddedInputs + (n % 8) * together;
    let sum = 0;
    for (let k = 0; k < inputs; k++) {
      const code = column[k]!;
      sum += code;
      const within = k % together;
      target[panel + (k - within) * 8 + within] = code;
    }
    sums[n] = sum;
  }
  return { panels, scales: arena.put(scales), sums: arena.put(sums), groups };
}

function copyCodes(
  values: Int8Array,
  from: number,
  step: number,
  count: number,
  column: Int8Array,
  scale: number,
): number {
  for (let k = 0; k < count; k++) column[k] = Math.max(-127, values[from + k * step]!);
  return scale;
}

/** Codes of one output, in steps that let its groups be added up. */
function quantise(
  values: Float32Array,
  from: number,
  step: number,
  count: number,
  column: Int8Array,
): number {
  const floats = Float32Array.from({ length: count }, (_, k) => values[from + k * step]!);
  let most = 0;
  for (let k = 0; k < count; k++) most = Math.max(most, Math.abs(floats[k]!));
  const size = Math.max(most / 127, largestGroup(floats) / (GROUP_LIMIT - ROUNDING));
  for (let k = 0; k < count; k++) column[k] = size > 0 ? Math.round(floats[k]! / size) : 0;
  return size;
}

/** The largest sum of weights of one sign in a group. */
function largestGroup(column: Int8Array | Float32Array): number {
  let most = 0;
  for (let base = 0; base < column.length; base += GROUP_BLOCK) {
    for (let lane = base; lane < base + 4; lane += 2) {
      let positive = 0;
      let negative = 0;
      for (const k of [lane, lane + 1, lane + 4, lane + 5]) {
        const weight = column[k] ?? 0;
        if (weight > 0) positive += weight;
        else negative -= weight;
      }
      most = Math.max(most, positive, negative);
    }
  }
  return most;
}
