import type { StoreKind } from './file-system.ts';

/** Where a blob is: segment, offset, length. Opaque to everyone but the store. */
export type BlobRef = [segment: number, offset: number, length: number];

/** When an append is acknowledged. */
export type Durability =
  /** After a flush: it survives a power cut. */
  | 'strict'
  /** After the write: it survives a crash of the browser; a power cut takes at most the last `flushDelay` ms. */
  | 'relaxed';

export interface StoreOptions {
  /** @default 'strict' */
  durability?: Durability;
  /**
   * Version of the host's own data, a whole number. A store written with a higher one is refused (`store-newer`);
   * an older one opens, `store.dataVersion` tells it, and the next append or checkpoint writes this one.
   * @default 1
   */
  version?: number;
  /** `auto` takes OPFS, else IndexedDB, else memory, and `store.report.kindReasons` says why. @default 'auto' */
  kind?: 'auto' | StoreKind;
  /** How long to wait for another holder of the store to go, in ms; Chromium frees locks of a dead worker late. @default 2000 */
  lockTimeout?: number;
  /** With `relaxed`: the longest time in ms before what was acknowledged is flushed. @default 200 */
  flushDelay?: number;
  /**
   * Called when there is no room left: frees what is less worth than data, such as caches, and gives how many bytes.
   * If any, the call that failed is tried once more.
   */
  makeRoom?: (missingBytes: number) => Promise<number>;
  /**
   * Open the store even where no checkpoint is whole: damaged sections answer `section-damaged`, everything else can
   * be read and saved. For rebuilding after `store-damaged`, not for daily use.
   * @default false
   */
  salvage?: boolean;
  /** Size in bytes at which a blob segment is closed and the next one begun. @default 16 MiB */
  segmentBytes?: number;
  /** Size in bytes at which a journal file is closed and the next one begun. @default 8 MiB */
  journalBytes?: number;
  /**
   * Blobs that together are not longer than this, in bytes, are written into the journal, too, with the next record: one
   * flush then serves both. Longer ones cost a flush of their own. 0 lets none travel.
   * @default 64 KiB
   */
  inlineBlobBytes?: number;
}

/** Something that recovery found, used or dropped. */
export interface RecoveryFinding {
  /** `note`: nothing was lost. `unacknowledged`: writes that were never acknowledged are gone. `loss`: data is gone. */
  severity: 'note' | 'unacknowledged' | 'loss';
  /** Name of the file it is about. */
  file: string;
  /** Bytes concerned. */
  bytes: number;
  /** Records lost; undefined where they cannot be counted. */
  records?: number;
  /** One sentence for people. */
  message: string;
}

/** What opening a store found. */
export interface RecoveryReport {
  /** `created`: there was none. `clean`: nothing to mend. `recovered`: see `findings`. */
  outcome: 'created' | 'clean' | 'recovered';
  kind: StoreKind;
  /** For each better kind of storage that is not used: why. */
  kindReasons: string[];
  /** Generation of the checkpoint in use. */
  generation: number;
  /** Sections of that checkpoint. */
  sections: number;
  /** Records that `replay` will give. */
  records: number;
  findings: RecoveryFinding[];
  /** The report in words, one sentence each. */
  text: string[];
}

export interface CheckpointOptions {
  /** Blob segments still in use, besides those written since the last checkpoint; the others are deleted. @default all */
  segments?: Iterable<number>;
  /**
   * Sequence number up to which the sections contain all records; later ones stay in the journal. The default is only
   * right where nothing is acknowledged that the sections do not contain yet: a host with several appends under way
   * passes what its last applied append gave.
   * @default the last one acknowledged when `checkpoint` is called
   */
  through?: number;
  /** Names of sections that stay as they are in the current checkpoint. */
  keep?: Iterable<string>;
  /**
   * Also drop the previous checkpoint, which otherwise stays as a fallback, and every segment that is not in
   * `segments`: afterwards what was deleted is gone from the disk. No blobs may be in flight meanwhile.
   * @default false
   */
  purge?: boolean;
}

export interface CompactOptions {
  /** Segments with at least this share of dead bytes are emptied; 0 empties every segment with any. @default 0.5 */
  waste?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** How much there is and how much may come, in bytes. */
export interface StoreEstimate {
  /** Bytes in the files of this store. */
  stored: number;
  /** Bytes used by the whole origin, and allowed to it; undefined where the browser does not tell. */
  usage: number | undefined;
  quota: number | undefined;
  /** Bytes still allowed. */
  available: number | undefined;
  /** Whether the browser promised not to clear this origin by itself. */
  persisted: boolean | undefined;
}

/** An open store. Every method throws `StoreError`; after `close` all of them throw `closed`. */
export interface Store {
  readonly name: string;
  readonly kind: StoreKind;
  readonly report: RecoveryReport;
  /** Version of the host's data as found at opening; undefined for a new store. */
  readonly dataVersion: number | undefined;
  /** Sequence number of the last acknowledged record. */
  readonly sequence: number;
  /** Bytes of journal that a checkpoint would empty. */
  readonly journalBytes: number;
  /** Bytes in each blob segment. */
  readonly segments: ReadonlyMap<number, number>;

  /** Writes blobs. They are durable once the next `append` resolves. */
  putBlobs(blobs: Uint8Array[]): Promise<BlobRef[]>;
  /** Reads a blob; `blob-damaged` if it is not what was put. */
  getBlob(ref: BlobRef): Promise<Uint8Array>;
  /**
   * Appends a batch of records, all or none, after flushing the blobs; resolves with the sequence number of the last
   * when they are acknowledged (see `Durability`), in the order of the calls. When it rejects, none of them counts,
   * and the blobs are still there to be named by another. The bytes must not change meanwhile.
   */
  append(records: Uint8Array[]): Promise<number>;
  /** Flushes everything acknowledged so far (only of use with `relaxed`). */
  flush(): Promise<void>;
  /** The records since the checkpoint, as found at opening and appended since, in order. */
  replay(): AsyncIterableIterator<Uint8Array>;
  /**
   * Replaces all sections, atomically: after a crash there is either this checkpoint or the one before, with the
   * records since. Sections whose content is the same are not written again. Appends and reads may go on meanwhile.
   * The bytes must not change until it resolves.
   */
  checkpoint(sections: ReadonlyMap<string, Uint8Array>, options?: CheckpointOptions): Promise<void>;
  /** Names and lengths of the sections. */
  sections(): ReadonlyMap<string, number>;
  section(name: string): Promise<Uint8Array | undefined>;
  /** Part of a section without reading the rest; undefined when there is no such section. */
  readSection(name: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  /**
   * Copies live blobs out of wasteful segments; gives the refs in the same order, new where a blob moved. The old
   * segments go with the next checkpoints that do not list them, at once with `purge`.
   */
  compactBlobs(live: BlobRef[], options?: CompactOptions): Promise<BlobRef[]>;
  estimate(): Promise<StoreEstimate>;
  /** Asks the browser to keep this origin's data; browsers grant it to pages only, so a worker may get false. */
  persist(): Promise<boolean>;
  close(): Promise<void>;
  /** Removes the store with everything in it. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
