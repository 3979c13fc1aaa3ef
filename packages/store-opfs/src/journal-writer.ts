import type { Checksum } from './checksum.ts';
import { toStoreError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import {
  FRAME_LENGTH,
  JOURNAL_HEADER_LENGTH,
  batchLength,
  encodeBatch,
  encodeCommit,
  encodeJournalHeader,
} from './journal-format.ts';
import type { BlobPiece } from './journal-pieces.ts';
import type { Durability } from './types.ts';

/** Longer batches are not encoded in the buffer that stays. */
const KEPT_BUFFER = 64 * 1024;
/** With `relaxed`: so many bytes at most wait for a flush. */
const MOST_UNFLUSHED = 4 * 1024 * 1024;

export function journalFileName(id: number): string {
  return `journal-${id}`;
}

export interface JournalState {
  /** Number of the newest journal file that exists or may exist. */
  lastId: number;
  /** Where to go on, if the newest journal ends cleanly and has the right data version. */
  resume: StoreFile | undefined;
  /** Sequence number of the last record. */
  sequence: number;
  /** The files there are, oldest first. */
  files: JournalFile[];
}

export interface JournalFile {
  id: number;
  firstSequence: number;
  size: number;
}

export interface WriterOptions {
  durability: Durability;
  journalBytes: number;
  dataVersion: number;
  /** Flushes all blobs in their own files. */
  flushBlobs: () => Promise<void>;
}

interface OpenJournal {
  file: StoreFile;
  /** Its entry in the list of files; its size is where the next record goes. */
  entry: JournalFile;
}

/** Writes journal files. One call at a time: `Journal` sees to that. */
export class JournalWriter {
  readonly #fileSystem: FileSystem;
  readonly #checksum: Checksum;
  readonly #salt: Uint8Array;
  readonly #options: WriterOptions;
  #id: number;
  #current: OpenJournal | undefined;
  /** The last acknowledged sequence number. */
  #sequence: number;
  /** All files with records since the checkpoint, oldest first. */
  #files: JournalFile[];
  /** Acknowledged but not yet flushed (only with `relaxed`). */
  #unflushed: Uint8Array[][] = [];
  /** What small batches are encoded in: new memory is slow to write to. */
  readonly #buffer = new Uint8Array(KEPT_BUFFER);
  #unflushedBytes = 0;
  #flushFailed = false;
  /** Flushed, and not yet noted as such: the next write, or else the next flush, does that along the way. */
  #uncommitted = false;

  constructor(
    fileSystem: FileSystem,
    checksum: Checksum,
    salt: Uint8Array,
    state: JournalState,
    options: WriterOptions,
  ) {
    this.#fileSystem = fileSystem;
    this.#checksum = checksum;
    this.#salt = salt;
    this.#id = state.lastId;
    const last = state.files.at(-1);
    this.#current = state.resume && last && { file: state.resume, entry: last };
    this.#sequence = state.sequence;
    this.#files = state.files;
    this.#options = options;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Files with records since the checkpoint, oldest first. */
  get files(): readonly JournalFile[] {
    return this.#files;
  }

  /** Whether a flush has something to do. */
  get unsettled(): boolean {
    return this.#unflushed.length > 0 || this.#uncommitted;
  }

  /**
   * Lets the next record begin a new file; everything acknowledged is flushed. Gives the number of the oldest file
   * that has, or will have, records after `through`.
   */
  async roll(through: number): Promise<number> {
    await this.flush();
    this.#current = undefined;
    const needed = this.#files.find((_, i) => {
      const next = this.#files[i + 1]?.firstSequence ?? this.#sequence + 1;
      return next > through + 1;
    });
    return needed?.id ?? this.#id + 1;
  }

  /** The files before this number are no longer part of the journal. */
  forget(firstJournal: number): void {
    this.#files = this.#files.filter((file) => file.id >= firstJournal);
  }

  /**
   * Writes batches with one write and, when strict, one flush; gives the last sequence number of each. `pieces` are those
   * of blobs that are flushed nowhere else: they travel with the first record.
   */
  async write(batches: Uint8Array[][], pieces: readonly BlobPiece[]): Promise<number[]> {
    if (this.#flushFailed) await this.flush();
    const current = await this.#writable();
    const place = { salt: this.#salt, id: this.#id };
    const commit = this.#uncommitted ? this.#encodeCommit(current) : new Uint8Array(0);
    const length = batches.reduce(
      (sum, records, i) => sum + batchLength(records, i === 0 ? pieces : []),
      commit.length,
    );
    const bytes = length > KEPT_BUFFER ? new Uint8Array(length) : this.#buffer.subarray(0, length);
    bytes.set(commit);
    let sequence = this.#sequence;
    let at = commit.length;
    const ends = batches.map((records, i) => {
      const before = i === 0 ? pieces : [];
      at = encodeBatch(this.#checksum, place, records, sequence + 1, bytes, at, current.entry.size, before);
      return (sequence += records.length);
    });
    try {
      await current.file.write(current.entry.size, bytes);
      if (this.#options.durability === 'strict') await current.file.flush();
    } catch (error) {
      await this.#abandon(current);
      throw error;
    }
    current.entry.size += length;
    this.#sequence = sequence;
    this.#uncommitted = this.#options.durability === 'strict';
    if (!this.#uncommitted) await this.#later(batches, length);
    return ends;
  }

  /** A new file where the old one is full, was rolled, or failed. */
  async #writable(): Promise<OpenJournal> {
    if (this.#current && this.#current.entry.size < this.#options.journalBytes) return this.#current;
    // Acknowledged records of the old file must be on the device before the header of a new one vouches for them.
    if (this.#current) await this.flush();
    if (this.#current && this.#current.entry.size < this.#options.journalBytes) return this.#current;
    this.#current = undefined;
    return this.#begin(this.#sequence + 1);
  }

  async #begin(firstSequence: number): Promise<OpenJournal> {
    // The number is used up even if this fails: a number never stands for two contents.
    const id = ++this.#id;
    const name = journalFileName(id);
    const { dataVersion } = this.#options;
    const header = encodeJournalHeader(
      this.#checksum,
      { salt: this.#salt, id },
      { firstSequence, dataVersion },
    );
    try {
      const file = (await this.#fileSystem.open(name, true))!;
      await file.truncate(0);
      await file.write(0, header);
      const entry = { id, firstSequence, size: JOURNAL_HEADER_LENGTH };
      this.#files.push(entry);
      this.#current = { file, entry };
      return this.#current;
    } catch (error) {
      await Promise.resolve(this.#fileSystem.remove(name)).catch(() => undefined);
      throw error;
    }
  }

  /** Takes a failed write back as far as possible; the next write begins a new file either way. */
  async #abandon(current: OpenJournal): Promise<void> {
    this.#current = undefined;
    try {
      await current.file.truncate(current.entry.size);
      await current.file.flush();
      this.#unflushed = [];
      this.#unflushedBytes = 0;
    } catch {
      if (this.#unflushed.length > 0) this.#flushFailed = true;
    }
  }

  #encodeCommit(current: OpenJournal): Uint8Array {
    return encodeCommit(
      this.#checksum,
      { salt: this.#salt, id: this.#id },
      this.#sequence,
      current.entry.size,
    );
  }

  /** Notes in the file that it is flushed so far. Only recovery from damage reads this: it may fail. */
  async #commit(current: OpenJournal): Promise<void> {
    this.#uncommitted = false;
    try {
      await current.file.write(current.entry.size, this.#encodeCommit(current));
      current.entry.size += FRAME_LENGTH;
    } catch {
      this.#current = undefined;
    }
  }

  async #later(batches: Uint8Array[][], length: number): Promise<void> {
    // Copies: the caller may use its buffers again once the append resolves.
    for (const records of batches) this.#unflushed.push(records.map((record) => record.slice()));
    this.#unflushedBytes += length;
    // A failure is kept: the next write or flush tries again and throws it.
    if (this.#unflushedBytes > MOST_UNFLUSHED) await this.flush().catch(() => undefined);
  }

  /** Returns when everything acknowledged is on the device. */
  async flush(): Promise<void> {
    if (this.#unflushed.length === 0) {
      if (this.#uncommitted && this.#current) await this.#commit(this.#current);
      return;
    }
    try {
      if (this.#flushFailed || !this.#current) await this.#rewriteUnflushed();
      else await this.#current.file.flush();
    } catch (error) {
      this.#flushFailed = true;
      this.#current = undefined;
      throw toStoreError(error, 'flushing the journal');
    }
    this.#flushFailed = false;
    this.#unflushed = [];
    this.#unflushedBytes = 0;
    if (this.#current) await this.#commit(this.#current);
  }

  /** After a failed flush nobody knows what is on the device: everything since the last good one goes to a new file. */
  async #rewriteUnflushed(): Promise<void> {
    // The blobs that came with them are not written to the new file, but flushed in their own.
    await this.#options.flushBlobs();
    const count = this.#unflushed.reduce((sum, records) => sum + records.length, 0);
    const first = this.#sequence - count + 1;
    const current = await this.#begin(first);
    const bytes = new Uint8Array(this.#unflushed.reduce((sum, records) => sum + batchLength(records), 0));
    const place = { salt: this.#salt, id: this.#id };
    let sequence = first;
    let at = 0;
    for (const records of this.#unflushed) {
      at = encodeBatch(this.#checksum, place, records, sequence, bytes, at, current.entry.size);
      sequence += records.length;
    }
    await current.file.write(current.entry.size, bytes);
    await current.file.flush();
    current.entry.size += bytes.length;
  }
}
