/** A value now, or later: sync access handles answer at once, IndexedDB does not. */
export type MaybePromise<T> = T | Promise<T>;

/** Where a store keeps its files. */
export type StoreKind = 'opfs' | 'indexeddb' | 'memory';

/**
 * One open file. The store never has two writers on one file and awaits each call before the next one on the
 * same file; reads may overlap.
 */
export interface StoreFile {
  size(): MaybePromise<number>;
  /** Reads up to `length` bytes; fewer come back only at the end of the file. The result belongs to the caller. */
  read(at: number, length: number): MaybePromise<Uint8Array>;
  /** Writes all bytes or throws; a file that is too short grows. The bytes are the caller's again when it is done. */
  write(at: number, bytes: Uint8Array): MaybePromise<void>;
  truncate(size: number): MaybePromise<void>;
  /** Returns when everything written to this file would survive a power cut. */
  flush(): MaybePromise<void>;
}

/** A flat folder of files, held by one owner. All that a store asks of the platform. */
export interface FileSystem {
  readonly kind: StoreKind;
  list(): MaybePromise<string[]>;
  /** Opens a file; undefined when it is not there and `create` is false. */
  open(name: string, create: boolean): MaybePromise<StoreFile | undefined>;
  /** Bytes in a file, without opening it; 0 when it is not there. */
  sizeOf(name: string): MaybePromise<number>;
  /** Removes a file; one that is not there is no error. */
  remove(name: string): MaybePromise<void>;
  /** Gives files and lock back; what was not flushed is flushed. */
  close(): MaybePromise<void>;
  /** Removes the folder with everything in it, and gives the lock back. */
  destroy(): MaybePromise<void>;
}
