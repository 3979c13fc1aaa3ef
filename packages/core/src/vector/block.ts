import { kernelsSupported, VectorBlock } from '@burrow/kernels';
import { grown } from '../bytes/grow.ts';
import type { Metric, Precision } from '../types.ts';
import { similarityF32 } from './scan.ts';

/** A block of vectors in slots: the only part of this package that touches all vectors at once. */
export interface Block {
  /** One past the highest slot ever used. */
  readonly slots: number;
  readonly byteLength: number;
  add(vector: Float32Array): number;
  remove(slot: number): void;
  /** The vector as it is kept. */
  get(slot: number): Float32Array;
  /** Similarity of every slot, higher is nearer; free slots hold anything. */
  scores(query: Float32Array): Float32Array;
  /** Similarity of some slots. */
  scoresOf(query: Float32Array, slots: Int32Array): Float32Array;
  toBytes(): Uint8Array;
}

/** SIMD kernels over WebAssembly memory where the engine has them, else plain loops over f32. */
export function createBlock(dimensions: number, precision: Precision, metric: Metric): Block {
  return kernelsSupported()
    ? new KernelBlock(new VectorBlock({ dimensions, precision }), metric)
    : new PlainBlock(dimensions, metric);
}

export function openBlock(bytes: Uint8Array, dimensions: number, metric: Metric): Block {
  const block = kernelsSupported()
    ? new KernelBlock(VectorBlock.fromBytes(bytes), metric)
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

  add(vector: Float32Array): number {
    return this.#block.add(vector)[0]!;
  }

  remove(slot: number): void {
    this.#block.remove(slot);
  }

  get(slot: number): Float32Array {
    return this.#block.get(slot);
  }

  scores(query: Float32Array): Float32Array {
    if (this.#block.precision === 'binary') {
      return this.#similarities(this.#block.scores(query, { metric: 'hamming' }));
    }
    return this.#similarities(this.#block.scores(query, { metric: this.#metric }));
  }

  scoresOf(query: Float32Array, slots: Int32Array): Float32Array {
    const metric = this.#block.precision === 'binary' ? 'hamming' : this.#metric;
    const result = this.#block.scanSlots(query, slots, slots.length, { metric });
    const bySlot = new Map<number, number>();
    const scores = this.#similarities(result.scores);
    result.slots.forEach((slot, at) => bySlot.set(slot, scores[at]!));
    return Float32Array.from(slots, (slot) => bySlot.get(slot) ?? -Infinity);
  }

  toBytes(): Uint8Array {
    return this.#block.toBytes();
  }

  /** The kernels give distances as negative numbers, the Euclidean one squared, and bits that differ. */
  #similarities(scores: Float32Array): Float32Array {
    if (this.#block.precision === 'binary') {
      // The share of differing signs estimates the angle (Charikar, 2002).
      const step = Math.PI / this.#block.dimensions;
      for (let i = 0; i < scores.length; i++) scores[i] = Math.cos(-scores[i]! * step);
    } else if (this.#metric === 'euclidean') {
      for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.sqrt(Math.max(0, -scores[i]!)));
    } else if (this.#metric === 'manhattan') {
      for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.max(0, -scores[i]!));
    }
    return scores;
  }
}

/** The same without WebAssembly: f32 whatever the precision. */
class PlainBlock implements Block {
  readonly dimensions: number;
  readonly #metric: Metric;
  #rows: Float32Array = new Float32Array(0);
  #live: number[] = [];
  #free: number[] = [];

  constructor(dimensions: number, metric: Metric) {
    this.dimensions = dimensions;
    this.#metric = metric;
  }

  static from(bytes: Uint8Array, dimensions: number, metric: Metric): PlainBlock {
    const block = new PlainBlock(dimensions, metric);
    block.#rows = new Float32Array(bytes.slice().buffer);
    for (let slot = 0; slot < block.#rows.length / dimensions; slot++) block.#live[slot] = 1;
    return block;
  }

  get slots(): number {
    return this.#live.length;
  }

  get byteLength(): number {
    return this.#rows.byteLength;
  }

  add(vector: Float32Array): number {
    const slot = this.#free.pop() ?? this.#live.length;
    this.#rows = grown(this.#rows, (slot + 1) * this.dimensions);
    this.#rows.set(vector, slot * this.dimensions);
    this.#live[slot] = 1;
    return slot;
  }

  remove(slot: number): void {
    this.#live[slot] = 0;
    this.#free.push(slot);
  }

  get(slot: number): Float32Array {
    return this.#rows.slice(slot * this.dimensions, (slot + 1) * this.dimensions);
  }

  scores(query: Float32Array): Float32Array {
    return Float32Array.from({ length: this.slots }, (_, slot) => this.#score(query, slot));
  }

  scoresOf(query: Float32Array, slots: Int32Array): Float32Array {
    return Float32Array.from(slots, (slot) => this.#score(query, slot));
  }

  toBytes(): Uint8Array {
    return new Uint8Array(this.#rows.slice(0, this.slots * this.dimensions).buffer);
  }

  #score(query: Float32Array, slot: number): number {
    return similarityF32(this.#rows, slot * this.dimensions, this.dimensions, query, this.#metric);
  }
}
