/** What is known about a model; the same shape as ModelCard of @burrow/embed, which this package does not import. */
export interface OnnxModelCard {
  id: string;
  revision: string;
  kind: 'onnx';
  /** Length of a vector. */
  dimensions: number;
  /** Tokens that are used of a text. */
  maxTokens: number;
  /** The graph pools: its output is one vector a text. */
  pooling: 'graph';
  normalize: boolean;
  prefixes: { query: string; document: string };
  similarity: 'cosine';
  languages: string[];
  licence: string;
  /** Weight of the vector side in [0, 1] that hybrid ranking starts from. */
  fusionWeight: number;
  /** Names of files, keys of `urls`. */
  files: { tokenizer: string; weights: { fp32: string; int8: string } };
  /** Size of the weights in bytes. */
  bytes: { fp32: number; int8: number };
  /** SHA-256 of each file, in hexadecimal. */
  hashes: Record<string, string>;
  /** Texts and their vectors: base64 of int16, little-endian, value × 32767, row after row. */
  reference: { texts: string[]; vectors: string };
  verified: boolean;
  /** Where each fact comes from. */
  sources: Record<string, string>;
}

/** A model as plain data: its card and where its files are. Can be sent to a worker. */
export interface OnnxModel {
  card: OnnxModelCard;
  /** File name to address. */
  urls: Record<string, string>;
}
