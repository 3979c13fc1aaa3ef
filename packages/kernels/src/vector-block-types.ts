import type { KernelEngine } from './engine.ts';
import type { VectorMetric, VectorPrecision } from './vector-codec.ts';

export interface VectorBlockOptions {
  /** Length of a vector, 1 to 16384. */
  dimensions: number;
  /** How a component is kept: 4 bytes, 1 byte (one scale per vector), or its sign as 1 bit. Default: f32. */
  precision?: VectorPrecision;
  /** Room to reserve at the start, in vectors. The block grows by itself. Default: 0. */
  capacity?: number;
  engine?: KernelEngine | 'auto';
  /**
   * How many threads compare rows with a query, the caller's included. More than one need memory that can be shared (an
   * isolated page, or Node), and are started by the first scan of 6 MB; elsewhere the caller's thread does all. `auto`: one
   * for each core, four at most. Default: 1.
   */
  threads?: number | 'auto';
  /** Address of the worker that helps with scans. Default: the file that comes with this package. */
  worker?: string;
}

export interface ScanOptions {
  /** Default: cosine, or hamming for binary blocks. */
  metric?: VectorMetric;
  /** Only slots whose bit is set: bit i of word w is slot 32 w + i. Shorter than the block means zeros. */
  filter?: Uint32Array;
  /** First slot, a multiple of 32. Default: 0. */
  from?: number;
  /** One past the last slot. Default: all. */
  to?: number;
}

/** The best rows, best first; equal scores in order of slot. A higher score is better: distances are negative. */
export interface ScanResult {
  slots: Uint32Array;
  scores: Float32Array;
}
