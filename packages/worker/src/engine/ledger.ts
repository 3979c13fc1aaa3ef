import type { Store } from '@burrow/store-opfs';
import type { IndexBook } from './index-book.ts';

/** A checkpoint follows when writing has rested so long … */
const IDLE_MILLISECONDS = 2000;
/** … and the journal holds at least this much, … */
const IDLE_JOURNAL_BYTES = 256 * 1024;
/** … or, without a rest, when it has grown past this and past half of the last snapshot. */
const BUSY_JOURNAL_BYTES = 16 << 20;

/**
 * All changes to what is stored, one after the other: first the journal, flushed, then memory. A change that the
 * journal did not take has not happened.
 */
export class Ledger {
  readonly #store: Store;
  readonly #book: IndexBook;
  readonly #onError: (error: unknown) => void;
  #last: Promise<unknown> = Promise.resolve();
  #journalBytes = 0;
  #snapshotBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, book: IndexBook, onError: (error: unknown) => void) {
    this.#store = store;
    this.#book = book;
    this.#onError = onError;
  }

  /** Runs a change when those before it are done. It gets `append`, which resolves when its records are safe. */
  change<T>(work: (append: (records: Uint8Array[]) => Promise<void>) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => work((records) => this.#append(records)));
    this.#last = run.catch(() => {});
    return run;
  }

  /** Writes everything as a checkpoint and empties the journal. */
  checkpoint(): Promise<void> {
    clearTimeout(this.#timer);
    return this.change(async () => {
      const sections = this.#book.snapshot();
      await this.#store.checkpoint(sections, { segments: this.#segmentsInUse() });
      this.#journalBytes = 0;
      this.#snapshotBytes = [...sections.values()].reduce((sum, { length }) => sum + length, 0);
    });
  }

  /** Waits for what is under way and checkpoints, so that the next opening has nothing to replay. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last;
    if (this.#journalBytes >= IDLE_JOURNAL_BYTES) await this.checkpoint();
    clearTimeout(this.#timer);
  }

  async #append(records: Uint8Array[]): Promise<void> {
    await this.#store.append(records);
    for (const { length } of records) this.#journalBytes += length;
    clearTimeout(this.#timer);
    const busy = this.#journalBytes > Math.max(BUSY_JOURNAL_BYTES, this.#snapshotBytes / 2);
    if (!busy && this.#journalBytes < IDLE_JOURNAL_BYTES) return;
    // Also when busy, never within a change: the checkpoint queues behind it.
    const checkpoint = (): void => void this.checkpoint().catch(this.#onError);
    this.#timer = setTimeout(checkpoint, busy ? 0 : IDLE_MILLISECONDS);
  }

  #segmentsInUse(): number[] {
    const segments = new Set<number>();
    for (const [, { index }] of this.#book.sides())
      for (const [, [segment]] of index.locators()) segments.add(segment);
    return [...segments];
  }
}
