import type { KernelExports } from './exports.ts';

/**
 * What the threads of a scan share, by place in one `Int32Array` of shared memory. Pieces of a scan are taken by counting
 * `LEFT` down: who gets a number above zero has a piece, and the job stays as it is until all pieces are reported. Whoever
 * comes late gets zero or less and has nothing to do, so no thread is waited for that did not begin.
 */
export const SIGNAL = 0;
export const READY = 1;
export const LEFT = 2;
export const DONE = 3;
const JOB = 4;
const PIECES = 5;
const PIECE_SLOTS = 6;
const FROM = 7;
const TO = 8;
const OUT = 9;
const LIVE = 10;
const FILTER = 11;
const LIMIT = 12;
const PREPARED = 13;
const SCALE = PREPARED + 6;
const SQUARE = SCALE + 1;
/** How many rows the heap of each thread holds. */
const HELD = SQUARE + 1;

/** What is compared with what: the arguments of the kernel `scanPrepare`. */
export type Comparison = [
  kind: number,
  rows: number,
  rowBytes: number,
  query: number,
  weights: number,
  cosines: number,
  scale: number,
  square: number,
];

/** Rows to compare, and where the outcome goes. */
export interface ScanJob {
  comparison: Comparison;
  from: number;
  to: number;
  /** For all scores: where they go. For the best: the heaps of the threads, one after another, `limit` × 8 bytes each. */
  out: number;
  /** How many of the best are wanted; 0 for the scores of all. */
  limit: number;
  /** Bitmaps of slots, for the best: those in use, and those that may be found (0 for all). */
  live: number;
  filter: number;
}

/** Room for the numbers of so many threads. */
export function sharedNumbers(threads: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((HELD + threads) * 4));
}

/** Bytes of what each thread keeps its best in. */
export function heapBytes(limit: number): number {
  return limit * 8;
}

/** Writes a job for all threads to see. Its pieces can be taken from the moment on that `LEFT` says so. */
export function writeJob(shared: Int32Array, job: ScanJob, pieceSlots: number): number {
  const pieces = Math.ceil((job.to - job.from) / pieceSlots);
  shared[PIECES] = pieces;
  shared[PIECE_SLOTS] = pieceSlots;
  shared[FROM] = job.from;
  shared[TO] = job.to;
  shared[OUT] = job.out;
  shared[LIVE] = job.live;
  shared[FILTER] = job.filter;
  shared[LIMIT] = job.limit;
  shared.set(job.comparison.slice(0, 6), PREPARED);
  new Float32Array(shared.buffer).set(job.comparison.slice(6), SCALE);
  shared.fill(0, HELD);
  Atomics.store(shared, DONE, 0);
  Atomics.add(shared, JOB, 1);
  return pieces;
}

/** One thread's part in scans. */
export class ScanShare {
  readonly #kernels: KernelExports;
  readonly #shared: Int32Array;
  readonly #floats: Float32Array;
  /** Number of this thread; the caller's is 0. */
  readonly #self: number;
  #job = 0;

  constructor(kernels: KernelExports, shared: Int32Array, self: number) {
    this.#kernels = kernels;
    this.#shared = shared;
    this.#floats = new Float32Array(shared.buffer);
    this.#self = self;
  }

  /** Works on pieces of the open job until none is left. */
  work(): void {
    const shared = this.#shared;
    for (;;) {
      const left = Atomics.sub(shared, LEFT, 1);
      if (left <= 0) return;
      if (Atomics.load(shared, JOB) !== this.#job) this.begin();
      const from = shared[FROM]! + (shared[PIECES]! - left) * shared[PIECE_SLOTS]!;
      const to = Math.min(from + shared[PIECE_SLOTS]!, shared[TO]!);
      const out = shared[OUT]! >>> 0;
      if (shared[LIMIT] === 0) this.#kernels.scanAll(from, to, out + (from - shared[FROM]!) * 4);
      else {
        this.#kernels.scanTop(from, to, shared[LIVE]! >>> 0, shared[FILTER]! >>> 0);
        shared[HELD + this.#self] = this.#kernels.heapSize();
      }
      Atomics.add(shared, DONE, 1);
      Atomics.notify(shared, DONE);
    }
  }

  /** Makes the kernels of this thread ready for the open job. */
  begin(): void {
    const shared = this.#shared;
    this.#job = Atomics.load(shared, JOB);
    const [kind, rows, rowBytes, query, weights, cosines] = shared.subarray(PREPARED, PREPARED + 6);
    this.#kernels.scanPrepare(
      kind!,
      rows! >>> 0,
      rowBytes!,
      query! >>> 0,
      weights! >>> 0,
      cosines! >>> 0,
      this.#floats[SCALE]!,
      this.#floats[SQUARE]!,
    );
    const heap = this.#heapOf(this.#self);
    this.#kernels.heapReset(heap, heap + shared[LIMIT]! * 4, shared[LIMIT]!);
  }

  /** Puts what the other threads found into the heap of this one. */
  gather(threads: number): void {
    const slots = this.#shared[LIMIT]! * 4;
    for (let other = 0; other < threads; other++) {
      const held = this.#shared[HELD + other]!;
      if (other !== this.#self && held > 0) this.#kernels.scanList(this.#heapOf(other) + slots, held);
    }
  }

  #heapOf(thread: number): number {
    return (this.#shared[OUT]! >>> 0) + thread * heapBytes(this.#shared[LIMIT]!);
  }
}
