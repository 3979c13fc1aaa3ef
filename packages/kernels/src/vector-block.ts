import { BlockMemory } from './block-memory.ts';
import type { KernelEngine } from './engine.ts';
import { KernelsError } from './errors.ts';
import { FreeSlots } from './free-slots.ts';
import { type Comparison, heapBytes } from './scan-job.ts';
import type { ScanOptions, ScanResult, VectorBlockOptions } from './vector-block-types.ts';
import { type BlockParts, decodeBlock, encodeBlock } from './vector-bytes.ts';
import {
  KIND,
  PLANES,
  type VectorPrecision,
  decodeRow,
  encodeRow,
  prepareQuery,
  rowBytes,
} from './vector-codec.ts';
import { BASE, checkFinite, type Layout, layoutOf, moveParts } from './vector-layout.ts';

const MAXIMUM_DIMENSIONS = 16384;

/**
 * Vectors in one contiguous block of WebAssembly memory, scanned exactly. A vector has a slot, a small number
 * that stays the same until it is removed; freed slots are used again, the lowest first.
 */
export class VectorBlock implements Disposable {
  readonly dimensions: number;
  readonly precision: VectorPrecision;
  readonly #memory: BlockMemory;
  #capacity = 0;
  #end = 0;
  #size = 0;
  #free = new FreeSlots();
  /** Where the parts lie now. */
  #layout: Layout;
  readonly #rowBytes: number;

  /** @throws {KernelsError} `invalid-argument` for dimensions out of range. */
  constructor(options: VectorBlockOptions) {
    const { dimensions, precision = 'f32', capacity = 0 } = options;
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAXIMUM_DIMENSIONS) {
      throw new KernelsError(
        'invalid-argument',
        `dimensions must be 1 to ${MAXIMUM_DIMENSIONS}, not ${dimensions}.`,
      );
    }
    this.dimensions = dimensions;
    this.precision = precision;
    this.#rowBytes = rowBytes(precision, dimensions);
    this.#layout = layoutOf(precision, this.#rowBytes, 0);
    this.#memory = new BlockMemory(options);
    if (capacity > 0) this.#grow(capacity);
  }

  /** Vectors in the block. */
  get size(): number {
    return this.#size;
  }

  /** One past the highest slot ever used: the length of `scores()` and of a filter, in slots. */
  get slots(): number {
    return this.#end;
  }

  /** WebAssembly memory held, in bytes. */
  get byteLength(): number {
    return this.#memory.byteLength;
  }

  get engine(): KernelEngine {
    return this.#memory.kernels.engine;
  }

  /** Threads that scan now: the caller's, and those of the others that have started. */
  get threads(): number {
    return this.#memory.threads;
  }

  /**
   * Adds vectors (count × dimensions, row-major) and returns their slots.
   * @throws {KernelsError} `invalid-argument` when the length is no multiple of the dimensions or a component
   * is not finite (nothing is added then); `out-of-memory`.
   */
  add(vectors: Float32Array): Uint32Array {
    this.#memory.check();
    const count = vectors.length / this.dimensions;
    if (!Number.isInteger(count)) {
      throw new KernelsError(
        'invalid-argument',
        `${vectors.length} numbers are not rows of ${this.dimensions}.`,
      );
    }
    checkFinite(vectors, this.dimensions);
    const needed = this.#end + Math.max(0, count - this.#free.size);
    if (needed > this.#capacity) this.#grow(Math.max(needed, Math.ceil(this.#capacity * 1.5)));
    const slots = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const slot = this.#free.pop() ?? this.#end++;
      this.#write(slot, vectors.subarray(i * this.dimensions, (i + 1) * this.dimensions));
      this.#mark(slot, true);
      slots[i] = slot;
    }
    this.#size += count;
    return slots;
  }

  /** Replaces the vector of a slot. @throws {KernelsError} `invalid-argument` when the slot is empty. */
  set(slot: number, vector: Float32Array): void {
    this.#expect(slot);
    if (vector.length !== this.dimensions) {
      throw new KernelsError(
        'invalid-argument',
        `A vector has ${this.dimensions} numbers, not ${vector.length}.`,
      );
    }
    checkFinite(vector, this.dimensions);
    this.#write(slot, vector);
  }

  /** Whether the slot holds a vector. */
  has(slot: number): boolean {
    if (!(slot >= 0 && slot < this.#end)) return false;
    return (this.#memory.words[(BASE >>> 2) + (slot >>> 5)]! & (1 << (slot & 31))) !== 0;
  }

  /** The vector of a slot, as it is kept (int8 and binary come back rounded). */
  get(slot: number): Float32Array {
    this.#expect(slot);
    const { scales } = this.#layout;
    const scale = this.precision === 'int8' ? this.#plane(scales)[slot]! : 1;
    return decodeRow(this.precision, this.#row(slot), scale, this.dimensions);
  }

  /** Frees a slot. Returns whether it held a vector. */
  remove(slot: number): boolean {
    if (!this.has(slot)) return false;
    this.#mark(slot, false);
    // What was removed must not live on in a snapshot of the block.
    this.#write(slot, new Float32Array(this.dimensions));
    this.#free.push(slot);
    this.#size--;
    return true;
  }

  /**
   * The k best vectors, exactly.
   * @throws {KernelsError} `invalid-argument` for a query of the wrong length or not finite, or a metric that
   * the precision lacks (binary has hamming alone, the others all but hamming).
   */
  scan(query: Float32Array, k: number, options: ScanOptions = {}): ScanResult {
    this.#memory.check();
    const { from, to } = this.#range(options);
    const limit = Math.min(Math.max(0, Math.floor(k)), this.#size);
    if (!(limit > 0) || from >= to) return { slots: new Uint32Array(0), scores: new Float32Array(0) };
    const words = (this.#end + 31) >>> 5;
    const heaps = heapBytes(limit) * this.#memory.heaps;
    const { scratch, comparison } = this.#prepare(query, options, heaps + words * 4);
    const filter = options.filter ? scratch + heaps : 0;
    if (options.filter) {
      const mask = new Uint32Array(this.#memory.buffer, filter, words);
      mask.fill(0);
      mask.set(options.filter.subarray(0, words));
    }
    this.#memory.run({ comparison, from, to, out: scratch, limit, live: BASE, filter }, this.#rowBytes);
    return this.#result(scratch, limit);
  }

  /** The k best of the listed slots: for rescoring what another block found. Empty slots are passed over. */
  scanSlots(
    query: Float32Array,
    slots: ArrayLike<number>,
    k: number,
    options: Pick<ScanOptions, 'metric'> = {},
  ): ScanResult {
    const { kernels } = this.#memory;
    const list: number[] = [];
    for (let i = 0; i < slots.length; i++) if (this.has(slots[i]!)) list.push(slots[i]!);
    const limit = Math.min(Math.max(0, Math.floor(k)), list.length);
    if (!(limit > 0)) return { slots: new Uint32Array(0), scores: new Float32Array(0) };
    const { scratch, comparison } = this.#prepare(query, options, limit * 8 + list.length * 4);
    kernels.exports.scanPrepare(...comparison);
    new Uint32Array(this.#memory.buffer, scratch + limit * 8, list.length).set(list);
    kernels.exports.heapReset(scratch, scratch + limit * 4, limit);
    kernels.exports.scanList(scratch + limit * 8, list.length);
    return this.#result(scratch, limit);
  }

  /**
   * The score of each of the listed slots, in their order; empty slots are −Infinity.
   * @throws {KernelsError} as `scan` does.
   */
  scoresOf(
    query: Float32Array,
    slots: ArrayLike<number>,
    options: Pick<ScanOptions, 'metric'> = {},
  ): Float32Array {
    const { kernels } = this.#memory;
    const { length } = slots;
    if (length === 0 || this.#end === 0) return new Float32Array(length).fill(-Infinity);
    const { scratch: list, comparison } = this.#prepare(query, options, (length * 2 + 4) * 4);
    kernels.exports.scanPrepare(...comparison);
    const words = new Uint32Array(this.#memory.buffer, list, length);
    const empty: number[] = [];
    for (let i = 0; i < length; i++) {
      const full = this.has(slots[i]!);
      words[i] = full ? slots[i]! : 0;
      if (!full) empty.push(i);
    }
    const out = list + length * 4;
    kernels.exports.scoreList(list, length, out);
    const scores = new Float32Array(this.#memory.buffer, out, length).slice();
    for (const i of empty) scores[i] = -Infinity;
    return scores;
  }

  /**
   * The score of every slot of the range; empty slots are −Infinity.
   *
   * @param into where to write them, for who asks often: a new array can take longer to get than to fill
   */
  scores(query: Float32Array, options: Omit<ScanOptions, 'filter'> = {}, into?: Float32Array): Float32Array {
    this.#memory.check();
    const { from, to } = this.#range(options);
    if (from >= to) return new Float32Array(0);
    const { scratch, comparison } = this.#prepare(query, options, (to - from + 4) * 4);
    this.#memory.run({ comparison, from, to, out: scratch, limit: 0, live: BASE, filter: 0 }, this.#rowBytes);
    const scores = into?.subarray(0, to - from) ?? new Float32Array(to - from);
    if (scores.length < to - from)
      throw new KernelsError('invalid-argument', `There are ${to - from} scores; ${scores.length} fit in.`);
    scores.set(new Float32Array(this.#memory.buffer, scratch, to - from));
    for (const slot of this.#free.values()) if (slot >= from && slot < to) scores[slot - from] = -Infinity;
    return scores;
  }

  /** Sum of all components as f32 words, read as fast as WebAssembly can: the limit for a scan (benchmarks). */
  sum(): number {
    const { rows } = this.#layout;
    return this.#memory.kernels.exports.sumBlock(rows, this.#end * this.#rowBytes);
  }

  /** The block as bytes, for a snapshot. */
  toBytes(): Uint8Array {
    const steps = this.toBytesInSteps();
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /**
   * Like `toBytes`, in steps of less than a millisecond, so that other work can have its turn between two of them. Scans
   * may run meanwhile; the block must not be changed before the last step.
   */
  toBytesInSteps(): Generator<undefined, Uint8Array> {
    return encodeBlock(() => this.#parts());
  }

  #parts(): BlockParts {
    const { rows, cosines, scales } = this.#layout;
    const planes = [cosines, scales].slice(0, PLANES[this.precision]);
    return {
      precision: this.precision,
      dimensions: this.dimensions,
      slots: this.#end,
      live: this.#live().subarray(0, (this.#end + 31) >>> 5),
      planes: planes.map((plane) => this.#plane(plane).subarray(0, this.#end)),
      rows: this.#memory.bytes.subarray(rows, rows + this.#end * this.#rowBytes),
    };
  }

  /** A block from `toBytes()`. @throws {KernelsError} `bad-data` when the bytes are not such a block. */
  static fromBytes(
    bytes: Uint8Array,
    options: Pick<VectorBlockOptions, 'engine' | 'threads' | 'worker'> = {},
  ): VectorBlock {
    const parts = decodeBlock(bytes);
    const block = new VectorBlock({ ...options, ...parts, capacity: parts.slots });
    block.#end = parts.slots;
    const { rows, cosines, scales } = block.#layout;
    block.#memory.bytes.set(parts.rows, rows);
    parts.planes.forEach((plane, i) => block.#plane(i === 0 ? cosines : scales).set(plane));
    block.#live().set(parts.live);
    for (let slot = 0; slot < parts.slots; slot++) {
      if (block.has(slot)) block.#size++;
      else block.#free.push(slot);
    }
    return block;
  }

  /** Gives the memory back. The block cannot be used afterwards. */
  dispose(): void {
    this.#memory.dispose();
    this.#size = this.#end = this.#capacity = 0;
    this.#free = new FreeSlots();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, BASE, this.#capacity >>> 5);
  }

  #plane(from: number): Float32Array {
    return new Float32Array(this.#memory.buffer, from, this.#capacity);
  }

  #row(slot: number): Uint8Array {
    const from = this.#layout.rows + slot * this.#rowBytes;
    return this.#memory.bytes.subarray(from, from + this.#rowBytes);
  }

  #grow(slots: number): void {
    const capacity = Math.ceil(slots / 128) * 128;
    const before = this.#layout;
    const after = layoutOf(this.precision, this.#rowBytes, capacity);
    this.#memory.reserve(after.end);
    const view = this.#memory.bytes;
    moveParts(view, before, after, { slots: this.#end, rowBytes: this.#rowBytes, precision: this.precision });
    view.fill(0, BASE + this.#capacity / 8, BASE + capacity / 8);
    this.#capacity = capacity;
    this.#layout = after;
  }

  #write(slot: number, vector: Float32Array): void {
    const { cosines, scales } = this.#layout;
    const row = this.#row(slot);
    row.fill(0); // may hold a moved part or an earlier query
    const { cosine, scale } = encodeRow(this.precision, vector, row);
    if (PLANES[this.precision] > 0) this.#memory.floats[(cosines >>> 2) + slot] = cosine;
    if (PLANES[this.precision] > 1) this.#memory.floats[(scales >>> 2) + slot] = scale;
  }

  #mark(slot: number, on: boolean): void {
    const { words } = this.#memory;
    const word = (BASE >>> 2) + (slot >>> 5);
    if (on) words[word]! |= 1 << (slot & 31);
    else words[word]! &= ~(1 << (slot & 31));
  }

  #expect(slot: number): void {
    this.#memory.check();
    if (!this.has(slot)) throw new KernelsError('invalid-argument', `Slot ${slot} holds no vector.`);
  }

  #range({ from = 0, to = this.#end }: ScanOptions): { from: number; to: number } {
    if (!Number.isInteger(from) || from < 0 || from % 32 !== 0) {
      throw new KernelsError('invalid-argument', `from must be a multiple of 32, not ${from}.`);
    }
    return { from, to: Math.min(to, this.#end) };
  }

  /** Puts the query after the rows; the caller's scratch bytes begin where it ends. */
  #prepare(
    query: Float32Array,
    options: Pick<ScanOptions, 'metric'>,
    scratchBytes: number,
  ): { scratch: number; comparison: Comparison } {
    const metric = options.metric ?? (this.precision === 'binary' ? 'hamming' : 'cosine');
    if (query.length !== this.dimensions) {
      throw new KernelsError(
        'invalid-argument',
        `The query has ${query.length} numbers, the block ${this.dimensions}.`,
      );
    }
    checkFinite(query, this.dimensions);
    const { bytes, scale, square } = prepareQuery(this.precision, metric, query, this.#rowBytes);
    const { end, rows, cosines, scales } = this.#layout;
    const { kernels } = this.#memory;
    kernels.reserve(end + bytes.length + scratchBytes);
    this.#memory.bytes.set(bytes, end);
    const kind = KIND[this.precision][metric]!;
    const weights = metric === 'cosine' ? cosines : this.precision === 'int8' ? scales : 0;
    const comparison: Comparison = [kind, rows, this.#rowBytes, end, weights, cosines, scale, square];
    return { scratch: end + bytes.length, comparison };
  }

  #result(scratch: number, limit: number): ScanResult {
    const count = this.#memory.kernels.exports.heapSort();
    const { buffer } = this.#memory;
    return {
      scores: new Float32Array(buffer, scratch, count).slice(),
      slots: new Uint32Array(buffer, scratch + limit * 4, count).slice(),
    };
  }
}
