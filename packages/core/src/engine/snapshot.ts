import { ByteReader, BytesError } from '../bytes/reader.ts';
import { finish, type Steps } from '../bytes/steps.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { DocumentTable } from '../documents/document-table.ts';
import { SearchError } from '../errors.ts';
import { Bitmap } from '../filter/bitmap.ts';
import { Column } from '../filter/columns.ts';
import { Dictionary } from '../postings/dictionary.ts';
import { InvertedIndex } from '../postings/inverted-index.ts';
import { Lexicon } from '../postings/lexicon.ts';
import type { IndexOptions } from '../types.ts';
import { compactInSteps } from './compact.ts';
import { type ArrayName, packArrays, packInSteps, unpackArrays } from './sections.ts';
import { createState, type State } from './state.ts';

const VERSION = 1;

/** Where a snapshot's sections come from, one at a time. */
export interface SectionSource {
  section(name: string): Promise<Uint8Array | undefined>;
}

type Arrays = Record<string, ArrayName>;

/**
 * The whole index as named sections of bytes: a small `header`, `words`, `postings`, `documents`,
 * `fields`, and, where there are any, `vectors` and `texts`.
 */
export function snapshot(state: State): Map<string, Uint8Array> {
  return finish(snapshotInSteps(state));
}

/** Like `snapshot`; searches may run between the steps, changes must not. */
export function* snapshotInSteps(state: State): Steps<Map<string, Uint8Array>> {
  if (state.table.living < state.table.count) yield* compactInSteps(state);
  const sections = new Map<string, Uint8Array>();
  const { lexicon, index, table, vectors } = state;
  sections.set('header', header(state));
  const { words, classes, ...rest } = yield* lexicon.arrays();
  sections.set(
    'words',
    yield* packInSteps({ ...prefixed('w', words.arrays()), ...prefixed('c', classes.arrays()), ...rest }),
  );
  const { pool, lists, listOf } = index.arrays();
  sections.set(
    'postings',
    yield* packInSteps({
      pool,
      lists,
      ...Object.fromEntries(listOf.map((array, i) => [`listOf${i}`, array])),
    }),
  );
  sections.set('documents', yield* packInSteps(documentArrays(table)));
  const columns: Arrays = {};
  for (const [name, column] of state.columns) {
    if (column.field.kind === 'string') continue;
    columns[`${name}/starts`] = column.starts.subarray(0, column.documents + 1);
    columns[`${name}/values`] = column.values.subarray(0, column.starts[column.documents]!);
    if (column.labelled) Object.assign(columns, prefixed(`${name}/`, column.labels.arrays()));
  }
  sections.set('fields', yield* packInSteps(columns));
  if (vectors !== undefined)
    sections.set('vectors', yield* packInSteps({ ...(yield* vectors.arraysInSteps()) }));
  if (state.texts.held.size > 0) sections.set('texts', packTexts(state));
  return sections;
}

const SECTIONS = ['header', 'words', 'postings', 'documents', 'fields', 'vectors', 'texts'] as const;

/** Opens a snapshot. Throws `snapshot-damaged`, `snapshot-newer` or `snapshot-mismatch`. */
export async function restore(source: SectionSource, options: IndexOptions): Promise<State> {
  const sections = new Map<string, Uint8Array>();
  for (const name of SECTIONS) {
    const bytes = name === 'vectors' && options.vector === undefined ? undefined : await source.section(name);
    if (bytes !== undefined) sections.set(name, bytes);
  }
  return restoreState(sections, createState(options));
}

/** Fills a fresh state from sections that are all at hand. */
export function restoreState(sections: ReadonlyMap<string, Uint8Array>, state: State): State {
  const head = sections.get('header');
  if (head === undefined) throw damaged('the header is missing');
  checkHeader(head, state);
  try {
    const take = (name: string): Arrays => {
      const bytes = sections.get(name);
      if (bytes === undefined) throw new BytesError(`the section "${name}" is missing`);
      return unpackArrays(bytes, name);
    };
    restoreWords(state, take('words'));
    restorePostings(state, take('postings'));
    restoreDocuments(state, take('documents'));
    restoreFields(state, take('fields'));
    if (state.vectors !== undefined) {
      state.vectors.restore(take('vectors') as unknown as ReturnType<typeof state.vectors.arrays>);
    }
    const texts = sections.get('texts');
    if (texts !== undefined) unpackTexts(state, texts);
    checkLinks(state);
  } catch (cause) {
    if (cause instanceof SearchError) throw cause;
    throw damaged((cause as Error).message, cause);
  }
  return state;
}

/** What must agree between the snapshot and the options it is opened with. */
function signature(state: State): string {
  const fields = state.fields.map((field) => `${field.name}:${field.type}`).sort();
  const { vector } = state;
  return JSON.stringify({
    fields,
    vector: vector && [
      vector.dimensions,
      vector.metric ?? 'cosine',
      vector.precision ?? 'f32',
      vector.space ?? null,
    ],
  });
}

function header(state: State): Uint8Array {
  const out = new ByteWriter();
  out.block(Uint8Array.from([0x42, 0x52, 0x57, 0x53])); // "BRWS"
  out.uint(VERSION);
  out.string(signature(state));
  return out.finish();
}

function checkHeader(bytes: Uint8Array, state: State): void {
  let stored: string;
  try {
    const reader = new ByteReader(bytes);
    if (String.fromCharCode(...reader.block(4)) !== 'BRWS')
      throw new BytesError('the header does not start with the mark of a snapshot');
    const version = reader.uint();
    if (version > VERSION) {
      throw new SearchError(
        'snapshot-newer',
        `The snapshot has the format ${version}; this version of Burrow reads up to ${VERSION}. Nothing was changed.`,
        { value: version },
      );
    }
    stored = reader.string();
  } catch (cause) {
    if (cause instanceof SearchError) throw cause;
    throw damaged((cause as Error).message, cause);
  }
  const expected = signature(state);
  if (stored !== expected) {
    throw new SearchError(
      'snapshot-mismatch',
      `The snapshot was made with other fields or vectors (${stored}) than it is opened with (${expected}).`,
      { value: stored },
    );
  }
}

function documentArrays(table: DocumentTable): Arrays {
  const { count, chunkCount } = table;
  const arrays: Arrays = {
    ...prefixed('i', table.ids.arrays()),
    documentOf: table.documentOf.subarray(0, table.ids.count),
    idOf: table.idOf.subarray(0, count),
    firstChunk: table.firstChunk.subarray(0, count + 1),
    language: table.language.subarray(0, count),
    locators: table.locators.subarray(0, count * 3),
    totals: Float64Array.from(table.totals),
    storedStart: table.storedStart.subarray(0, count + 1),
    stored: table.stored.subarray(0, table.storedStart[count]!),
  };
  for (const name of ['chunkStart', 'chunkEnd', 'chunkDocument', 'chunkLength', 'chunkSlot'] as const)
    arrays[name] = table[name].subarray(0, chunkCount);
  table.lengths.forEach((lengths, field) => (arrays[`lengths${field}`] = lengths.subarray(0, count)));
  return arrays;
}

function restoreWords(state: State, arrays: Arrays): void {
  state.lexicon = Lexicon.from({
    words: dictionary('w', arrays),
    classes: dictionary('c', arrays),
    seenIn: arrays['seenIn'] as Uint32Array,
    firstMember: arrays['firstMember'] as Int32Array,
    members: arrays['members'] as Int32Array,
    sorted: arrays['sorted'] as Uint32Array,
  });
}

function restorePostings(state: State, arrays: Arrays): void {
  const listOf = state.textFields.map((_, field) => required(arrays, `listOf${field}`) as Int32Array);
  state.index = InvertedIndex.from({
    pool: arrays['pool'] as Uint8Array,
    lists: arrays['lists'] as Int32Array,
    listOf,
  });
}

function restoreDocuments(state: State, arrays: Arrays): void {
  const { table } = state;
  table.ids = dictionary('i', arrays);
  table.count = (required(arrays, 'idOf') as Int32Array).length;
  table.living = table.count;
  table.chunkCount = (required(arrays, 'chunkDocument') as Int32Array).length;
  table.livingChunks = table.chunkCount;
  table.alive = Bitmap.full(table.count);
  for (const name of ['documentOf', 'idOf', 'firstChunk', 'chunkDocument', 'chunkSlot'] as const)
    table[name] = required(arrays, name) as Int32Array;
  for (const name of ['chunkStart', 'chunkEnd', 'chunkLength', 'storedStart'] as const)
    table[name] = required(arrays, name) as Uint32Array;
  table.language = required(arrays, 'language') as Uint8Array;
  table.locators = required(arrays, 'locators') as Float64Array;
  table.totals = [...(required(arrays, 'totals') as Float64Array)];
  table.stored = required(arrays, 'stored') as Uint8Array<ArrayBuffer>;
  table.lengths = state.textFields.map((_, field) => required(arrays, `lengths${field}`) as Uint32Array);
}

function restoreFields(state: State, arrays: Arrays): void {
  for (const [name, column] of state.columns) {
    const fresh = new Column(column.field);
    fresh.starts = required(arrays, `${name}/starts`) as Uint32Array;
    fresh.values = required(arrays, `${name}/values`) as Float64Array;
    fresh.documents = fresh.starts.length - 1;
    if (fresh.labelled) fresh.labels = dictionary(`${name}/`, arrays);
    if (fresh.documents !== state.table.count)
      throw new RangeError(`the field "${name}" counts other documents`);
    state.columns.set(name, fresh);
  }
}

/** The sections must speak of the same documents and chunks. */
function checkLinks(state: State): void {
  const { table, vectors } = state;
  const fits =
    table.firstChunk.length === table.count + 1 &&
    table.firstChunk[table.count] === table.chunkCount &&
    table.storedStart[table.count] === table.stored.length &&
    table.documentOf.length === table.ids.count &&
    table.lengths.every((lengths) => lengths.length === table.count);
  if (!fits) throw new RangeError('the documents do not fit together');
  for (let chunk = 0; chunk < table.chunkCount; chunk++) {
    const slot = table.chunkSlot[chunk]!;
    if (slot >= 0 && vectors?.chunkOf[slot] !== chunk)
      throw new RangeError('a chunk and its vector do not know each other');
  }
}

function packTexts(state: State): Uint8Array {
  const out = new ByteWriter();
  out.uint(state.texts.held.size);
  for (const [document, text] of state.texts.held) {
    out.uint(document);
    out.string(text);
  }
  return packArrays({ texts: out.finish() });
}

function unpackTexts(state: State, bytes: Uint8Array): void {
  const reader = new ByteReader(required(unpackArrays(bytes, 'texts'), 'texts') as Uint8Array);
  const count = reader.uint();
  for (let i = 0; i < count; i++) state.texts.held.set(reader.uint(), reader.string());
}

function prefixed(prefix: string, arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${prefix}.${name}`, array]));
}

function dictionary(prefix: string, arrays: Arrays): Dictionary {
  return Dictionary.from({
    units: required(arrays, `${prefix}.units`) as Uint16Array,
    starts: required(arrays, `${prefix}.starts`) as Uint32Array,
    table: required(arrays, `${prefix}.table`) as Int32Array,
  });
}

function required(arrays: Arrays, name: string): ArrayName {
  const array = arrays[name];
  if (array === undefined) throw new RangeError(`the array "${name}" is missing`);
  return array;
}

function damaged(reason: string, cause?: unknown): SearchError {
  return new SearchError('snapshot-damaged', `The snapshot cannot be opened: ${reason}.`, { cause });
}
