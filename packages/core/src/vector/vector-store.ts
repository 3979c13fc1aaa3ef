import { grown } from '../bytes/grow.ts';
import { SearchError, show } from '../errors.ts';
import type { Metric, Precision, VectorOptions } from '../types.ts';
import { type Block, createBlock, openBlock } from './block.ts';
import { TopK } from './top-k.ts';

/** How many of the nearest by rough scores are scored again with the finer vectors. */
const RESCORED = 400;

/** All vectors of an index, by slot; freed slots are used again. */
export class VectorStore {
  readonly dimensions: number;
  readonly metric: Metric;
  /** Slot → chunk, or -1 where the slot is free. */
  chunkOf: Int32Array = new Int32Array(64);
  count = 0;
  #block: Block;
  /** Finer vectors for the second look at the best; the same slots. */
  #fine: Block | undefined;

  constructor(options: VectorOptions) {
    this.dimensions = options.dimensions;
    this.metric = options.metric ?? 'cosine';
    this.#block = createBlock(this.dimensions, options.precision ?? 'f32', this.metric);
    const rescore = rescoring(options);
    if (rescore !== undefined) this.#fine = createBlock(this.dimensions, rescore, this.metric);
  }

  get slots(): number {
    return this.#block.slots;
  }

  get bytes(): number {
    return this.#block.byteLength + (this.#fine?.byteLength ?? 0) + this.chunkOf.byteLength;
  }

  add(chunk: number, vector: Float32Array): number {
    const slot = this.#block.add(vector);
    // Both blocks hand out the lowest free slot, so they stay in step.
    if (this.#fine !== undefined && this.#fine.add(vector) !== slot)
      throw new RangeError('the vector blocks are out of step');
    this.chunkOf = grown(this.chunkOf, slot + 1);
    this.chunkOf[slot] = chunk;
    this.count++;
    return slot;
  }

  remove(slot: number): void {
    this.chunkOf[slot] = -1;
    this.#block.remove(slot);
    this.#fine?.remove(slot);
    this.count--;
  }

  /** The vector of a slot, from the finest block there is. */
  row(slot: number): Float32Array {
    return (this.#fine ?? this.#block).get(slot);
  }

  /** Similarities for all slots; free slots hold anything. */
  scan(query: Float32Array): Float32Array {
    const scores = this.#block.scores(query);
    if (this.#fine === undefined || scores.length === 0) return scores;
    const best = nearestSlots(scores, this.chunkOf, RESCORED);
    const finer = this.#fine.scoresOf(query, best);
    best.forEach((slot, at) => (scores[slot] = finer[at]!));
    return scores;
  }

  /** The arrays of a snapshot. */
  arrays(): { chunkOf: Int32Array; block: Uint8Array; fine?: Uint8Array } {
    const arrays = { chunkOf: this.chunkOf.slice(0, this.slots), block: this.#block.toBytes() };
    return this.#fine === undefined ? arrays : { ...arrays, fine: this.#fine.toBytes() };
  }

  restore(arrays: { chunkOf: Int32Array; block: Uint8Array; fine?: Uint8Array }): void {
    this.#block = openBlock(arrays.block, this.dimensions, this.metric);
    if (this.#fine !== undefined) {
      if (arrays.fine === undefined) throw new RangeError('the finer vectors are missing');
      this.#fine = openBlock(arrays.fine, this.dimensions, this.metric);
    }
    this.chunkOf = arrays.chunkOf;
    this.count = 0;
    for (const chunk of arrays.chunkOf) if (chunk >= 0) this.count++;
    if (this.#block.slots !== arrays.chunkOf.length) throw new RangeError('the vectors do not fit together');
  }
}

function rescoring(options: VectorOptions): Precision | undefined {
  const { precision = 'f32', rescore = precision === 'binary' ? 'int8' : 'none' } = options;
  return rescore === 'none' || rescore === precision || precision === 'f32' ? undefined : rescore;
}

/** The slots with the highest scores, free ones left out. */
function nearestSlots(scores: Float32Array, chunkOf: Int32Array, count: number): Int32Array {
  const top = new TopK(Math.min(count, scores.length));
  let { threshold } = top;
  for (let slot = 0; slot < scores.length; slot++) {
    if (scores[slot]! <= threshold || chunkOf[slot]! < 0) continue;
    top.push(slot, scores[slot]!);
    threshold = top.threshold;
  }
  return top.sorted().items;
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
