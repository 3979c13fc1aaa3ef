import type { FileSystem, StoreFile } from './file-system.ts';

/** Files in memory: nothing survives the worker. The last resort, and what most tests run on. */
export class MemoryFileSystem implements FileSystem {
  readonly kind = 'memory';
  readonly files: Map<string, MemoryFile> = new Map();

  list(): string[] {
    return [...this.files.keys()];
  }

  open(name: string, create: boolean): StoreFile | undefined {
    let file = this.files.get(name);
    if (!file && create) {
      file = new MemoryFile();
      this.files.set(name, file);
    }
    return file;
  }

  sizeOf(name: string): number {
    return this.files.get(name)?.size() ?? 0;
  }

  remove(name: string): void {
    this.files.delete(name);
  }

  close(): void {}

  destroy(): void {
    this.files.clear();
  }
}

/** A growing buffer that behaves like a file. */
export class MemoryFile implements StoreFile {
  #buffer: Uint8Array<ArrayBuffer>;
  #size: number;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#buffer = bytes.slice();
    this.#size = bytes.length;
  }

  size(): number {
    return this.#size;
  }

  read(at: number, length: number): Uint8Array {
    return this.#buffer.slice(Math.min(at, this.#size), Math.min(at + length, this.#size));
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, this.#size));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, at);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    else if (size > this.#buffer.length) this.write(size, new Uint8Array(0));
    this.#size = size;
  }

  flush(): void {}

  /** A copy of the content. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }
}
