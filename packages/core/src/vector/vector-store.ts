import { grown } from '../bytes/grow.ts';
import { finish, type Steps } from '../bytes/steps.ts';
import { SearchError, show } from '../errors.ts';
import type { Metric, Precision, VectorOptions } from '../types.ts';
import { type Block, createBlock, openBlock, type ScanThreads } from './block.ts';
import { InvertedFile, type InvertedFileArrays, type Rows } from './inverted-file.ts';
import { TopK } from './top-k.ts';

/** How many of the nearest by rough scores are scored again with the finer vectors. */
const RESCORED = 400;
/** From so many vectors on, `auto` looks through the nearest lists only: a scan of all takes 5 ms here at 384 dimensions. */
const AUTOMATIC_FROM = 100_000;
/** Fewer are scanned whole, whatever the option says. */
const LEAST_LISTED = 4096;
/** How many vectors an approximate search compares with the query: at least these, and this share of all. */
const LEAST_COMPARED = 6144;
const SHARE_COMPARED = 0.05;

/** All vectors of an index, by slot; freed slots are used again. */
export class VectorStore {
  readonly dimensions: number;
  readonly metric: Metric;
  /** Slot → chunk, or -1 where the slot is free. */
  chunkOf: Int32Array = new Int32Array(64);
  count = 0;
  #block: Block;
  /** Only scans of all are shared: what is looked at twice is little. */
  readonly #threads: ScanThreads;
  /** Finer vectors for the second look at the best; the same slots. */
  #fine: Block | undefined;
  /** From how many vectors on there are lists of near ones. */
  readonly #listedFrom: number;
  #lists: InvertedFile | undefined;
  readonly #rows: Rows;

  constructor(options: VectorOptions) {
    this.dimensions = options.dimensions;
    this.metric = options.metric ?? 'cosine';
    this.#threads = { threads: options.threads ?? 'auto', worker: options.scanWorker };
    this.#block = createBlock(this.dimensions, options.precision ?? 'f32', this.metric, this.#threads);
    const rescore = rescoring(options);
    if (rescore !== undefined) this.#fine = createBlock(this.dimensions, rescore, this.metric);
    const { index = 'auto' } = options;
    this.#listedFrom = index === 'exact' ? Infinity : index === 'approximate' ? LEAST_LISTED : AUTOMATIC_FROM;
    this.#rows = {
      slots: () => this.slots,
      holds: (slot) => this.chunkOf[slot]! >= 0,
      row: (slot) => this.row(slot),
    };
  }

  get slots(): number {
    return this.#block.slots;
  }

  get bytes(): number {
    const lists = this.#lists?.bytes ?? 0;
    return this.#block.byteLength + (this.#fine?.byteLength ?? 0) + this.chunkOf.byteLength + lists;
  }

  /** Threads that scan now. */
  get threads(): number {
    return this.#block.threads;
  }

  add(chunk: number, vector: Float32Array): number {
    const slot = this.#block.add(vector);
    // Both blocks hand out the lowest free slot, so they stay in step.
    if (this.#fine !== undefined && this.#fine.add(vector) !== slot)
      throw new RangeError('the vector blocks are out of step');
    this.chunkOf = grown(this.chunkOf, slot + 1);
    this.chunkOf[slot] = chunk;
    this.count++;
    if (this.#lists !== undefined) this.#lists.add(slot, vector, this.#rows);
    else this.#listWhereDue();
    return slot;
  }

  remove(slot: number): void {
    this.#lists?.remove(slot);
    this.chunkOf[slot] = -1;
    this.#block.remove(slot);
    this.#fine?.remove(slot);
    this.count--;
  }

  /** The vector of a slot, from the finest block there is. */
  row(slot: number): Float32Array {
    return (this.#fine ?? this.#block).get(slot);
  }

  /**
   * Similarities for all slots; free slots hold anything.
   *
   * @param allowed which slots a second look may be spent on; all by default
   * @param into where to write them; as long as there are slots
   */
  scan(query: Float32Array, allowed?: (slot: number) => boolean, into?: Float32Array): Float32Array {
    const scores = this.#block.scores(query, {}, into);
    if (this.#fine === undefined || scores.length === 0) return scores;
    const best = nearestSlots(scores, RESCORED, allowed ?? this.#rows.holds);
    const finer = this.#fine.scoresOf(query, best);
    // What only has a rough score stays below what was looked at twice.
    const ceiling = finer.reduce((least, score) => Math.min(least, score), Infinity);
    for (let slot = 0; slot < scores.length; slot++) if (scores[slot]! > ceiling) scores[slot] = ceiling;
    best.forEach((slot, at) => (scores[slot] = finer[at]!));
    return scores;
  }

  /** Whether searches look through a part of the vectors only. */
  get approximate(): boolean {
    return this.#lists !== undefined;
  }

  /**
   * The nearest vectors, by an approximate search: those that are compared with the query are the ones in the lists
   * nearest to it. Where a filter leaves no more than twice as many, it is exactly these.
   *
   * @param allowed which slots may be found, and how many those are
   */
  nearest(
    query: Float32Array,
    count: number,
    allowed?: { has: (slot: number) => boolean; count: number },
  ): { slots: Int32Array; scores: Float32Array } {
    const enough = Math.max(LEAST_COMPARED, count, Math.ceil(this.count * SHARE_COMPARED));
    const few = allowed !== undefined && allowed.count <= enough * 2;
    const among = few ? this.#bitmapOf(allowed.has) : this.#lists!.near(query, enough, allowed?.has);
    if (this.#fine === undefined) return copied(this.#block.nearest(query, count, among));
    const found = copied(this.#block.nearest(query, Math.max(count, RESCORED), among));
    const finer = this.#fine.scoresOf(query, found.slots.subarray(0, RESCORED));
    const ceiling = finer.reduce((least, score) => Math.min(least, score), Infinity);
    const top = new TopK(Math.min(count, found.slots.length));
    found.slots.forEach((slot, at) => top.push(slot, finer[at] ?? Math.min(found.scores[at]!, ceiling)));
    const { items, scores } = top.sorted();
    return { slots: items, scores: Float32Array.from(scores) };
  }

  /** Similarity of some slots, as fine as it is known. */
  scoresOf(query: Float32Array, slots: Int32Array): Float32Array {
    return slots.length === 0 ? new Float32Array(0) : (this.#fine ?? this.#block).scoresOf(query, slots);
  }

  /** The arrays of a snapshot; good until the next change. */
  arrays(): VectorArrays {
    return finish(this.arraysInSteps());
  }

  *arraysInSteps(): Steps<VectorArrays> {
    const chunkOf = this.chunkOf.subarray(0, this.slots);
    const arrays: VectorArrays = { chunkOf, block: yield* this.#block.toBytesInSteps() };
    if (this.#fine !== undefined) arrays.fine = yield* this.#fine.toBytesInSteps();
    return this.#lists === undefined ? arrays : { ...arrays, ...this.#lists.arrays(this.slots) };
  }

  restore(arrays: VectorArrays): void {
    this.#block.dispose();
    this.#block = openBlock(arrays.block, this.dimensions, this.metric, this.#threads);
    if (this.#fine !== undefined) {
      if (arrays.fine === undefined) throw new RangeError('the finer vectors are missing');
      this.#fine.dispose();
      this.#fine = openBlock(arrays.fine, this.dimensions, this.metric);
    }
    this.chunkOf = arrays.chunkOf;
    this.count = 0;
    for (const chunk of arrays.chunkOf) if (chunk >= 0) this.count++;
    if (this.#block.slots !== arrays.chunkOf.length) throw new RangeError('the vectors do not fit together');
    const { groupCentres, listCentres, listOf } = arrays;
    if (this.#listedFrom === Infinity) return;
    if (groupCentres !== undefined && listCentres !== undefined && listOf !== undefined) {
      const lists = { groupCentres, listCentres, listOf };
      this.#lists = InvertedFile.from(lists, this.#rows, this.dimensions, this.metric);
    } else this.#listWhereDue();
  }

  /** Gives the memory of the vectors back; the store cannot be used afterwards. */
  dispose(): void {
    this.#block.dispose();
    this.#fine?.dispose();
    this.#lists?.dispose();
    this.#lists = undefined;
    this.chunkOf = new Int32Array(0);
    this.count = 0;
  }

  #listWhereDue(): void {
    if (this.count >= this.#listedFrom)
      this.#lists = InvertedFile.over(this.#rows, this.dimensions, this.metric);
  }

  #bitmapOf(has: (slot: number) => boolean): Uint32Array {
    const bitmap = new Uint32Array((this.slots + 31) >>> 5);
    for (let slot = 0; slot < this.slots; slot++) if (has(slot)) bitmap[slot >>> 5]! |= 1 << (slot & 31);
    return bitmap;
  }
}

export interface VectorArrays extends Partial<InvertedFileArrays> {
  chunkOf: Int32Array;
  block: Uint8Array;
  fine?: Uint8Array;
}

function copied(found: { slots: ArrayLike<number>; scores: ArrayLike<number> }): {
  slots: Int32Array;
  scores: Float32Array;
} {
  return { slots: Int32Array.from(found.slots), scores: Float32Array.from(found.scores) };
}

function rescoring(options: VectorOptions): Precision | undefined {
  const { precision = 'f32', rescore = precision === 'binary' ? 'int8' : 'none' } = options;
  return rescore === 'none' || rescore === precision || precision === 'f32' ? undefined : rescore;
}

/** The allowed slots with the highest scores. */
function nearestSlots(scores: Float32Array, count: number, allowed: (slot: number) => boolean): Int32Array {
  const top = new TopK(Math.min(count, scores.length));
  let { threshold } = top;
  for (let slot = 0; slot < scores.length; slot++) {
    if (scores[slot]! <= threshold || !allowed(slot)) continue;
    top.push(slot, scores[slot]!);
    threshold = top.threshold;
  }
  return top.sorted().items;
}

/**
 * A vector, checked, of unit length where the metric is cosine; a copy, unless that is not asked for and none is needed.
 * Throws on a wrong length, on NaN and infinities, and on zero vectors where they have no direction.
 */
export function checkVector(
  values: ArrayLike<number>,
  dimensions: number,
  metric: Metric,
  where: { id?: string; what: string; copy?: boolean },
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
  // An array of anything may hold more than numbers.
  if (!(values instanceof Float32Array)) checkEach(values, where.what, details);
  const sum = sumOfSquares(values);
  // Whatever is not finite makes the sum so.
  if (!Number.isFinite(sum)) checkEach(values, where.what, details);
  if (metric === 'cosine' && (sum === 0 || !Number.isFinite(sum))) {
    throw new SearchError(
      'invalid-vector',
      `${where.what} is all zeros or out of range: it has no direction.`,
      { ...details, value: sum },
    );
  }
  const asItIs = metric !== 'cosine' || Math.abs(sum - 1) <= 1e-6;
  if (asItIs && where.copy === false && values instanceof Float32Array) return values;
  const vector = new Float32Array(values);
  if (asItIs) return vector;
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < dimensions; i++) vector[i]! *= scale;
  return vector;
}

function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function checkEach(values: ArrayLike<number>, what: string, details: { id?: string; field: string }): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (typeof value === 'number' && Number.isFinite(value)) continue;
    throw new SearchError(
      'invalid-vector',
      `${what} holds ${show(value)} at place ${i}; every number must be finite.`,
      { ...details, value },
    );
  }
}
