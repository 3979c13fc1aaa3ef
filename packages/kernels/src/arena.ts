import type { Kernels } from './engine.ts';
import { KernelsError } from './errors.ts';

/** Rows and panels begin at multiples of a cache line. */
const ALIGNMENT = 64;

/**
 * Hands out parts of one memory, one after another; `mark` and `release` give back everything since the mark.
 * Views that it returns hold until the memory grows; ask again after any later allocation.
 */
export class Arena {
  readonly kernels: Kernels;
  #top: number;
  readonly #end: number;

  /** From `start` (bytes) on, to `end` at most; memory is grown as needed. */
  constructor(kernels: Kernels, start: number = 1024, end: number = 2 ** 32) {
    this.kernels = kernels;
    this.#top = start;
    this.#end = end;
  }

  get used(): number {
    return this.#top;
  }

  /** @throws {KernelsError} `out-of-memory`. */
  allocate(bytes: number): number {
    const pointer = Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT;
    const top = pointer + bytes;
    if (top > this.#end) throw new KernelsError('out-of-memory', `${bytes} bytes do not fit in this arena.`);
    this.kernels.reserve(top);
    this.#top = top;
    return pointer;
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = Math.min(this.#top, mark);
  }

  f32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, pointer, length);
  }

  i32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.kernels.memory.buffer, pointer, length);
  }

  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, pointer, length);
  }

  /** Copies numbers in and returns where they are; `length` (default: theirs) adds zeros. */
  put(numbers: Float32Array | Int32Array, length: number = numbers.length): number {
    const pointer = this.allocate(length * 4);
    const target = numbers instanceof Float32Array ? this.f32(pointer, length) : this.i32(pointer, length);
    target.fill(0);
    target.set(numbers);
    return pointer;
  }
}
