import type { LinearWeights } from '@burrow/kernels';
import { EmbedError } from '../errors.ts';

/** Weight, bias and epsilon of a LayerNorm. */
export interface Norm {
  weight: Float32Array;
  bias: Float32Array;
  epsilon: number;
}

/** Embeddings of ids: floats, or 8-bit codes with value = (code − zero) · scale of the row (or of all). */
export interface Table {
  rows: number;
  width: number;
  values: Float32Array | Uint8Array | Int8Array;
  scales?: Float32Array;
  zero?: number;
}

/** Numbers of the activation functions in the kernels. */
export const ACTIVATION = { none: 0, gelu: 1, 'gelu-tanh': 2, relu: 3, tanh: 4, silu: 5 } as const;
export type Activation = keyof typeof ACTIVATION;

/** One transformer layer. */
export interface Layer {
  /** Query, key and value: three layers, or one with their outputs side by side. */
  qkv: LinearWeights[];
  heads: number;
  /** Scores are multiplied by it. */
  scale: number;
  output: LinearWeights;
  /** On the residual of the attention, where its size changes. */
  residual?: LinearWeights;
  /** Before the attention (pre) or after it (post). */
  norm1: Norm;
  /** Feed-forward. `gated`: the first half of its outputs, activated, gates the second. */
  up: LinearWeights;
  gated: boolean;
  activation: Activation;
  down: LinearWeights;
  norm2: Norm;
}

/** A text encoder, whatever file it came from. */
export interface TextModel {
  family: 'bert' | 'jina-bert' | 'use-lite';
  /** Where LayerNorm stands: after the residual (BERT), or before each part. */
  norm: 'post' | 'pre';
  word: Table;
  /** Added to every token. */
  type?: Float32Array;
  position?: Table;
  norm0?: Norm;
  layers: Layer[];
  /** ALiBi instead of position embeddings. */
  alibi: boolean;
  /** On the pooled vector. */
  head?: { linear: LinearWeights; activation: Activation };
}

/** What a model's own `config.json` says, as far as it is used. */
export interface ModelConfig {
  model_type?: string;
  num_attention_heads?: number;
  num_hidden_layers?: number;
  hidden_act?: string;
  layer_norm_eps?: number;
  position_embedding_type?: string;
  pad_token_id?: number;
}

/** The model is not one that the kernels know; the message says why. */
export function unrecognised(why: string): EmbedError {
  return new EmbedError('unsupported', `The kernels cannot run this model: ${why}.`);
}

/**
 * RoBERTa and its kin count positions from one beyond the id of padding, 2 in all that are known (fairseq); the rows
 * before are used by nothing.
 */
export function afterPadding({ rows, width, values, scales, zero }: Table, config: ModelConfig): Table {
  const first = (config.pad_token_id ?? 1) + 1;
  return {
    rows: rows - first,
    width,
    values: values.subarray(first * width),
    scales: scales && scales.length > 1 ? scales.subarray(first) : scales,
    zero,
  };
}

/** A table's row added to `target`. */
export function addRow({ values, width, scales, zero = 0 }: Table, row: number, target: Float32Array): void {
  const from = row * width;
  if (!scales) {
    for (let i = 0; i < width; i++) target[i]! += values[from + i]!;
    return;
  }
  const scale = scales.length === 1 ? scales[0]! : scales[row]!;
  for (let i = 0; i < width; i++) target[i]! += (values[from + i]! - zero) * scale;
}
