import type { Locator } from '@burrow/core';
import { Pacer, StoreError } from '@burrow/store-opfs';
import { WorkerError } from '../errors.ts';
import type { MoveStatus, SearchDocument } from '../types.ts';
import { chunkDocument } from './chunking.ts';
import type { ChunkedDocument } from './chunking.ts';
import type { DocumentTexts } from './document-texts.ts';
import { embedDocuments } from './embedding.ts';
import type { DocumentEntry } from './embedding.ts';
import type { IndexBook, IndexSettings, Side } from './index-book.ts';
import type { Ledger } from './ledger.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ModelHost } from './model-host.ts';

/** Documents moved at a time: small enough for writes and queries to get in between. */
const BATCH_DOCUMENTS = 16;

export interface MoverParts {
  book: IndexBook;
  ledger: Ledger;
  models: ModelHost;
  texts: DocumentTexts;
  changed: () => void;
  onError: (error: unknown) => void;
}

interface Batch {
  model: LoadedModel;
  signal: AbortSignal;
  /** Gets the ids of documents whose text cannot be read. */
  damaged: string[];
}

/**
 * Moves an index to another model: embeds every text again into a second index while the first one answers, then
 * puts the second in its place. Each step is journaled, so an interrupted move goes on where it was.
 */
export class Mover {
  readonly #parts: MoverParts;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #completing: { documents: number; totalDocuments: number } | undefined;

  constructor(parts: MoverParts) {
    this.#parts = parts;
  }

  get status(): MoveStatus | undefined {
    const { current, next } = this.#parts.book;
    if (current && this.#completing) {
      const { modelId } = current.settings;
      return { from: modelId, to: modelId, ...this.#completing };
    }
    if (!current || !next) return undefined;
    return {
      from: current.settings.modelId,
      to: next.settings.modelId,
      documents: next.index.size,
      totalDocuments: current.index.size,
    };
  }

  /** Starts a move to these settings, or goes on with one that was interrupted. Stops any other. */
  async start(model: LoadedModel, settings: IndexSettings): Promise<void> {
    await this.stop();
    const { book, ledger } = this.#parts;
    if (!book.next || !sameSettings(book.next.settings, settings)) {
      await ledger.change(async (append) => {
        await append([...(book.next ? [book.dropNextRecord] : []), book.beginRecord('next', settings)]);
        book.start('next', settings);
      });
    }
    this.#startRun((signal) => this.#run(model, signal));
  }

  /**
   * Gives vectors to documents that were written while the model of their index was not there, and that no move has
   * taken along.
   */
  async complete(model: LoadedModel): Promise<void> {
    await this.stop();
    this.#startRun((signal) =>
      this.#complete(model, signal).finally(() => {
        this.#completing = undefined;
        this.#parts.changed();
      }),
    );
  }

  /** Gives up a move: the index stays with the model that it has. */
  async cancel(): Promise<void> {
    await this.stop();
    const { book, ledger } = this.#parts;
    if (!book.next) return;
    await ledger.change(async (append) => {
      await append([book.dropNextRecord]);
      book.next = undefined;
    });
  }

  /** Whether a move was begun and is not being worked on: something kept it from its end. */
  get isWaiting(): boolean {
    return this.#parts.book.next !== undefined && !this.#isRunning;
  }

  /** Stops working; what is moved so far stays. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    await this.#running;
  }

  #startRun(work: (signal: AbortSignal) => Promise<void>): void {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#isRunning = true;
    this.#running = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#parts.onError(error);
      })
      .finally(() => {
        this.#isRunning = false;
      });
  }

  async #run(model: LoadedModel, signal: AbortSignal): Promise<void> {
    const { book, ledger, models, changed } = this.#parts;
    // Each pass takes up what was written during the one before.
    while (!(await this.#promoteIfComplete(signal))) {
      const ids = this.#remaining();
      const damaged: string[] = [];
      for (let from = 0; from < ids.length; from += BATCH_DOCUMENTS) {
        await this.#moveBatch(ids.slice(from, from + BATCH_DOCUMENTS), { model, signal, damaged });
        changed();
      }
      if (damaged.length > 0 && damaged.length === ids.length) throw cannotMove(damaged);
    }
    await models.keepOnly(book.current ? [book.current.settings.space] : []);
    await ledger.checkpoint();
    changed();
  }

  /** Within one change, so that nothing is written in between. */
  #promoteIfComplete(signal: AbortSignal): Promise<boolean> {
    const { book, ledger } = this.#parts;
    return ledger.change(async (append) => {
      signal.throwIfAborted();
      if (this.#remaining().length > 0) return false;
      await append([book.promoteRecord]);
      book.promote();
      return true;
    });
  }

  #remaining(): string[] {
    const { current, next } = this.#parts.book;
    return current && next ? [...current.index.ids()].filter((id) => !next.index.has(id)) : [];
  }

  /** Reads, cuts and embeds documents of the current side again. */
  async #embedAgain(ids: string[], { model, signal, damaged }: Batch): Promise<DocumentEntry[]> {
    const { book, texts } = this.#parts;
    const pacer = new Pacer();
    const chunked: ChunkedDocument[] = [];
    const locators = new Map<string, Locator>();
    for (const id of ids) {
      const index = book.current?.index;
      const locator = index?.locator(id);
      if (!index || !locator) continue;
      const text = await texts.read(locator).catch((error: unknown) => {
        // One damaged text must not keep the others from being moved.
        if (!(error instanceof StoreError) || error.code !== 'blob-damaged') throw error;
        damaged.push(id);
      });
      if (text === undefined) continue;
      const document = { ...index.get(id), id, text } as SearchDocument;
      chunked.push(await chunkDocument(document, model, pacer, signal));
      locators.set(id, locator);
    }
    const entries = await embedDocuments(chunked, model, { signal });
    return entries.map((entry) => ({ ...entry, locator: locators.get(entry.document.id)! }));
  }

  async #moveBatch(ids: string[], batch: Batch): Promise<void> {
    const { book, ledger } = this.#parts;
    const { signal } = batch;
    const entries = await this.#embedAgain(ids, batch);
    await ledger.change(async (append) => {
      signal.throwIfAborted();
      const { current, next } = book;
      if (!current || !next) return;
      const fresh = entries.filter(
        (entry) => isUnchanged(current, entry) && !next.index.has(entry.document.id),
      );
      if (fresh.length === 0) return;
      const mutation = next.index.prepare({ type: 'add', entries: fresh });
      await append([book.mutationRecord('next', mutation)]);
      next.index.apply(mutation);
    });
  }

  /** Gives vectors to documents of the current side that have none. */
  async #complete(model: LoadedModel, signal: AbortSignal): Promise<void> {
    const { book, ledger, changed } = this.#parts;
    const side = book.current;
    if (!side) return;
    const missing = [...side.index.withoutVectors()];
    for (let from = 0; from < missing.length; from += BATCH_DOCUMENTS) {
      this.#completing = { documents: from, totalDocuments: missing.length };
      changed();
      const ids = missing.slice(from, from + BATCH_DOCUMENTS);
      const entries = await this.#embedAgain(ids, { model, signal, damaged: [] });
      await ledger.change(async (append) => {
        signal.throwIfAborted();
        if (book.current !== side) return;
        const fresh = entries.filter((entry) => entry.vectors && isUnchanged(side, entry));
        if (fresh.length === 0) return;
        const mutation = side.index.prepare({ type: 'update', entries: fresh });
        await append([book.mutationRecord('current', mutation)]);
        side.index.apply(mutation);
      });
    }
  }
}

function cannotMove(ids: string[]): WorkerError {
  const some = ids
    .slice(0, 5)
    .map((id) => JSON.stringify(id))
    .join(', ');
  const message = `The stored texts of ${ids.length} documents are damaged (${some}${ids.length > 5 ? ', …' : ''}), so the index cannot be moved to the other model. Remove these documents or add them again with update(); the move then goes on.`;
  return new WorkerError('documents-failed', message);
}

/** Whether the document is still the one that was embedded: another text has another place. */
function isUnchanged(side: Side, entry: DocumentEntry): boolean {
  const locator = side.index.locator(entry.document.id);
  return locator !== undefined && locator.join() === entry.locator?.join();
}

/** Whether an index made for `a` serves for `b`. */
export function sameSettings(a: IndexSettings, b: IndexSettings): boolean {
  const fields = ({ schema }: IndexSettings): string => JSON.stringify(Object.entries(schema).toSorted());
  return a.space === b.space && fields(a) === fields(b);
}
