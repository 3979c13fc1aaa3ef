import { finishWithPauses } from '../bytes/steps.ts';
import { SearchError, show } from '../errors.ts';
import { expandOutline } from '../documents/document-table.ts';
import type {
  Change,
  Chunk,
  Entry,
  IndexDocument,
  IndexOptions,
  Locator,
  MemoryReport,
  Mutation,
  SearchQuery,
  SearchResult,
} from '../types.ts';
import { addEntry, removeDocument } from './apply.ts';
import { compact, needsCompaction } from './compact.ts';
import { buildContext, type ContextOptions, type ContextResult } from './context.ts';
import { decodeMutation, encodeMutation } from './mutation-codec.ts';
import { checkId, prepareEntry, type PreparedEntry } from './prepare.ts';
import { search } from './search.ts';
import { restore, type SectionSource, snapshot, snapshotInSteps } from './snapshot.ts';
import { createState, type State } from './state.ts';
import type { VectorStatistics } from '../vector/analysis.ts';
import {
  centroid,
  nearDuplicates,
  nearestTo,
  project,
  vectorStatistics,
  type NearDuplicate,
  type Neighbour,
} from './vector-tools.ts';

/** What `prepare` made, kept beside the bytes so that `apply` need not decode them. */
interface Plan {
  entries: readonly PreparedEntry[];
}

/** A search index over documents with fields, chunks and vectors, in memory. */
export class SearchIndex implements Disposable {
  #held: State | undefined;
  readonly #plans = new WeakMap<Mutation, Plan>();

  /** Use `createIndex` or `loadIndex`. */
  constructor(state: State) {
    this.#held = state;
  }

  get #state(): State {
    if (this.#held === undefined)
      throw new SearchError('disposed', 'This index was disposed; make or load another.');
    return this.#held;
  }

  /** How many documents there are. */
  get size(): number {
    return this.#state.table.living;
  }

  /** How many chunks all documents have together. */
  get chunkCount(): number {
    return this.#state.table.livingChunks;
  }

  /** How many chunks have a vector. */
  get vectorCount(): number {
    return this.#state.vectors?.count ?? 0;
  }

  /** The space of the vectors, as it was given. */
  get space(): string | undefined {
    return this.#state.vector?.space;
  }

  /** Bytes in memory by purpose. */
  get memory(): MemoryReport {
    const { index, lexicon, table, columns, vectors, texts } = this.#state;
    let fields = 0;
    for (const column of columns.values()) fields += column.bytes;
    const parts = {
      postings: index.bytes,
      words: lexicon.bytes,
      documents: table.bytes,
      fields,
      vectors: vectors?.bytes ?? 0,
      texts: texts.bytes,
    };
    return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
  }

  /** Threads that compare vectors with a query now: the caller's, and those of the others that have started. */
  get threads(): number {
    return this.#state.vectors?.threads ?? 1;
  }

  has(id: string): boolean {
    return this.#state.table.find(id) >= 0;
  }

  /** The stored fields of a document, without its text; undefined where there is none. */
  get(id: string): IndexDocument | undefined {
    const document = this.#state.table.find(id);
    return document < 0 ? undefined : { id, ...this.#state.table.readStored(document).fields };
  }

  /** The text of a document, from the index or from the host. */
  async text(id: string): Promise<string | undefined> {
    const document = this.#state.table.find(id);
    return document < 0 ? undefined : this.#state.texts.read(this.#state.table, document);
  }

  /** Ids of all documents, in the order they came in. */
  *ids(): Generator<string> {
    const { table } = this.#state;
    for (let document = 0; document < table.count; document++)
      if (table.alive.has(document)) yield table.id(document);
  }

  /**
   * The chunks of a document, and their vectors row by row (of unit length where the metric is cosine, and as exact as
   * they are kept); `vectors` is missing where a chunk has none. For export.
   */
  chunks(id: string): { chunks: Chunk[]; vectors?: Float32Array } | undefined {
    const { table, vectors: store } = this.#state;
    const document = table.find(id);
    if (document < 0) return undefined;
    const first = table.firstChunk[document]!;
    const count = table.firstChunk[document + 1]! - first;
    const headings = expandOutline(table.readStored(document).outline, count);
    const chunks = Array.from({ length: count }, (_, i): Chunk => ({
      start: table.chunkStart[first + i]!,
      end: table.chunkEnd[first + i]!,
      ...(headings[i]!.length > 0 ? { headings: headings[i]! } : {}),
    }));
    const slots = table.chunkSlot.subarray(first, first + count);
    if (store === undefined || slots.some((slot) => slot < 0)) return { chunks };
    const vectors = new Float32Array(count * store.dimensions);
    slots.forEach((slot, i) => vectors.set(store.row(slot), i * store.dimensions));
    return { chunks, vectors };
  }

  /** Ids of documents with a chunk that has no vector; all of them where the index has no vectors at all. */
  *withoutVectors(): Generator<string> {
    const { table } = this.#state;
    for (let document = 0; document < table.count; document++) {
      if (!table.alive.has(document)) continue;
      const slots = table.chunkSlot.subarray(table.firstChunk[document], table.firstChunk[document + 1]);
      if (slots.some((slot) => slot < 0)) yield table.id(document);
    }
  }

  /** Where the host keeps the text of a document; undefined where the index has it, or there is no such document. */
  locator(id: string): Locator | undefined {
    const document = this.#state.table.find(id);
    return document < 0 ? undefined : this.#state.table.locator(document);
  }

  /** The locators of all documents whose text the host keeps. */
  *locators(): Generator<[id: string, locator: [number, number, number]]> {
    const { table } = this.#state;
    for (let document = 0; document < table.count; document++) {
      const locator = table.alive.has(document) ? table.locator(document) : undefined;
      if (locator !== undefined) yield [table.id(document), locator];
    }
  }

  /**
   * The host has moved a text from one place to another (a compaction of its storage, say). Changes nothing else;
   * false where there is no such document, or its text is not at `from` any more. Not part of any mutation: it is
   * kept by the next snapshot, so the host has to keep the old place until then.
   */
  relocate(id: string, from: Locator, to: Locator): boolean {
    const document = this.#state.table.find(id);
    const current = document < 0 ? undefined : this.#state.table.locator(document);
    if (current === undefined || current.some((part, i) => part !== from[i])) return false;
    this.#state.table.locators.set(to, document * 3);
    return true;
  }

  /**
   * Checks a change as a whole and changes nothing. Write `bytes` to a journal, then `apply`.
   * Throws a `SearchError` (`duplicate-id`, `wrong-type`, `wrong-dimensions`, `invalid-vector`, `no-text`, …).
   */
  prepare(change: Change): Mutation {
    return this.#prepare(change, true);
  }

  /** @param later whether the change may be made later, so that vectors have to be copied */
  #prepare(change: Change, later: boolean): Mutation {
    if (change.type === 'remove') return this.#prepareRemoval(change.ids);
    if (!Array.isArray(change.entries))
      throw new SearchError('invalid-document', `Entries come as an array, not as ${show(change.entries)}.`, {
        value: change.entries,
      });
    const { fields, vector } = this.#state;
    const seen = new Set<string>();
    const entries = change.entries.map((entry) =>
      prepareEntry(entry, { fields, vector, allowEmpty: false, copy: later }),
    );
    for (const { id } of entries) {
      if (seen.has(id))
        throw new SearchError('duplicate-id', `Document ${show(id)} is there twice in one change.`, {
          id,
          field: 'id',
          value: id,
        });
      seen.add(id);
      if (change.type === 'add') this.#refuseKnown(id);
    }
    return this.#plan(change.type, entries, [...seen]);
  }

  /** Makes a prepared change. Only a change that no longer fits (`stale-mutation`, `duplicate-id`) throws. */
  apply(mutation: Mutation): void {
    const plan = this.#plans.get(mutation);
    if (plan === undefined)
      throw new SearchError(
        'stale-mutation',
        'This change was not prepared by this index, or has been made already.',
      );
    if (mutation.type === 'add') for (const id of mutation.ids) this.#refuseKnown(id);
    this.#plans.delete(mutation);
    this.#make(mutation.ids, plan.entries);
  }

  /** Makes a journalled change again. Making one twice does no harm. Texts that the bytes lack are read from the host. */
  async replay(bytes: Uint8Array): Promise<void> {
    const decoded = decodeMutation(bytes, this.#state.vector?.dimensions ?? 0);
    if (decoded.type === 'remove') return this.#make(decoded.ids, []);
    const texts = await Promise.all(
      decoded.entries.map((entry) => (entry.textMissing ? this.#readText(entry) : entry.text)),
    );
    const entries = decoded.entries.map((entry, at) => ({ ...entry, text: texts[at]! }));
    this.#make(
      entries.map((entry) => entry.id),
      entries,
    );
  }

  /** Adds new documents; a known id is an error (`duplicate-id`). */
  add(entries: Entry[]): void {
    this.apply(this.#prepare({ type: 'add', entries }, false));
  }

  /** Adds documents or puts them in the place of those with the same id. */
  update(entries: Entry[]): void {
    this.apply(this.#prepare({ type: 'update', entries }, false));
  }

  /** Removes documents; ids that are not there are passed over. */
  remove(ids: string[]): void {
    this.apply(this.prepare({ type: 'remove', ids }));
  }

  /**
   * Searches by words, by vector, or by both. Throws a `SearchError` with the code `invalid-query`,
   * `invalid-filter`, `unknown-field`, `wrong-dimensions` or `invalid-vector`.
   */
  async search(query: SearchQuery): Promise<SearchResult> {
    return search(this.#state, query);
  }

  /** Passages for an answer within a budget of tokens: in reading order, neighbours joined, each with its source. */
  async context(query: SearchQuery, options: ContextOptions): Promise<ContextResult> {
    return buildContext(
      (asked) => this.search(asked),
      (id) => this.text(id),
      query,
      options,
    );
  }

  /** The documents most like one, by their vectors. Throws `unknown-id`. */
  nearest(id: string, limit = 10): Neighbour[] {
    return nearestTo(this.#state, id, limit);
  }

  /** Mean of the vectors of some documents, or of all; undefined where there are none. */
  centroid(ids?: readonly string[]): Float32Array | undefined {
    return centroid(this.#state, ids);
  }

  /** Norms, mean and variance of all vectors. */
  vectorStatistics(): VectorStatistics {
    return vectorStatistics(this.#state);
  }

  /** A picture of the index: two coordinates for each document with vectors (principal components). */
  project(): { ids: string[]; coordinates: Float32Array } {
    return project(this.#state);
  }

  /** Pairs of documents with chunks at least this similar, 0 to 1, most similar first. */
  async nearDuplicates(
    options: { similarity?: number; signal?: AbortSignal } = {},
  ): Promise<NearDuplicate[]> {
    return nearDuplicates(this.#state, options.similarity ?? 0.95, options.signal);
  }

  /** The whole index as named sections of bytes, for `loadIndex`. */
  snapshot(): Map<string, Uint8Array> {
    return snapshot(this.#state);
  }

  /**
   * Like `snapshot`, cut into steps of about a millisecond: `pause` is awaited between them, and may let searches have
   * their turn. Changes must wait until it is done: one that comes in between makes it throw `stale-snapshot`.
   */
  async snapshotInSlices(pause: () => Promise<void>): Promise<Map<string, Uint8Array>> {
    const state = this.#state;
    const { revision } = state;
    return finishWithPauses(snapshotInSteps(state), async () => {
      await pause();
      if (state.revision === revision) return;
      const message =
        'The index was changed while its snapshot was being made. Make it again, without changes meanwhile.';
      throw new SearchError('stale-snapshot', message);
    });
  }

  /** Gives the memory back at once, that of the vectors above all. Every use afterwards throws `disposed`. */
  dispose(): void {
    this.#held?.vectors?.dispose();
    this.#held = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #prepareRemoval(ids: unknown): Mutation {
    if (!Array.isArray(ids))
      throw new SearchError('invalid-id', `Ids come as an array, not as ${show(ids)}.`, { value: ids });
    return this.#plan('remove', [], ids.map(checkId));
  }

  #plan(type: Mutation['type'], entries: PreparedEntry[], ids: string[]): Mutation {
    const { dimensions = 0 } = this.#state.vector ?? {};
    let encoded: Mutation['bytes'] | undefined;
    const mutation: Mutation = Object.freeze({
      type,
      ids: Object.freeze(ids),
      // Made when asked for: who keeps no journal pays nothing for it.
      get bytes() {
        return (encoded ??= encodeMutation(type, entries, ids, dimensions));
      },
    });
    this.#plans.set(mutation, { entries });
    return mutation;
  }

  /** Whatever the kind: the named documents go, the entries come. */
  #make(ids: readonly string[], entries: readonly PreparedEntry[]): void {
    const state = this.#state;
    for (const id of ids) {
      const document = state.table.find(id);
      if (document >= 0) removeDocument(state, document);
    }
    for (const entry of entries) addEntry(state, entry);
    state.revision++;
    if (needsCompaction(state)) compact(state);
  }

  #refuseKnown(id: string): void {
    if (!this.has(id)) return;
    throw new SearchError(
      'duplicate-id',
      `Document ${show(id)} is already in the index; use update to put another in its place.`,
      { id, field: 'id', value: id },
    );
  }

  async #readText(entry: PreparedEntry): Promise<string> {
    const text = await this.#state.texts.readAt(entry.locator!, entry.id);
    if (text !== undefined) return text;
    throw new SearchError(
      'no-text',
      `The text of document ${show(entry.id)} is kept by the host, but the index was opened without \`texts\`.`,
      { id: entry.id },
    );
  }
}

/** A new, empty index. Throws `invalid-schema` or `invalid-option`. */
export function createIndex(options: IndexOptions = {}): SearchIndex {
  return new SearchIndex(createState(options));
}

/** Opens a snapshot; the options must name the same fields and vectors as when it was made. */
export async function loadIndex(source: SectionSource, options: IndexOptions = {}): Promise<SearchIndex> {
  return new SearchIndex(await restore(source, options));
}
