import type { Device, Dtype, EmbedAssets, ModelCard } from '../types.ts';

/** What a backend is made from. Everything in it can be sent to a worker. */
export interface BackendRequest {
  card: ModelCard;
  device: Device;
  dtype: Dtype;
  threads: number;
  /** The model's files by name: tokenizer and weights. */
  files: Record<string, Uint8Array>;
  assets: EmbedAssets;
  /** Whether an adapter that runs on the CPU will do: only when the device was asked for by name. */
  allowSoftwareAdapter: boolean;
}

/** Token ids to vectors. Lives in its own realm; text never gets here. */
export interface Backend {
  /** Largest batch, in tokens with padding. Sequences come in order of length. */
  readonly tokenBudget: number;
  /** GPU adapter in words, when there is one. */
  readonly adapter?: string;
  /** One vector for each sequence, row after row, `pooledDimensions(card)` long: before dense layers, not normalised. */
  embed(sequences: Int32Array[]): Float32Array | Promise<Float32Array>;
  /** Bytes of WebAssembly memory that are held now. It never shrinks. */
  memory?(): number;
  dispose(): void | Promise<void>;
}
