import type { Kernels } from './engine.ts';
import { DONE, LEFT, READY, type ScanJob, ScanShare, SIGNAL, sharedNumbers, writeJob } from './scan-job.ts';

/** What a helper is started with. */
export interface HelperStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  shared: Int32Array;
  self: number;
  /** After so long without a scan, in ms, it ends and gives its memory back; the next scan starts another. */
  patience: number;
}

/** Address of the built worker that helps with scans; give your own where a bundler moves the code but not the file. */
export const scanWorker: string = new URL('../dist/scan-worker.js', import.meta.url).href;

/** Bytes of rows that a thread takes at a time: some 15 µs of work, far more than taking them costs. */
const PIECE_BYTES = 256 * 1024;
/** Scans of fewer bytes are over before another thread has woken up. */
const LEAST_BYTES = 6 * 1024 * 1024;
/** Looks before the caller's thread goes to sleep: some dozens of microseconds, less than a piece takes. */
const SPINS = 20_000;
/** A page's own thread may not sleep. */
const MAY_SLEEP = !('document' in globalThis);
/** After so long (ms) without the pieces that others took, they are done again and the others are not asked any more. */
const PATIENCE = MAY_SLEEP ? 5000 : 500;
const HELPER_PATIENCE = 60_000;

/** Whether memory can be shared with other threads: in isolated pages, and in Node. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer !== 'function') return false;
  return (
    globalThis.crossOriginIsolated === true || (typeof Worker !== 'function' && nodeThreads() !== undefined)
  );
}

/** How many threads compare where none are named: the cores, but no more than the memory bus feeds. */
export function usualThreads(): number {
  return Math.min(4, availableCores());
}

/** How many threads can run at once here, at least 1. */
export function availableCores(): number {
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? nodeCores());
}

/**
 * Threads that help the caller's with its scans. They are started by the first scan that is worth it, and take part from
 * when they are there; one that cannot start, ends or hangs costs time but never an answer, because the caller's thread
 * takes whatever pieces are left.
 */
export class ScanCrew {
  readonly #kernels: Kernels;
  readonly #shared: Int32Array;
  readonly #own: ScanShare;
  readonly #threads: number;
  readonly #url: string;
  /** By number: those that were started, less those that ended because they had nothing to do. */
  readonly #helpers = new Map<number, { terminate(): void }>();
  #starting: ReturnType<typeof setTimeout> | undefined;
  /** Whether a thread took a piece and did not bring it back. */
  broken = false;

  /** @param threads the caller's included */
  constructor(kernels: Kernels, threads: number, url: string = scanWorker) {
    this.#kernels = kernels;
    this.#threads = threads;
    this.#url = url;
    this.#shared = sharedNumbers(threads);
    this.#own = new ScanShare(kernels.exports, this.#shared, 0);
  }

  /** Threads that take part now, the caller's included. */
  get threads(): number {
    return this.broken ? 1 : 1 + Atomics.load(this.#shared, READY);
  }

  /** Heaps that a search for the best needs room for. */
  get heaps(): number {
    return this.#threads;
  }

  /**
   * Does a job with the others' help, if that is worth it.
   * @returns false when it was not done: the caller has to do it alone
   */
  run(job: ScanJob, rowBytes: number): boolean {
    if (this.broken || (job.to - job.from) * rowBytes < LEAST_BYTES) return false;
    // Starting a worker takes longer than many a scan: this one does not wait for it.
    if (this.#helpers.size < this.#threads - 1)
      this.#starting ??= setTimeout(() => {
        this.#starting = undefined;
        for (let self = 1; self < this.#threads; self++) if (!this.#helpers.has(self)) this.#start(self);
      });
    if (Atomics.load(this.#shared, READY) === 0) return false;
    const pieceSlots = Math.max(32, Math.floor(PIECE_BYTES / rowBytes / 32) * 32);
    const pieces = writeJob(this.#shared, job, pieceSlots);
    this.#own.begin();
    Atomics.store(this.#shared, LEFT, pieces);
    Atomics.add(this.#shared, SIGNAL, 1);
    Atomics.notify(this.#shared, SIGNAL);
    this.#own.work();
    if (!this.#othersAreDone(pieces)) {
      this.broken = true;
      this.dispose();
      return false;
    }
    if (job.limit > 0) this.#own.gather(this.#threads);
    return true;
  }

  dispose(): void {
    clearTimeout(this.#starting);
    for (const helper of this.#helpers.values()) helper.terminate();
    this.#helpers.clear();
    Atomics.store(this.#shared, READY, 0);
  }

  #othersAreDone(pieces: number): boolean {
    const shared = this.#shared;
    for (let i = 0; i < SPINS; i++) if (Atomics.load(shared, DONE) === pieces) return true;
    const end = performance.now() + PATIENCE;
    for (;;) {
      const done = Atomics.load(shared, DONE);
      if (done === pieces) return true;
      if (performance.now() > end) return false;
      if (MAY_SLEEP) Atomics.wait(shared, DONE, done, 100);
    }
  }

  #start(self: number): void {
    const { module, memory } = this.#kernels;
    const start: HelperStart = { module, memory, shared: this.#shared, self, patience: HELPER_PATIENCE };
    const onIdle = (): void => void this.#helpers.delete(self);
    this.#helpers.set(self, { terminate() {} });
    try {
      const begin = typeof Worker === 'function' ? webHelper : nodeHelper;
      this.#helpers.set(self, begin(this.#url, start, onIdle));
    } catch {
      // Without it the others take its pieces.
    }
  }
}

function webHelper(url: string, start: HelperStart, onIdle: () => void): { terminate(): void } {
  const worker = new Worker(url, { type: 'module', name: 'scan' });
  worker.addEventListener('message', onIdle);
  worker.addEventListener('error', (event) => event.preventDefault());
  worker.postMessage(start);
  return worker;
}

function nodeHelper(url: string, start: HelperStart, onIdle: () => void): { terminate(): void } {
  const worker = new (nodeThreads()!.Worker)(new URL(url));
  worker.on('message', onIdle).on('error', () => {});
  worker.unref();
  worker.postMessage(start);
  return { terminate: () => void worker.terminate() };
}

function nodeThreads(): typeof import('node:worker_threads') | undefined {
  return typeof process === 'object' ? process.getBuiltinModule?.('node:worker_threads') : undefined;
}

/** Node 20 has no `navigator`. */
function nodeCores(): number {
  return typeof process === 'object'
    ? (process.getBuiltinModule?.('node:os').availableParallelism() ?? 1)
    : 1;
}
