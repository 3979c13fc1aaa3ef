import type { Device, Dtype } from '@burrow/embed';
import { exportStream } from './backup/export.ts';
import { importBackup } from './backup/import.ts';
import type { EngineConnection } from './connection.ts';
import { DocumentsFailedError } from './errors.ts';
import type { DocumentFailure } from './errors.ts';
import { withAddresses } from './model-input.ts';
import { FlightRoom, sendSlices, slices } from './write-flow.ts';
import type { Slice } from './write-flow.ts';
import type { WriteReply } from './protocol.ts';
import { ProgressMeter } from './progress.ts';
import type {
  ExportOptions,
  ListedDocument,
  ModelInput,
  QueryOptions,
  QueryResult,
  SearchDocument,
  SearchEvent,
  SearchStats,
  TransferOptions,
  WriteOptions,
  WriteResult,
} from './types.ts';

type Documents = SearchDocument | Iterable<SearchDocument> | AsyncIterable<SearchDocument>;

/** An open index, as the page sees it. Made by `openSearch`. */
export class Search {
  /** The name it was opened with. */
  readonly name: string;
  readonly #connection: EngineConnection;
  readonly #events: EventTarget;
  /** Shared by all writes: a page may begin as many at once as it likes. */
  readonly #room = new FlightRoom();

  /** @internal */
  constructor(name: string, connection: EngineConnection, events: EventTarget) {
    this.name = name;
    this.#connection = connection;
    this.#events = events;
  }

  /**
   * Adds documents. Resolves when all of them are stored, flushed and searchable; an iterable is read only as fast
   * as they are taken. Aborting stops after the slice at work; what was acknowledged stays.
   *
   * @throws DocumentsFailedError for those that could not be taken, after all others went in: `duplicate-id`,
   *   `document-too-large`, `no-text`, `invalid-document`, or the code of what else was wrong
   */
  add(documents: Documents, options: WriteOptions = {}): Promise<WriteResult> {
    return this.#write('add', documents, options);
  }

  /** Like `add`, but a document with a known id takes that one's place. */
  update(documents: Documents, options: WriteOptions = {}): Promise<WriteResult> {
    return this.#write('update', documents, options);
  }

  /** Removes documents and resolves to how many there were; unknown ids are no error. */
  remove(ids: string | string[], options: { signal?: AbortSignal } = {}): Promise<number> {
    return this.#connection.call('remove', [Array.isArray(ids) ? ids : [ids]], options);
  }

  /** Searches by words and by meaning; the best documents first, each with its best passages. */
  query(text: string, options: QueryOptions = {}): Promise<QueryResult> {
    const { signal, onPartial, ...rest } = options;
    return this.#connection.call('query', [text, { ...rest, partial: onPartial !== undefined }], {
      signal,
      onEvent: (event) => {
        if (event.type === 'partial') onPartial?.(event.result);
      },
    });
  }

  /** A document as it was added, or undefined. */
  get(id: string): Promise<SearchDocument | undefined> {
    return this.#connection.call('get', [id]);
  }

  /** Documents without their texts, in the order of adding. */
  list(
    options: { offset?: number; limit?: number } = {},
  ): Promise<{ total: number; documents: ListedDocument[] }> {
    return this.#connection.call('list', [options.offset ?? 0, options.limit ?? 100]);
  }

  /** What the index holds and what runs. */
  stats(): Promise<SearchStats> {
    return this.#connection.call('stats', []);
  }

  /**
   * Moves the index to another model or device. Resolves when the new model is loaded and verified; the texts are
   * then embedded again behind the scenes while the old vectors go on answering (`stats().move`).
   *
   * @throws EmbedError when the model cannot be loaded; the index then stays with the one it has
   */
  setModel(
    model: ModelInput,
    options: { device?: 'auto' | Device; dtype?: 'auto' | Dtype } = {},
  ): Promise<void> {
    return this.#connection.call('setModel', [
      { model: withAddresses(model), device: options.device ?? 'auto', dtype: options.dtype ?? 'auto' },
    ]);
  }

  /** Asks the browser not to evict what is stored. Resolves to whether it agreed. */
  async persist(): Promise<boolean> {
    // Browsers ask the person, so the page has to do it.
    const storage = navigator.storage as { persist?(): Promise<boolean> } | undefined;
    return (await storage?.persist?.()) ?? false;
  }

  /**
   * Everything as one file, as a stream: `await new Response(search.export()).blob()`, or piped into a file that the
   * person chose. A backup (the default) has documents, passages, vectors, settings and checksums, and `import` takes it
   * on any browser; the other formats are for other programs.
   */
  export(options: ExportOptions = {}): ReadableStream<Uint8Array> {
    return exportStream(this.#connection, options);
  }

  /**
   * Takes in a backup; documents with a known id take that one's place. Vectors are used again where they are of this
   * index's model, else the texts are embedded anew. The file is checked as a whole before anything changes.
   *
   * @throws WorkerError `backup-damaged`, `backup-newer`
   * @throws DocumentsFailedError for documents that this index cannot take, after all others went in
   */
  import(file: Blob, options: TransferOptions = {}): Promise<WriteResult> {
    return importBackup(this.#connection, file, options);
  }

  /** Removes every document, and what was stored for them, from the disk too. */
  clear(): Promise<void> {
    return this.#connection.call('clear', []);
  }

  /**
   * Tidies up now instead of when it pays: afterwards nothing of documents that were removed or replaced is left on
   * the disk. Searching and writing go on meanwhile.
   */
  compact(options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#connection.call('compact', [], options);
  }

  /** Listens to what happens behind the scenes. Returns a function that stops it. */
  on<T extends SearchEvent['type']>(
    type: T,
    listener: (event: Extract<SearchEvent, { type: T }>) => void,
  ): () => void {
    const handler = (event: Event): void => listener((event as CustomEvent).detail);
    this.#events.addEventListener(type, handler);
    return () => this.#events.removeEventListener(type, handler);
  }

  /** Finishes what is being written, closes the files and ends the workers. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(mode: 'add' | 'update', documents: Documents, options: WriteOptions): Promise<WriteResult> {
    const list = isDocument(documents) ? [documents] : documents;
    const meter = new ProgressMeter(options.onProgress, Array.isArray(list) ? list.length : undefined);
    /** By slice: they may be answered in another order. */
    const replies: WriteReply[] = [];
    const failures: DocumentFailure[] = [];
    const send = async ({ documents: slice }: Slice, number: number): Promise<void> => {
      options.signal?.throwIfAborted();
      const { cloneable, failures: uncloneable } = sortOutUncloneable(slice);
      failures.push(...uncloneable);
      const reply = await this.#connection.call('write', [{ documents: cloneable, mode, replayed: false }], {
        signal: options.signal,
        onEvent: (event) => meter.onEvent(number, event),
      });
      replies[number] = reply;
      meter.onDocuments(slice.length);
    };
    await sendSlices(slices(list), send, this.#room);
    const written = replies.flatMap((reply) => reply.written);
    failures.push(...replies.flatMap((reply) => reply.failures));
    if (failures.length > 0) throw new DocumentsFailedError(failures, written);
    return { written };
  }
}

/**
 * Documents that hold what cannot be sent to a worker (functions, DOM nodes) cost themselves alone. A look at the
 * types of their fields is enough for plain ones; only what holds objects is tried out.
 */
function sortOutUncloneable(documents: SearchDocument[]): {
  cloneable: SearchDocument[];
  failures: DocumentFailure[];
} {
  const failures: DocumentFailure[] = [];
  const cloneable = documents.filter((document, place) => {
    try {
      if (!isPlain(document)) structuredClone(document);
      return true;
    } catch (error) {
      const id = typeof document?.id === 'string' ? document.id : `#${place}`;
      const message = `Document ${JSON.stringify(id)} holds something that is no data: ${(error as Error).message}`;
      failures.push({ id, code: 'invalid-document', message });
      return false;
    }
  });
  return { cloneable, failures };
}

function isPlain(document: SearchDocument): boolean {
  if (typeof document !== 'object' || document === null) return false;
  return Object.values(document).every(
    (value) => typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol',
  );
}

function isDocument(documents: Documents): documents is SearchDocument {
  return !(Symbol.iterator in documents) && !(Symbol.asyncIterator in documents);
}
