import { kernelsSupported, VectorBlock, type VectorBlockOptions } from '@burrow/kernels';
import { grown } from '../bytes/grow.ts';
import { finish, type Steps } from '../bytes/steps.ts';
import type { Metric, Precision } from '../types.ts';
import { similarityF32 } from './scan.ts';
import { TopK } from './top-k.ts';

export interface ScoreOptions {
  /** Instead of the block's own. */
  metric?: Metric;
  /** First slot, a multiple of 32, and one past the last; all by default. */
  from?: number;
  to?: number;
}

/** A block of vectors in slots: the only part of this package that touches all vectors at once. */
export interface Block {
  /** One past the highest slot ever used. */
  readonly slots: number;
  readonly byteLength: number;
  /** Threads that scan now. */
  readonly threads: number;
  add(vector: Float32Array): number;
  /** Replaces a vector. */
  set(slot: number, vector: Float32Array): void;
  remove(slot: number): void;
  /** The vector as it is kept. */
  get(slot: number): Float32Array;
  /** Similarity of every slot, higher is nearer; free slots hold anything. Written to `into` where that is given. */
  scores(query: Float32Array, options?: ScoreOptions, into?: Float32Array): Float32Array;
  /** The most similar among the slots of a bitmap, best first. */
  nearest(
    query: Float32Array,
    count: number,
    among: Uint32Array,
  ): { slots: ArrayLike<number>; scores: ArrayLike<number> };
  /** Similarity of some slots. */
  scoresOf(query: Float32Array, slots: Int32Array): Float32Array;
  toBytes(): Uint8Array;
  /** The block must not change between the steps. */
  toBytesInSteps(): Steps<Uint8Array>;
  /** Gives the memory back; the block cannot be used afterwards. */
  dispose(): void;
}

/** Who compares: how many threads, and where the helpers' code is. */
export type ScanThreads = Pick<VectorBlockOptions, 'threads' | 'worker'>;

/** SIMD kernels over WebAssembly memory where the engine has them, else plain loops over f32. */
export function createBlock(
  dimensions: number,
  precision: Precision,
  metric: Metric,
  threads?: ScanThreads,
): Block {
  return kernelsSupported()
    ? new KernelBlock(new VectorBlock({ dimensions, precision, ...threads }), metric)
    : new PlainBlock(dimensions, metric);
}

export function openBlock(
  bytes: Uint8Array,
  dimensions: number,
  metric: Metric,
  threads?: ScanThreads,
): Block {
  const block = kernelsSupported()
    ? new KernelBlock(VectorBlock.fromBytes(bytes, threads), metric)
    : PlainBlock.from(bytes, dimensions, metric);
  if (block.dimensions !== dimensions) throw new RangeError('the vectors have other dimensions');
  return block;
}

class KernelBlock implements Block {
  readonly #block: VectorBlock;
  readonly #metric: Metric;

  constructor(block: VectorBlock, metric: Metric) {
    this.#block = block;
    this.#metric = metric;
  }

  get dimensions(): number {
    return this.#block.dimensions;
  }

  get slots(): number {
    return this.#block.slots;
  }

  get byteLength(): number {
    return this.#block.byteLength;
  }

  get threads(): number {
    return this.#block.threads;
  }

  add(vector: Float32Array): number {
    return this.#block.add(vector)[0]!;
  }

  set(slot: number, vector: Float32Array): void {
    this.#block.set(slot, vector);
  }

  remove(slot: number): void {
    this.#block.remove(slot);
  }

  get(slot: number): Float32Array {
    return this.#block.get(slot);
  }

  scores(query: Float32Array, { metric, from, to }: ScoreOptions = {}, into?: Float32Array): Float32Array {
    const scored = this.#block.scores(query, { metric: this.#kernelMetric(metric), from, to }, into);
    return this.#similarities(scored, metric);
  }

  nearest(
    query: Float32Array,
    count: number,
    among: Uint32Array,
  ): { slots: ArrayLike<number>; scores: ArrayLike<number> } {
    const { slots, scores } = this.#block.scan(query, count, { metric: this.#kernelMetric(), filter: among });
    return { slots, scores: this.#similarities(scores) };
  }

  scoresOf(query: Float32Array, slots: Int32Array): Float32Array {
    const scores = this.#block.scoresOf(query, slots, { metric: this.#kernelMetric() });
    return this.#similarities(scores);
  }

  toBytes(): Uint8Array {
    return this.#block.toBytes();
  }

  toBytesInSteps(): Steps<Uint8Array> {
    return this.#block.toBytesInSteps();
  }

  dispose(): void {
    this.#block.dispose();
  }

  #kernelMetric(metric: Metric = this.#metric): Metric | 'hamming' {
    return this.#block.precision === 'binary' ? 'hamming' : metric;
  }

  /** The kernels give distances as negative numbers, the Euclidean one squared, and bits that differ. */
  #similarities(scores: Float32Array, metric: Metric = this.#metric): Float32Array {
    if (this.#block.precision === 'binary') {
      // The share of differing signs estimates the angle (Charikar, 2002).
      const step = Math.PI / this.#block.dimensions;
      for (let i = 0; i < scores.length; i++) scores[i] = Math.cos(-scores[i]! * step);
    } else if (metric === 'euclidean') {
      for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.sqrt(Math.max(0, -scores[i]!)));
    } else if (metric === 'manhattan') {
      for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.max(0, -scores[i]!));
    }
    return scores;
  }
}

/** The same without WebAssembly: f32 whatever the precision. */
class PlainBlock implements Block {
  readonly dimensions: number;
  readonly threads = 1;
  readonly #metric: Metric;
  #rows: Float32Array = new Float32Array(0);
  #live: Uint8Array = new Uint8Array(0);
  #slots = 0;
  /** Lowest last. */
  #free: number[] = [];

  constructor(dimensions: number, metric: Metric) {
    this.dimensions = dimensions;
    this.#metric = metric;
  }

  static from(bytes: Uint8Array, dimensions: number, metric: Metric): PlainBlock {
    const block = new PlainBlock(dimensions, metric);
    const slots = bytes.length / (dimensions * 4 + 1);
    if (!Number.isInteger(slots))
      throw new RangeError('the vectors have other dimensions, or come from an engine with WebAssembly');
    const rows = slots * dimensions * 4;
    block.#rows = new Float32Array(bytes.slice(0, rows).buffer);
    block.#live = bytes.slice(rows);
    block.#slots = slots;
    for (let slot = slots - 1; slot >= 0; slot--) if (block.#live[slot] === 0) block.#free.push(slot);
    return block;
  }

  get slots(): number {
    return this.#slots;
  }

  get byteLength(): number {
    return this.#rows.byteLength + this.#live.byteLength;
  }

  add(vector: Float32Array): number {
    const slot = this.#free.pop() ?? this.#slots++;
    this.#rows = grown(this.#rows, this.#slots * this.dimensions);
    this.#live = grown(this.#live, this.#slots);
    this.set(slot, vector);
    this.#live[slot] = 1;
    return slot;
  }

  set(slot: number, vector: Float32Array): void {
    this.#rows.set(vector, slot * this.dimensions);
  }

  remove(slot: number): void {
    this.#live[slot] = 0;
    // What was removed must not live on in a snapshot of the block.
    this.#rows.fill(0, slot * this.dimensions, (slot + 1) * this.dimensions);
    let at = this.#free.length;
    while (at > 0 && this.#free[at - 1]! < slot) at--;
    this.#free.splice(at, 0, slot);
  }

  get(slot: number): Float32Array {
    return this.#rows.slice(slot * this.dimensions, (slot + 1) * this.dimensions);
  }

  scores(
    query: Float32Array,
    { metric, from = 0, to = this.slots }: ScoreOptions = {},
    into: Float32Array = new Float32Array(to - from),
  ): Float32Array {
    for (let slot = from; slot < to; slot++) into[slot - from] = this.#score(query, slot, metric);
    return into.subarray(0, to - from);
  }

  nearest(
    query: Float32Array,
    count: number,
    among: Uint32Array,
  ): { slots: Int32Array; scores: Float64Array } {
    const top = new TopK(Math.min(count, this.slots));
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.#live[slot] === 1 && (among[slot >>> 5]! & (1 << (slot & 31))) !== 0)
        top.push(slot, this.#score(query, slot));
    }
    const { items, scores } = top.sorted();
    return { slots: items, scores };
  }

  scoresOf(query: Float32Array, slots: Int32Array): Float32Array {
    return Float32Array.from(slots, (slot) => this.#score(query, slot));
  }

  toBytes(): Uint8Array {
    return finish(this.toBytesInSteps());
  }

  /** All rows, then for each slot whether it is in use. */
  *toBytesInSteps(): Steps<Uint8Array> {
    const rows = this.#rows.subarray(0, this.slots * this.dimensions);
    const bytes = new Uint8Array(rows.byteLength + this.slots);
    bytes.set(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    yield;
    bytes.set(this.#live.subarray(0, this.slots), rows.byteLength);
    return bytes;
  }

  dispose(): void {
    this.#rows = new Float32Array(0);
    this.#live = new Uint8Array(0);
    this.#free = [];
    this.#slots = 0;
  }

  #score(query: Float32Array, slot: number, metric: Metric = this.#metric): number {
    return similarityF32(this.#rows, slot * this.dimensions, this.dimensions, query, metric);
  }
}
