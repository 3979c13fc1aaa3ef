import { SearchError } from '@burrow/core';
import type { Mutation } from '@burrow/core';
import { Pacer } from '@burrow/store-opfs';
import type { DocumentFailure } from '../errors.ts';
import type { CallEvent, RestoreRequest, WriteReply, WriteRequest } from '../protocol.ts';
import type { SearchDocument } from '../types.ts';
import { chunkDocument } from './chunking.ts';
import type { ChunkedDocument } from './chunking.ts';
import type { DocumentTexts } from './document-texts.ts';
import { sortOut } from './documents.ts';
import { embedDocuments } from './embedding.ts';
import type { DocumentEntry } from './embedding.ts';
import type { IndexBook, Side } from './index-book.ts';
import type { Ledger } from './ledger.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ModelHost } from './model-host.ts';

export interface CallContext {
  signal: AbortSignal;
  onEvent: (event: CallEvent) => void;
}

export interface WriterParts {
  book: IndexBook;
  ledger: Ledger;
  models: ModelHost;
  texts: DocumentTexts;
  maxTextLength: number;
  /** The current side, started for this model where there is none yet. */
  currentSide: (model: LoadedModel) => Promise<Side>;
}

/** Takes documents in: examined, cut, embedded, stored, indexed, in this order; only then acknowledged. */
export class Writer {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Writes a slice of documents. Those that cannot be taken are told; when storing fails, the whole slice does. */
  async write(request: WriteRequest, { signal, onEvent }: CallContext): Promise<WriteReply> {
    const { models, maxTextLength, currentSide } = this.#parts;
    const { accepted, failures } = sortOut(request.documents, maxTextLength);
    if (accepted.length === 0) return { written: [], failures };
    onEvent({ type: 'progress', phase: 'reading', chunks: 0 });
    const wanted = await models.wanted();
    const context = { signal, onEvent };
    for (;;) {
      const side = await currentSide(wanted);
      try {
        const reply = await this.#writeInto(side, wanted, accepted, request, context);
        if (reply) return { written: reply.written, failures: [...failures, ...reply.failures] };
      } catch (error) {
        // When a move ends, the model of the old side goes: then it is done again for the new one.
        if (signal.aborted || side === this.#parts.book.current) throw error;
      }
    }
  }

  /** Writes documents out of a backup, with their vectors where these are of the current space. */
  async restore({ space, documents }: RestoreRequest, context: CallContext): Promise<WriteReply> {
    const { models, currentSide, maxTextLength } = this.#parts;
    const plain = documents.map(({ document }) => document);
    const request: WriteRequest = { documents: plain, mode: 'update', replayed: false };
    const side = await currentSide(await models.wanted());
    if (side.settings.space !== space) return this.write(request, context);
    const { accepted, failures } = sortOut(plain, maxTextLength);
    const taken = new Set(accepted);
    const entries = documents.filter(({ document }) => taken.has(document)).map((entry) => ({ ...entry }));
    const written: string[] = [];
    const stored = await this.#store(side, request, entries, { signal: context.signal, written, failures });
    return stored ? { written, failures } : this.write(request, context);
  }

  /** Removes documents; resolves to how many were there. */
  remove(ids: string[], { signal }: CallContext): Promise<number> {
    const { book, ledger } = this.#parts;
    return ledger.change(async (append) => {
      signal.throwIfAborted();
      const changes = book.sides().flatMap(([name, { index }]) => {
        const known = [...new Set(ids)].filter((id) => index.has(id));
        return known.length > 0
          ? [{ name, index, count: known.length, mutation: index.prepare({ type: 'remove', ids: known }) }]
          : [];
      });
      if (changes.length === 0) return 0;
      await append(changes.map(({ name, mutation }) => book.mutationRecord(name, mutation)));
      for (const { index, mutation } of changes) index.apply(mutation);
      return changes.find(({ name }) => name === 'current')?.count ?? 0;
    });
  }

  /** Resolves to undefined when the side has been replaced meanwhile: then nothing was written. */
  async #writeInto(
    side: Side,
    wanted: LoadedModel,
    documents: SearchDocument[],
    request: WriteRequest,
    { signal, onEvent }: CallContext,
  ): Promise<WriteReply | undefined> {
    const written: string[] = [];
    const failures: DocumentFailure[] = [];
    const fresh = await this.#withoutKnown(side, documents, request, written, failures);
    const pacer = new Pacer();
    const chunked: ChunkedDocument[] = [];
    for (const document of fresh) chunked.push(await chunkDocument(document, wanted, pacer, signal));
    // Without the model of this side, documents are found by words until the move or its model has come.
    const model = await this.#parts.models.forSpace(side.settings.space, signal);
    const onProgress = (chunks: number): void => onEvent({ type: 'progress', phase: 'embedding', chunks });
    const entries = await embedDocuments(chunked, model, { signal, onProgress });
    const stored = await this.#store(side, request, entries, { signal, written, failures });
    return stored ? { written, failures } : undefined;
  }

  /** Leaves out documents whose id is known already, unless they are to take its place. */
  async #withoutKnown(
    side: Side,
    documents: SearchDocument[],
    { mode, replayed }: WriteRequest,
    written: string[],
    failures: DocumentFailure[],
  ): Promise<SearchDocument[]> {
    if (mode === 'update') return documents;
    const fresh: SearchDocument[] = [];
    for (const document of documents) {
      if (!side.index.has(document.id)) fresh.push(document);
      // Stored by this very write, before a worker died that could not say so any more.
      else if (replayed && (await this.#isStored(side, document))) written.push(document.id);
      else failures.push(duplicate(document.id));
    }
    return fresh;
  }

  async #isStored(side: Side, document: SearchDocument): Promise<boolean> {
    const stored = side.index.get(document.id);
    if (!stored) return false;
    const { text, ...fields } = document;
    const sameFields = JSON.stringify(sorted(stored)) === JSON.stringify(sorted(fields));
    return sameFields && (await side.index.text(document.id)) === text;
  }

  /** Resolves to false when the side is no longer the current one: a move or `clear` came in between. */
  #store(
    side: Side,
    request: WriteRequest,
    entries: DocumentEntry[],
    { signal, written, failures }: { signal: AbortSignal; written: string[]; failures: DocumentFailure[] },
  ): Promise<boolean> {
    const { book, ledger, texts } = this.#parts;
    return ledger.change(async (append) => {
      signal.throwIfAborted();
      if (book.current !== side) return false;
      const { index } = side;
      // Another slice may have brought the same id since the first look.
      const fresh = entries.filter(({ document: { id } }) => {
        const known = request.mode === 'add' && index.has(id);
        if (known) failures.push(duplicate(id));
        return !known;
      });
      if (fresh.length === 0) return true;
      const locators = await texts.put(fresh.map(({ document }) => document.text));
      fresh.forEach((entry, i) => (entry.locator = locators[i]));
      const mutation = prepareGood(side, request.mode, fresh, failures);
      if (!mutation) return true;
      const records = [book.mutationRecord('current', mutation)];
      // What the next index holds of a replaced document is out of date; the move takes it up again.
      const stale =
        book.next && fresh.map(({ document }) => document.id).filter((id) => book.next?.index.has(id));
      const forget =
        stale && stale.length > 0 ? book.next?.index.prepare({ type: 'remove', ids: stale }) : undefined;
      if (forget) records.push(book.mutationRecord('next', forget));
      await append(records);
      index.apply(mutation);
      if (forget) book.next?.index.apply(forget);
      written.push(...fresh.map(({ document }) => document.id));
      return true;
    });
  }
}

/** Prepares all entries that the index can take; those it refuses become failures and leave the list. */
function prepareGood(
  side: Side,
  type: 'add' | 'update',
  entries: DocumentEntry[],
  failures: DocumentFailure[],
): Mutation | undefined {
  while (entries.length > 0) {
    try {
      return side.index.prepare({ type, entries });
    } catch (error) {
      const bad =
        error instanceof SearchError ? entries.findIndex(({ document }) => document.id === error.id) : -1;
      if (bad < 0) throw error;
      const { code, message } = error as SearchError;
      failures.push({ id: entries[bad]!.document.id, code, message });
      entries.splice(bad, 1);
    }
  }
  return undefined;
}

function duplicate(id: string): DocumentFailure {
  const message = `There is a document ${JSON.stringify(id)} already. Use update() to replace it, or another id.`;
  return { id, code: 'duplicate-id', message };
}

function sorted(fields: Record<string, unknown>): [string, unknown][] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
