import type { Chunk } from '@burrow/core';
import type { Schema, SearchDocument } from '../types.ts';

/** What an index was made for, as a backup tells it. */
export interface BackupSettings {
  modelId: string;
  /** Space of the vectors: they serve again where an index is of the same one. */
  space: string;
  dimensions: number;
  schema: Schema;
}

/** A document with its passages, and their vectors row by row where all have one. */
export interface BackupDocument {
  document: SearchDocument;
  chunks: Chunk[];
  vectors?: Float32Array;
}
