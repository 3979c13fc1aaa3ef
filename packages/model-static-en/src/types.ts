/** What is known about a model; the same shape as ModelCard of @burrow/embed, which this package does not import. */
export interface StaticModelCard {
  id: string;
  revision: string;
  kind: 'static';
  /** Length of a vector. */
  dimensions: number;
  /** Lengths to which a vector may be cut (and then normalised again), longest first. */
  matryoshka: number[];
  /** Word pieces that are used of a text. */
  maxTokens: number;
  pooling: 'mean';
  normalize: boolean;
  prefixes: { query: string; document: string };
  similarity: 'cosine';
  languages: string[];
  licence: string;
  /** Weight of the vector side in [0, 1] that hybrid ranking starts from. */
  fusionWeight: number;
  /** Names of files, keys of `urls`. */
  files: { tokenizer: string; weights: { int8: string } };
  /** Size of the weights, in bytes. */
  bytes: { int8: number };
  /** SHA-256 of each file, in hexadecimal. */
  hashes: Record<string, string>;
  /** Texts and their vectors: base64 of int16, little-endian, value × 32767, row after row. */
  reference: { texts: string[]; vectors: string };
  verified: boolean;
  /** Where each fact comes from. */
  sources: Record<string, string>;
}

/** A model as plain data: its card and where its files are. Can be sent to a worker. */
export interface StaticModel {
  card: StaticModelCard;
  /** File name to address. */
  urls: Record<string, string>;
}
