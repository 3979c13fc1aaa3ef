import type { Locator } from '@burrow/core';
import { Pacer } from '@burrow/store-opfs';
import type { Store } from '@burrow/store-opfs';
import type { IndexBook } from './index-book.ts';
import type { Waits } from './waits.ts';
import { placeOf, wastedBytes } from './waste.ts';

/** A checkpoint follows when writing has rested so long … */
const IDLE_MILLISECONDS = 2000;
/** … and the journal holds at least this much, or this much of the texts is of removed documents; … */
const IDLE_JOURNAL_BYTES = 256 * 1024;
/** … or, without a rest, when the journal has grown past this and past half of the last snapshot. */
const BUSY_JOURNAL_BYTES = 16 << 20;
/** Texts of removed documents are swept out when they are most of their segments, and together so much. */
const WASTED_BYTES = 256 * 1024;
/** Texts that are looked at between two looks at the clock. */
const STEP = 256;

export interface CompactRequest {
  /** Share of dead bytes from which a segment is emptied; 0 empties all that have any. */
  waste: number;
  signal?: AbortSignal;
}

interface Snapshot {
  sections: Map<string, Uint8Array>;
  /** Blob segments that are in use. */
  segments: Set<number>;
  /** The last journal record that it contains. */
  through: number;
}

/**
 * All changes to what is stored, one after the other: first the journal, flushed, then memory. A change that the
 * journal did not take has not happened. Checkpoints and compaction run beside them, one at a time.
 */
export class Ledger {
  readonly #store: Store;
  readonly #book: IndexBook;
  readonly #waits: Waits;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #upkeep: Promise<unknown> = Promise.resolve();
  #snapshotBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, book: IndexBook, waits: Waits, onError: (error: unknown) => void) {
    this.#store = store;
    this.#book = book;
    this.#waits = waits;
    this.#onError = onError;
  }

  /** Runs a change when those before it are done. It gets `append`, which resolves when its records are safe. */
  change<T>(work: (append: (records: Uint8Array[]) => Promise<void>) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => work((records) => this.#append(records)));
    this.#last = run.catch(() => {});
    return run;
  }

  /** Writes everything as a checkpoint and empties the journal. Changes go on while it is written. */
  checkpoint(): Promise<void> {
    return this.#keepUp(async () => {
      // The snapshot is taken between two changes; what comes after it stays in the journal.
      const { written } = await this.change(async () => {
        const snapshot = await this.#takeSnapshot();
        return { written: this.#writeCheckpoint(snapshot, { purge: false }) };
      });
      await written;
    });
  }

  /**
   * Makes a change that only a checkpoint can hold; afterwards nothing of what is gone is left on the disk. `work`
   * gives what undoes it, should the checkpoint fail.
   */
  rewrite(work: () => () => void): Promise<void> {
    return this.#keepUp(() =>
      this.change(async () => {
        const undo = work();
        try {
          await this.#writeCheckpoint(await this.#takeSnapshot(), { purge: true });
        } catch (error) {
          undo();
          throw error;
        }
      }),
    );
  }

  /**
   * Copies the texts that are in use out of wasteful segments, and drops these: what was removed is then gone from
   * the disk. Queries and changes go on while it copies.
   */
  compact({ waste, signal }: CompactRequest): Promise<void> {
    return this.#keepUp(async () => {
      const pacer = new Pacer();
      // One that comes meanwhile may be missing: the checkpoint below looks again at what is in use.
      const live = new Map<number, Locator>();
      let seen = 0;
      for (const [, locator] of this.#locators()) {
        live.set(placeOf(locator), locator);
        if (++seen % STEP === 0) await pacer.pause();
      }
      const from = [...live.values()];
      const aborted = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
      const to = await this.#waits.during('texts to be moved together', () =>
        this.#store.compactBlobs(from as [number, number, number][], { waste, signal: aborted }),
      );
      from.forEach((locator, i) => live.set(placeOf(locator), to[i]!));
      await this.change(async () => {
        for (const [, { index }] of this.#book.sides()) {
          for (const [id, locator] of index.locators()) {
            const moved = live.get(placeOf(locator));
            if (moved) index.relocate(id, locator, moved);
            if (++seen % STEP === 0) await pacer.pause();
          }
        }
        await this.#writeCheckpoint(await this.#takeSnapshot(), { purge: true });
      });
    });
  }

  /** Waits for what is under way and checkpoints, so that the next opening has nothing to replay. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#last;
    await this.#upkeep;
    if (this.#store.journalBytes >= IDLE_JOURNAL_BYTES) await this.checkpoint();
    clearTimeout(this.#timer);
  }

  /** Upkeep never overlaps: a checkpoint in the middle of a compaction would drop what was just copied. */
  #keepUp<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    const run = this.#upkeep.then(work);
    this.#upkeep = run.catch(() => {});
    return run;
  }

  async #append(records: Uint8Array[]): Promise<void> {
    await this.#waits.during('the journal to be flushed', () => this.#store.append(records));
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    const busy = this.#store.journalBytes > Math.max(BUSY_JOURNAL_BYTES, this.#snapshotBytes / 2);
    // Also when busy, never within a change: the checkpoint queues behind it.
    this.#timer = setTimeout(() => this.#tidyUp(busy).catch(this.#onError), busy ? 0 : IDLE_MILLISECONDS);
  }

  /** What is due by now: a checkpoint, a compaction, both or neither. */
  async #tidyUp(busy: boolean): Promise<void> {
    if (busy || this.#store.journalBytes >= IDLE_JOURNAL_BYTES) await this.checkpoint();
    if (busy || this.#closing.signal.aborted) return;
    const wasted = await wastedBytes(this.#store.segments, this.#locators());
    if (wasted >= WASTED_BYTES) await this.compact({ waste: 0.5 });
  }

  /** What a checkpoint is to hold; within a change, because nothing may be changed meanwhile. */
  async #takeSnapshot(): Promise<Snapshot> {
    const sections = await this.#waits.during('a snapshot of the index', () => this.#book.snapshot());
    const segments = new Set<number>();
    for (const [, [segment]] of this.#locators()) segments.add(segment);
    // Said now: should the store have to try again, changes made meanwhile are not in these sections.
    return { sections, segments, through: this.#store.sequence };
  }

  async #writeCheckpoint({ sections, ...rest }: Snapshot, { purge }: { purge: boolean }): Promise<void> {
    await this.#waits.during('a checkpoint to be written', () =>
      this.#store.checkpoint(sections, { ...rest, purge }),
    );
    this.#snapshotBytes = [...sections.values()].reduce((sum, { length }) => sum + length, 0);
  }

  *#locators(): Generator<[id: string, locator: Locator]> {
    for (const [, { index }] of this.#book.sides()) yield* index.locators();
  }
}
