/** What computes vectors. `static` and `hash` need no runtime; the others run ONNX models. */
export type Device = 'static' | 'wasm' | 'webgpu' | 'kernels' | 'hash';

/** Number format of the weights. */
export type Dtype = 'fp32' | 'fp16' | 'int8';

/**
 * How token vectors become one vector. `mean-sqrt-length`: their sum by the root of their number; `graph`: the model's
 * graph does it and has one vector a text as output.
 */
export type Pooling = 'mean' | 'cls' | 'max' | 'last' | 'weighted-mean' | 'mean-sqrt-length' | 'graph';

/** A linear layer after pooling: activation(W x + b). */
export interface DenseLayer {
  /** Safetensors with `linear.weight` and, optionally, `linear.bias`; a key of `Model.urls`. */
  file: string;
  inputs: number;
  outputs: number;
  activation: 'identity' | 'tanh';
}

/** What is known about a model, as data. A card claims only what was checked and says where each fact is from. */
export interface ModelCard {
  /** Hub id, or a name of your own. */
  id: string;
  /** A pinned version: commit, tag or number. */
  revision: string;
  kind: 'static' | 'onnx' | 'hash';
  /** Length of a vector. */
  dimensions: number;
  /** Lengths to which vectors may be cut (and normalised again), longest first. */
  matryoshka?: number[];
  /** Tokens that the model uses of a text, special tokens included. */
  maxTokens: number;
  /** Several: their vectors one behind the other. */
  pooling: Pooling | Pooling[];
  /** What comes after pooling, in order. */
  dense?: DenseLayer[];
  /** Whether vectors are scaled to unit length. */
  normalize: boolean;
  /** Put before queries and documents. */
  prefixes: { query: string; document: string };
  /** Whether texts are written in small letters before they become tokens. */
  lowercase?: boolean;
  /** Whether a static model counts tokens that it does not know. Default: it leaves them out, as model2vec does. */
  unknownTokens?: 'left-out' | 'counted';
  similarity: 'cosine';
  /** ISO 639-1 codes. */
  languages: string[];
  licence: string;
  /** Weight of the vector side in [0, 1] that hybrid ranking starts from. */
  fusionWeight: number;
  /** File names, relative to the model's folder and keys of `Model.urls`. */
  files: {
    tokenizer: string;
    tokenizerConfig?: string;
    weights: Partial<Record<Dtype, string>>;
    /** Further files of the weights (ONNX external data), by number format. */
    external?: Partial<Record<Dtype, string[]>>;
  };
  /** Size of the weights in bytes, by number format. */
  bytes: Partial<Record<Dtype, number>>;
  /** SHA-256 in hexadecimal, by file name. Files that have one are checked. */
  hashes?: Record<string, string>;
  /** Number formats that a device must not use, although the file exists, with the reason. */
  denied?: Partial<Record<Device, Partial<Record<Dtype, string>>>>;
  /** Texts and their vectors (without prefix): base64 of int16, little-endian, value × 32767, row after row. */
  reference?: { texts: string[]; vectors: string };
  /** Whether somebody checked the card against the model's own figures. */
  verified: boolean;
  /** Fact to source. */
  sources: Record<string, string>;
}

/** A model: its card and where its files are. Plain data, can be sent to a worker. */
export interface Model {
  card: ModelCard;
  /** File name to its address, to addresses that are tried in turn, or to the file itself. */
  urls: Record<string, string | string[] | Blob>;
}

/** Addresses of the files that run outside the caller's realm. */
export interface EmbedAssets {
  worker: string;
  /** Helper threads of the kernels. */
  encoderWorker: string;
  onnxruntime: Record<'wasm' | 'webgpu' | 'jspi', { module: string; wasm: string }>;
}

/** Progress of createEmbedder. */
export type LoadProgress =
  | {
      phase: 'download';
      file: string;
      loaded: number;
      total: number | undefined;
      allLoaded: number;
      allTotal: number | undefined;
    }
  | { phase: 'start'; device: Device; dtype: Dtype; threads: number }
  | { phase: 'notice'; message: string };

/** Progress of embed. */
export interface EmbedProgress {
  /** Texts done. */
  done: number;
  total: number;
  /** Tokens done. */
  tokens: number;
}

/** What became of one candidate for the backend. */
export interface Candidate {
  device: Device;
  dtype: Dtype;
  threads: number;
  /** Workers side by side, each with its own copy of the model. */
  workers: number;
  outcome: 'chosen' | 'slower' | 'failed' | 'unavailable' | 'incorrect';
  /** Why it was chosen or passed over, in one sentence. */
  reason: string;
  /** Milliseconds from the start to the first verified vector. */
  startMilliseconds?: number;
  /** Reference texts a second, after the first run. */
  textsPerSecond?: number;
  /** Cosine to the reference vectors. */
  cosine?: { mean: number; least: number };
}

/** What runs, and why nothing better does. */
export interface BackendReport {
  device: Device;
  dtype: Dtype;
  threads: number;
  workers: number;
  /** GPU adapter in words, when there is one. */
  adapter?: string;
  candidates: Candidate[];
}

export interface EmbedOptions {
  /** Which prefix of the model is put before each text; queries overtake documents. Default: document. */
  kind?: 'query' | 'document';
  /** One of the card's Matryoshka dimensions. Default: all of them. */
  dimensions?: number;
  signal?: AbortSignal;
  onProgress?: (progress: EmbedProgress) => void;
}

/** Vectors of several texts. */
export interface EmbeddingBatch {
  /**
   * count × dimensions, row after row, of unit length where the card says `normalize`. A text in which the model knows no token at all (an empty one, for a
   * static model) has a row of zeros: its cosine to everything is 0.
   */
  data: Float32Array;
  count: number;
  dimensions: number;
  /** Tokens used of each text. */
  tokens: Uint32Array;
  /** Indices of the texts that were longer than the model's limit and were cut. */
  truncated: number[];
}

/** Something that happened to an embedder while it worked. */
export interface EmbedEvent {
  type: 'backend-changed' | 'backend-restarted';
  reason: string;
  backend: BackendReport;
}

/** Turns texts into vectors. */
export interface Embedder extends AsyncDisposable {
  readonly model: ModelCard;
  /** Canonical key of the vector space: vectors of different spaces must never be compared. */
  readonly space: string;
  readonly dimensions: number;
  readonly backend: BackendReport;
  /**
   * Embeds texts, in any number; the order is kept.
   * @throws EmbedError `invalid-argument`, `disposed`, `backend-failed`; the signal's reason when it was aborted.
   */
  embed(texts: string[], options?: EmbedOptions): Promise<EmbeddingBatch>;
  dispose(): Promise<void>;
}

/** Text to token ids, in the caller's realm. */
export interface Tokenizer {
  /** Ids as the model gets them: special tokens included, cut at the model's limit. */
  encode(text: string): Int32Array;
  /** Tokens of the whole text, without special tokens. */
  countTokens(text: string): number;
  /** Tokens of a document that fit into the model: its limit less special tokens and prefix. */
  readonly capacity: number;
  /**
   * Windows of at most `maxTokens` tokens (without special tokens) that cover the text. Windows end between words where
   * they can, else between characters; start and end are UTF-16 offsets.
   */
  split(text: string, maxTokens: number): { start: number; end: number }[];
}
