import { grown } from '../bytes/grow.ts';
import { SearchError, show } from '../errors.ts';
import type { Metric, VectorOptions } from '../types.ts';
import { scanF32, similarityF32 } from './scan.ts';

/** All vectors in one contiguous block of slots; freed slots are used again. */
export class VectorStore {
  readonly dimensions: number;
  readonly metric: Metric;
  /** Slots in use or free: the block holds this many rows. */
  rows = 0;
  block: Float32Array = new Float32Array(0);
  /** Slot → chunk, or -1 where the slot is free. */
  chunkOf: Int32Array = new Int32Array(64);
  #free: number[] = [];
  #scores = new Float32Array(0);

  constructor(options: VectorOptions) {
    this.dimensions = options.dimensions;
    this.metric = options.metric ?? 'cosine';
  }

  get count(): number {
    return this.rows - this.#free.length;
  }

  get bytes(): number {
    return this.block.byteLength + this.chunkOf.byteLength + this.#scores.byteLength;
  }

  add(chunk: number, vector: Float32Array): number {
    const slot = this.#free.pop() ?? this.rows++;
    this.block = grown(this.block, this.rows * this.dimensions);
    this.block.set(vector, slot * this.dimensions);
    this.chunkOf = grown(this.chunkOf, slot + 1);
    this.chunkOf[slot] = chunk;
    return slot;
  }

  remove(slot: number): void {
    this.chunkOf[slot] = -1;
    // An empty row is near nothing and cannot be mistaken for data in a snapshot.
    this.block.fill(0, slot * this.dimensions, (slot + 1) * this.dimensions);
    this.#free.push(slot);
  }

  row(slot: number): Float32Array {
    return this.block.subarray(slot * this.dimensions, (slot + 1) * this.dimensions);
  }

  similarity(slot: number, query: Float32Array): number {
    return similarityF32(this.block, slot * this.dimensions, this.dimensions, query, this.metric);
  }

  /** Similarities for all slots, valid until the next call; free slots hold anything. */
  scan(query: Float32Array): Float32Array {
    if (this.#scores.length < this.rows) this.#scores = new Float32Array(this.rows);
    scanF32(this.block, this.dimensions, this.rows, query, this.metric, this.#scores);
    return this.#scores;
  }

  /** Takes over the arrays of a snapshot. */
  restore(block: Float32Array, chunkOf: Int32Array): void {
    if (block.length !== chunkOf.length * this.dimensions)
      throw new RangeError('the vectors do not fit together');
    this.block = block;
    this.chunkOf = chunkOf;
    this.rows = chunkOf.length;
    this.#free = [];
    for (let slot = this.rows - 1; slot >= 0; slot--) if (chunkOf[slot]! < 0) this.#free.push(slot);
  }
}

/**
 * A checked copy of a vector, of unit length where the metric is cosine.
 * Throws on a wrong length, on NaN and infinities, and on zero vectors where they have no direction.
 */
export function checkVector(
  values: ArrayLike<number>,
  dimensions: number,
  metric: Metric,
  where: { id?: string; what: string },
): Float32Array {
  const details = { id: where.id, field: 'vector' };
  if (values.length !== dimensions) {
    throw new SearchError(
      'wrong-dimensions',
      `${where.what} has ${values.length} numbers; this index holds vectors of ${dimensions}.`,
      {
        ...details,
        value: values.length,
      },
    );
  }
  const vector = new Float32Array(dimensions);
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    const value = values[i]!;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new SearchError(
        'invalid-vector',
        `${where.what} holds ${show(value)} at place ${i}; every number must be finite.`,
        { ...details, value },
      );
    }
    vector[i] = value;
    sum += value * value;
  }
  if (metric !== 'cosine') return vector;
  if (sum === 0 || !Number.isFinite(sum)) {
    throw new SearchError(
      'invalid-vector',
      `${where.what} is all zeros or out of range: it has no direction.`,
      { ...details, value: sum },
    );
  }
  if (Math.abs(sum - 1) > 1e-6) {
    const scale = 1 / Math.sqrt(sum);
    for (let i = 0; i < dimensions; i++) vector[i]! *= scale;
  }
  return vector;
}
