// Files that forget, tear, misorder and fail the way disks and file systems do.
import type { FileSystem, StoreFile } from '../src/file-system.ts';
import { MemoryFile, MemoryFileSystem } from '../src/memory-file-system.ts';

/** What is left of writes that were not flushed when the power goes. */
export type CrashMode =
  /** The browser was killed, the system lives: everything written is there. */
  | 'killed'
  /** Nothing that was not flushed; files made since are gone, files removed since are back. */
  | 'forgotten'
  /** Of each file a prefix of the writes, the last one cut. */
  | 'torn'
  /** Of each file any sectors of any writes, in no order; removals are undone at random. */
  | 'misordered';

export const CRASH_MODES: readonly CrashMode[] = ['killed', 'forgotten', 'torn', 'misordered'];

export type Fault =
  /** The process is gone: this and every later call fails, the write may be done in part. */
  | 'crash'
  /** This one call fails; a write is done in part, a flush leaves unknown what arrived. */
  | 'io'
  /** This one call fails for lack of room; a write is done in part. */
  | 'quota';

const SECTOR = 64;

type Change = { at: number; bytes: Uint8Array } | { size: number };

/** Numbers from 0 to 1 that are the same on every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class CrashError extends Error {
  override readonly name = 'CrashError';
}

export class FaultFileSystem implements FileSystem {
  readonly kind = 'memory';
  /** Calls that change something, so far. */
  operations = 0;
  /** Bytes that all files together may have. */
  capacity: number = Infinity;
  readonly #files = new Map<string, FaultFile>();
  /** Durable content of files whose removal may be forgotten. */
  readonly #removed = new Map<string, Uint8Array>();
  readonly #random: () => number;
  #plan: { at: number; fault: Fault } | undefined;
  #crashed = false;

  constructor(
    random: () => number,
    plan?: { at: number; fault: Fault },
    image?: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#random = random;
    this.#plan = plan;
    for (const [name, bytes] of image ?? []) this.#files.set(name, new FaultFile(this, bytes));
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** A new process on the same running system: what was written is there, flushed or not. */
  restart(): void {
    this.#crashed = false;
    this.#plan = undefined;
  }

  async list(): Promise<string[]> {
    await this.pause();
    return [...this.#files.keys()];
  }

  async open(name: string, create: boolean): Promise<StoreFile | undefined> {
    await this.pause();
    let file = this.#files.get(name);
    if (file || !create) return file;
    this.attempt();
    file = new FaultFile(this, undefined);
    this.#files.set(name, file);
    return file;
  }

  async sizeOf(name: string): Promise<number> {
    await this.pause();
    return this.#files.get(name)?.size() ?? 0;
  }

  async remove(name: string): Promise<void> {
    await this.pause();
    this.attempt();
    const durable = this.#files.get(name)?.durable;
    if (durable) this.#removed.set(name, durable);
    this.#files.delete(name);
  }

  async close(): Promise<void> {
    if (this.#crashed) return;
    for (const file of this.#files.values()) await file.flush();
  }

  async destroy(): Promise<void> {
    this.#files.clear();
    this.#removed.clear();
  }

  /** What a new process finds on the disk. */
  image(mode: CrashMode): Map<string, Uint8Array> {
    const image = new Map<string, Uint8Array>();
    for (const [name, bytes] of this.#removed) {
      if (mode === 'forgotten' || (mode === 'misordered' && this.#random() < 0.5)) image.set(name, bytes);
    }
    for (const [name, file] of this.#files) {
      const bytes = file.survivors(mode, this.#random);
      if (bytes) image.set(name, bytes);
    }
    return image;
  }

  get size(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size();
    return sum;
  }

  /** Calls take their time, so that others get in between. */
  async pause(): Promise<void> {
    if (this.#crashed) throw new CrashError('the process is gone');
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns--) await undefined;
  }

  /** Counts a call that changes something, and fails it when its turn has come. */
  attempt(): void {
    this.operations++;
    if (this.operations !== this.#plan?.at) return;
    const { fault } = this.#plan;
    if (fault === 'quota') throw new DOMException('no room', 'QuotaExceededError');
    if (fault === 'io') throw new DOMException('the device failed', 'UnknownError');
    this.#crashed = true;
    throw new CrashError('the process is gone');
  }

  /** How much of a write is done when it fails. */
  part(length: number): number {
    return Math.floor(this.#random() * (length + 1));
  }
}

class FaultFile implements StoreFile {
  readonly #disk: FaultFileSystem;
  readonly #current: MemoryFile;
  /** As of the last flush; undefined if there was none since the file was made. */
  durable: Uint8Array | undefined;
  #pending: Change[] = [];

  constructor(disk: FaultFileSystem, bytes: Uint8Array | undefined) {
    this.#disk = disk;
    this.durable = bytes;
    this.#current = new MemoryFile(bytes);
  }

  size(): number {
    return this.#current.size();
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    await this.#disk.pause();
    return this.#current.read(at, length);
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    await this.#disk.pause();
    const room = this.#disk.capacity - this.#disk.size - Math.max(0, at + bytes.length - this.size());
    try {
      if (room < 0) throw new DOMException('no room', 'QuotaExceededError');
      this.#disk.attempt();
    } catch (error) {
      if (room >= 0) this.#change({ at, bytes: bytes.slice(0, this.#disk.part(bytes.length)) });
      throw error;
    }
    this.#change({ at, bytes: bytes.slice() });
  }

  async truncate(size: number): Promise<void> {
    await this.#disk.pause();
    this.#disk.attempt();
    this.#change({ size });
  }

  async flush(): Promise<void> {
    await this.#disk.pause();
    try {
      this.#disk.attempt();
    } catch (error) {
      // As on Linux: what was waiting is marked clean though it never arrived, and the next flush says all is well.
      if (!this.#disk.crashed) {
        this.durable = this.survivors('misordered', () => this.#disk.part(1000) / 1000);
        this.#pending = [];
      }
      throw error;
    }
    this.durable = this.durable ?? new Uint8Array(0);
    const file = new MemoryFile(this.durable);
    for (const change of this.#pending) apply(file, change);
    this.durable = file.bytes();
    this.#pending = [];
  }

  survivors(mode: CrashMode, random: () => number): Uint8Array | undefined {
    if (mode === 'killed') return this.#current.bytes();
    if (mode === 'forgotten') return this.durable;
    if (!this.durable && random() < 0.5) return undefined;
    const file = new MemoryFile(this.durable);
    if (mode === 'torn') {
      const kept = Math.floor(random() * (this.#pending.length + 1));
      for (const change of this.#pending.slice(0, kept)) apply(file, change);
      const next = this.#pending[kept];
      if (next && 'at' in next)
        apply(file, { ...next, bytes: next.bytes.slice(0, random() * next.bytes.length) });
      return file.bytes();
    }
    for (const change of this.#pending) {
      if ('size' in change) {
        if (random() < 0.5) apply(file, change);
        continue;
      }
      for (let from = 0; from < change.bytes.length;) {
        const to = Math.min(change.bytes.length, from + SECTOR - ((change.at + from) % SECTOR));
        if (random() < 0.6) apply(file, { at: change.at + from, bytes: change.bytes.slice(from, to) });
        from = to;
      }
    }
    return file.bytes();
  }

  #change(change: Change): void {
    apply(this.#current, change);
    this.#pending.push(change);
  }
}

function apply(file: MemoryFile, change: Change): void {
  if ('size' in change) file.truncate(change.size);
  else if (change.bytes.length > 0) file.write(change.at, change.bytes);
}

/** A healthy file system with given files. */
export function memoryWith(image: ReadonlyMap<string, Uint8Array>): MemoryFileSystem {
  const fileSystem = new MemoryFileSystem();
  for (const [name, bytes] of image) fileSystem.files.set(name, new MemoryFile(bytes));
  return fileSystem;
}
