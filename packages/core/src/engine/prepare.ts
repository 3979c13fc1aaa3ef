import { foldOutline } from '../documents/document-table.ts';
import { SearchError, show } from '../errors.ts';
import { checkValue, type Field, valueAt } from '../schema.ts';
import { LANGUAGES, type Language } from '../text/stemmers.ts';
import type { Entry, Locator, VectorOptions } from '../types.ts';
import { checkVector } from '../vector/vector-store.ts';

/** A checked document, ready to go in: nothing about it can fail any more. */
export interface PreparedEntry {
  id: string;
  text: string;
  /** JSON of `Stored`. */
  stored: string;
  /** Start and end of each chunk, in turn. */
  spans: Uint32Array;
  /** One vector for each chunk, or none at all. */
  vectors: Float32Array[];
  locator?: Locator;
  language?: Language;
}

export interface PrepareRules {
  fields: Field[];
  vector: VectorOptions | undefined;
  /** Whether a document may come without any words. */
  allowEmpty: boolean;
  /** Whether vectors are copied, as the caller may change its own before the change is made. Default: true. */
  copy?: boolean;
}

/** Checks one entry against the schema. Throws a `SearchError` that names document, field and value. */
export function prepareEntry(entry: Entry, rules: PrepareRules): PreparedEntry {
  if (
    typeof entry !== 'object' ||
    entry === null ||
    typeof entry.document !== 'object' ||
    entry.document === null
  ) {
    throw new SearchError('invalid-document', `An entry is { document, chunks, … }, not ${show(entry)}.`, {
      value: entry,
    });
  }
  const { document } = entry;
  const id = checkId(document.id);
  if (document.text !== undefined && document.text !== null && typeof document.text !== 'string') {
    throw new SearchError(
      'wrong-type',
      `Document ${show(id)}: the text is ${show(document.text)}; it must be a string.`,
      { id, field: 'text', value: document.text },
    );
  }
  const text = document.text ?? '';
  for (const key of Object.keys(document)) {
    if (key === '__proto__')
      throw new SearchError(
        'unknown-field',
        `Document ${show(id)}: "__proto__" cannot be the name of a field.`,
        { id, field: key },
      );
  }
  let words = text.trim() !== '';
  for (const field of rules.fields) {
    const value = valueAt(document, field);
    checkValue(field, value, id);
    if (field.kind === 'string' && value !== undefined && value !== null)
      words ||= [value].flat().some((one) => (one as string).trim() !== '');
  }
  if (!words && !rules.allowEmpty) {
    throw new SearchError('no-text', `Document ${show(id)} has no text: there is nothing to find it by.`, {
      id,
      field: 'text',
      value: text,
    });
  }
  const spans = checkChunks(entry, text, id);
  const vectors = checkVectors(entry, spans.length / 2, rules, id);
  const prepared: PreparedEntry = { id, text, stored: stringify(entry, id), spans, vectors };
  if (entry.locator !== undefined) prepared.locator = checkLocator(entry.locator, id);
  if (entry.language !== undefined) {
    if (!LANGUAGES.includes(entry.language)) {
      throw new SearchError(
        'invalid-document',
        `Document ${show(id)}: the language ${show(entry.language)} is not known; known are ${LANGUAGES.join(', ')}.`,
        { id, field: 'language', value: entry.language },
      );
    }
    prepared.language = entry.language;
  }
  return prepared;
}

export function checkId(id: unknown): string {
  if (typeof id !== 'string' || id === '') {
    throw new SearchError(
      'invalid-id',
      `The id of a document is a string that is not empty, not ${show(id)}.`,
      { field: 'id', value: id },
    );
  }
  return id;
}

function checkChunks(entry: Entry, text: string, id: string): Uint32Array {
  const chunks =
    Array.isArray(entry.chunks) && entry.chunks.length === 0
      ? [{ start: 0, end: text.length }]
      : (entry.chunks ?? [{ start: 0, end: text.length }]);
  if (!Array.isArray(chunks)) {
    throw new SearchError(
      'invalid-chunk',
      `Document ${show(id)}: chunks are an array of { start, end }, not ${show(chunks)}.`,
      { id, field: 'chunks', value: chunks },
    );
  }
  const spans = new Uint32Array(chunks.length * 2);
  let last = 0;
  chunks.forEach((chunk, at) => {
    const { start, end, headings } = chunk ?? {};
    const good =
      Number.isInteger(start) && Number.isInteger(end) && start >= last && end >= start && end <= text.length;
    if (!good) {
      throw new SearchError(
        'invalid-chunk',
        `Document ${show(id)}: chunk ${at} is ${String(start)} to ${String(end)}; chunks rise and lie within the text's ${text.length} characters.`,
        { id, field: 'chunks', value: chunk },
      );
    }
    if (
      headings !== undefined &&
      !(Array.isArray(headings) && headings.every((heading) => typeof heading === 'string'))
    ) {
      throw new SearchError(
        'invalid-chunk',
        `Document ${show(id)}: the headings of chunk ${at} are not an array of strings.`,
        { id, field: 'chunks', value: headings },
      );
    }
    spans[at * 2] = last = start;
    spans[at * 2 + 1] = end;
  });
  return spans;
}

function checkVectors(
  entry: Entry,
  chunks: number,
  { vector: options, copy }: PrepareRules,
  id: string,
): Float32Array[] {
  const { vectors, space } = entry;
  if (vectors === undefined || vectors === null) return [];
  if (options === undefined) {
    throw new SearchError(
      'wrong-dimensions',
      `Document ${show(id)} has vectors, but the index was created without \`vector\`.`,
      { id, field: 'vectors' },
    );
  }
  if (space !== undefined && space !== options.space) {
    throw new SearchError(
      'wrong-space',
      `Document ${show(id)}: its vectors are of the space ${show(space)}, the index holds ${show(options.space)}.`,
      { id, field: 'space', value: space },
    );
  }
  const { dimensions, metric = 'cosine' } = options;
  if (typeof vectors !== 'object' || vectors.length !== chunks * dimensions) {
    throw new SearchError(
      'wrong-dimensions',
      `Document ${show(id)}: its vectors hold ${show((vectors as ArrayLike<number>).length)} numbers; ${chunks} chunks of ${dimensions} dimensions need ${chunks * dimensions}.`,
      { id, field: 'vectors', value: vectors.length },
    );
  }
  return Array.from({ length: chunks }, (_, chunk) => {
    const [from, to] = [chunk * dimensions, (chunk + 1) * dimensions];
    const row = ArrayBuffer.isView(vectors) ? vectors.subarray(from, to) : vectors.slice(from, to);
    return checkVector(row, dimensions, metric, {
      id,
      what: `Document ${show(id)}: the vector of chunk ${chunk}`,
      copy,
    });
  });
}

function checkLocator(locator: Locator, id: string): Locator {
  const good =
    Array.isArray(locator) &&
    locator.length === 3 &&
    locator.every((part) => Number.isSafeInteger(part) && part >= 0);
  if (!good)
    throw new SearchError('invalid-document', `Document ${show(id)}: a locator is three whole numbers.`, {
      id,
      field: 'locator',
      value: locator,
    });
  return [...locator];
}

/** The stored fields as JSON. Cycles and other things that JSON lacks are errors, not silent losses. */
function stringify(entry: Entry, id: string): string {
  const { id: _, text: __, ...fields } = entry.document;
  try {
    return JSON.stringify({ fields, outline: foldOutline(entry.chunks ?? []) });
  } catch (cause) {
    const field = Object.keys(fields).find((key) => !isPlain(fields[key]));
    throw new SearchError(
      'invalid-document',
      `Document ${show(id)}: field "${field ?? '?'}" cannot be stored as JSON (${(cause as Error).message.split('\n')[0]}).`,
      {
        id,
        field,
        value: field === undefined ? undefined : fields[field],
        cause,
      },
    );
  }
}

function isPlain(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
