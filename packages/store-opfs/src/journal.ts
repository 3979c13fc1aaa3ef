import type { Checksum } from './checksum.ts';
import { StoreError, toStoreError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import type { BlobPiece } from './journal-pieces.ts';
import { type JournalFile, type JournalState, JournalWriter, type WriterOptions } from './journal-writer.ts';

const LONGEST_RECORD = 2 ** 30;

export interface JournalOptions extends WriterOptions {
  /** How long in ms a flush may wait that nobody awaits. */
  flushDelay: number;
  /** What records to come may refer to, and is neither on the device nor in the journal. Large ones are flushed instead. */
  looseBlobs: () => Promise<BlobPiece[]>;
  /** These are in the journal now. */
  noteJournaled: (pieces: readonly BlobPiece[]) => void;
}

interface Batch {
  records: Uint8Array[];
  resolve: (sequence: number) => void;
  reject: (error: StoreError) => void;
}

/** The append side of the journal. Batches that arrive while a flush runs share the next one. */
export class Journal {
  readonly #writer: JournalWriter;
  readonly #options: JournalOptions;
  #queue: Batch[] = [];
  #tasks: (() => Promise<void>)[] = [];
  #working: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    fileSystem: FileSystem,
    checksum: Checksum,
    salt: Uint8Array,
    state: JournalState,
    options: JournalOptions,
  ) {
    this.#writer = new JournalWriter(fileSystem, checksum, salt, state, options);
    this.#options = options;
  }

  /** The last acknowledged sequence number. */
  get sequence(): number {
    return this.#writer.sequence;
  }

  /** Files with records since the checkpoint, oldest first. */
  get files(): readonly JournalFile[] {
    return this.#writer.files;
  }

  get bytes(): number {
    return this.files.reduce((sum, file) => sum + file.size, 0);
  }

  append(records: Uint8Array[]): Promise<number> {
    if (records.length === 0) return Promise.resolve(this.sequence);
    for (const record of records) {
      if (record.length <= LONGEST_RECORD) continue;
      const message = `A record of ${record.length} bytes is too long; the most is ${LONGEST_RECORD}.`;
      return Promise.reject(new StoreError('invalid-argument', message));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, resolve, reject });
      this.#work();
    });
  }

  /** Resolves when everything acknowledged is flushed; rejects when it could not be. */
  flush(): Promise<void> {
    return this.#alone(() => this.#writer.flush());
  }

  /** See `JournalWriter.roll`. */
  roll(through: number): Promise<number> {
    return this.#alone(() => this.#writer.roll(through));
  }

  /** The files before this number are no longer part of the journal. */
  forget(firstJournal: number): void {
    this.#writer.forget(firstJournal);
  }

  /** Waits for what is queued, flushes and stops the timer. */
  async close(): Promise<void> {
    while (this.#working) await this.#working;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.flush();
    await this.#settleBlobs();
  }

  /** Runs a task while nothing is being written, ahead of waiting batches. */
  #alone<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
      this.#work();
    });
  }

  #work(): void {
    this.#working ??= this.#drain().then(() => {
      this.#working = undefined;
      if (this.#queue.length + this.#tasks.length > 0) this.#work();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length + this.#tasks.length > 0) {
      const task = this.#tasks.shift();
      if (task) await task();
      else await this.#appendGroup();
    }
  }

  async #appendGroup(): Promise<void> {
    const group = this.#queue;
    this.#queue = [];
    try {
      const pieces = await this.#options.looseBlobs();
      const ends = await this.#writer.write(
        group.map((batch) => batch.records),
        pieces,
      );
      this.#options.noteJournaled(pieces);
      if (this.#writer.unsettled) this.#flushLater();
      group.forEach((batch, index) => batch.resolve(ends[index]!));
    } catch (error) {
      const reason = toStoreError(error, 'appending to the journal');
      for (const batch of group) batch.reject(reason);
    }
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A failure is kept: the next append, flush or close tries again and throws it.
      this.flush().catch(() => undefined);
      void this.#settleBlobs();
    }, this.#options.flushDelay);
  }

  /** Blobs that travelled with records get to their own files, so that one bad byte cannot take both. It may fail. */
  #settleBlobs(): Promise<void> {
    return this.#options.flushBlobs().catch(() => undefined);
  }
}
