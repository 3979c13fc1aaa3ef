import { createKernels, type Kernels } from './engine.ts';
import { KernelsError } from './errors.ts';
import { ScanCrew, canShareMemory, usualThreads } from './scan-crew.ts';
import type { ScanJob } from './scan-job.ts';
import type { VectorBlockOptions } from './vector-block-types.ts';

/** The memory that a block lies in, the kernels over it, and the threads that scan it. */
export class BlockMemory {
  #kernels: Kernels | undefined;
  /** The other threads, where more than one is wanted and memory can be shared. */
  #crew: ScanCrew | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Uint32Array = new Uint32Array(0);
  #floats: Float32Array = new Float32Array(0);

  /** @throws {KernelsError} `invalid-argument` for a number of threads that is none. */
  constructor({
    engine,
    threads: wanted = 1,
    worker,
  }: Pick<VectorBlockOptions, 'engine' | 'threads' | 'worker'>) {
    const threads = wanted === 'auto' ? usualThreads() : wanted;
    if (!Number.isInteger(threads) || threads < 1)
      throw new KernelsError('invalid-argument', `threads must be a whole number from 1 on, not ${threads}.`);
    if (threads > 1 && canShareMemory()) {
      this.#kernels = sharedKernels(engine);
      if (this.#kernels) this.#crew = new ScanCrew(this.#kernels, threads, worker);
    }
    this.#kernels ??= createKernels({ engine });
  }

  /** @throws {KernelsError} `disposed`. */
  get kernels(): Kernels {
    this.check();
    return this.#kernels!;
  }

  /** @throws {KernelsError} `disposed`. */
  check(): void {
    if (!this.#kernels) throw new KernelsError('disposed', 'This vector block was disposed; make a new one.');
  }

  get byteLength(): number {
    return this.#kernels?.memory.buffer.byteLength ?? 0;
  }

  /** Threads that scan now. */
  get threads(): number {
    return this.#crew?.threads ?? 1;
  }

  /** Heaps that a scan for the best needs room for, one for each thread there may be. */
  get heaps(): number {
    return this.#crew?.heaps ?? 1;
  }

  // Views hold until the memory grows: ask again after `reserve`.

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  get words(): Uint32Array {
    this.#refresh();
    return this.#words;
  }

  get floats(): Float32Array {
    this.#refresh();
    return this.#floats;
  }

  get buffer(): ArrayBufferLike {
    return this.kernels.memory.buffer;
  }

  reserve(bytes: number): void {
    this.kernels.reserve(bytes);
  }

  /** Does a scan, with the other threads where there are some. */
  run(job: ScanJob, rowBytes: number): void {
    if (this.#crew?.run(job, rowBytes)) return;
    if (this.#crew?.broken) this.#leaveCrew();
    const { exports } = this.kernels;
    exports.scanPrepare(...job.comparison);
    if (job.limit === 0) return exports.scanAll(job.from, job.to, job.out);
    exports.heapReset(job.out, job.out + job.limit * 4, job.limit);
    exports.scanTop(job.from, job.to, job.live, job.filter);
  }

  dispose(): void {
    this.#crew?.dispose();
    this.#crew = undefined;
    this.#kernels = undefined;
    this.#bytes = new Uint8Array(0);
    this.#words = new Uint32Array(0);
    this.#floats = new Float32Array(0);
  }

  /** Moves to a memory of its own: a thread that hung might still write to the shared one when it goes on. */
  #leaveCrew(): void {
    const before = this.bytes;
    const { engine } = this.kernels;
    this.#crew = undefined;
    this.#kernels = createKernels({ engine });
    this.reserve(before.length);
    this.bytes.set(before);
  }

  #refresh(): void {
    const { buffer } = this;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
  }
}

/** Kernels over a memory that can be shared; undefined where none can be had, as its whole range is reserved. */
function sharedKernels(engine: VectorBlockOptions['engine']): Kernels | undefined {
  try {
    return createKernels({ engine, shared: true });
  } catch (error) {
    if (error instanceof KernelsError && error.code === 'out-of-memory') return undefined;
    throw error;
  }
}
