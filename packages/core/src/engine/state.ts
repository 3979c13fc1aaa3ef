import { DocumentTable, type Stored } from '../documents/document-table.ts';
import { Texts } from '../documents/texts.ts';
import { SearchError, show } from '../errors.ts';
import { Column } from '../filter/columns.ts';
import { InvertedIndex } from '../postings/inverted-index.ts';
import { Lexicon } from '../postings/lexicon.ts';
import { type Field, parseSchema, valueAt } from '../schema.ts';
import { ScratchPool } from '../rank/scratch.ts';
import { LANGUAGES } from '../text/stemmers.ts';
import type { IndexOptions, TextOptions, VectorOptions } from '../types.ts';
import { VectorStore } from '../vector/vector-store.ts';

/** Everything an index holds. The engine's parts work on it; only they do. */
export interface State {
  fields: Field[];
  /** Text fields: the document's text first, then title and the schema's strings. */
  textFields: Field[];
  text: { k1: number; boosts: number[]; bs: number[]; language: TextOptions['language'] };
  vector: VectorOptions | undefined;
  lexicon: Lexicon;
  index: InvertedIndex;
  table: DocumentTable;
  vectors: VectorStore | undefined;
  /** Columns of the fields that are not strings, by field name; those of strings are made when needed. */
  columns: Map<string, Column>;
  texts: Texts;
  /** Arrays that queries work in. */
  scratch: ScratchPool;
  revision: number;
}

/**
 * Defaults chosen on a grid over two judged collections (Cranfield and LISA) together, on a broad plateau: titles
 * count more and their length matters less, and repetition counts for longer than the usual k1 of 1.2.
 */
const K1 = 2;
const B = 0.75;
const TITLE_BOOST = 3;
const TITLE_B = 0.5;

export function createState(options: IndexOptions): State {
  const fields = withStandardFields(parseSchema(options.schema ?? {}));
  const textFields = orderedTextFields(fields);
  checkVectorOptions(options.vector);
  const state: State = {
    fields,
    textFields,
    text: textOptions(options.text ?? {}, textFields),
    vector: options.vector === undefined ? undefined : { ...options.vector },
    lexicon: new Lexicon(),
    index: new InvertedIndex(textFields.length),
    table: new DocumentTable(textFields.length),
    vectors: options.vector === undefined ? undefined : new VectorStore(options.vector),
    columns: new Map(),
    texts: new Texts(options.texts),
    scratch: new ScratchPool(),
    revision: 0,
  };
  for (const field of fields) if (field.kind !== 'string') state.columns.set(field.name, new Column(field));
  return state;
}

/** The column of a field. String columns are read from the stored documents the first time. */
export function columnOf(state: State, field: Field): Column {
  const known = state.columns.get(field.name);
  if (known !== undefined) return known;
  const column = new Column(field);
  for (let document = 0; document < state.table.count; document++) {
    column.push(
      state.table.alive.has(document)
        ? valueAt((state.table.readStored(document) as Stored).fields, field)
        : undefined,
    );
  }
  state.columns.set(field.name, column);
  return column;
}

export function fieldNamed(state: State, name: string): Field | undefined {
  return state.fields.find((field) => field.name === name);
}

/** The field of a query option, or an `unknown-field` error. */
export function requireField(state: State, name: unknown, what: string): Field {
  const field = typeof name === 'string' ? fieldNamed(state, name) : undefined;
  if (field === undefined) {
    throw new SearchError(
      'unknown-field',
      `${what} names the field ${show(name)}, which the schema does not have.`,
      { field: String(name), value: name },
    );
  }
  return field;
}

function withStandardFields(fields: Field[]): Field[] {
  const standard = (name: string): Field => ({
    name,
    path: [name],
    type: 'string',
    kind: 'string',
    array: false,
  });
  for (const name of ['text', 'title']) {
    const field = fields.find((one) => one.name === name);
    if (field === undefined) fields.push(standard(name));
    else if (name === 'text' && field.type !== 'string') {
      throw new SearchError('invalid-schema', 'The field "text" is always a string.', {
        field: name,
        value: field.type,
      });
    }
  }
  return fields.filter((field) => field.name !== 'id');
}

function orderedTextFields(fields: Field[]): Field[] {
  const strings = fields.filter((field) => field.kind === 'string');
  const text = strings.find((field) => field.name === 'text')!;
  return [text, ...strings.filter((field) => field !== text)];
}

function textOptions(options: TextOptions, textFields: Field[]): State['text'] {
  const { k1 = K1, b = {}, boosts = {}, language } = options;
  if (!(k1 >= 0 && k1 < Infinity)) throw option('text.k1', k1, 'a number from 0 up');
  for (const value of typeof b === 'number' ? [b] : Object.values(b))
    if (!(value >= 0 && value <= 1)) throw option('text.b', value, 'between 0 and 1');
  if (language !== undefined && !LANGUAGES.includes(language))
    throw option('text.language', language, `one of ${LANGUAGES.join(', ')}`);
  return {
    k1,
    language,
    boosts: resolveBoosts(
      textFields,
      boosts,
      textFields.map((field) => (field.name === 'title' ? TITLE_BOOST : 1)),
    ),
    bs: textFields.map((field) => {
      if (typeof b === 'number') return b;
      return Object.hasOwn(b, field.name) ? b[field.name]! : field.name === 'title' ? TITLE_B : B;
    }),
  };
}

/** Boosts by field number, with what `boosts` says over `defaults`. */
export function resolveBoosts(
  textFields: Field[],
  boosts: Record<string, number>,
  defaults: number[],
): number[] {
  for (const [name, value] of Object.entries(boosts)) {
    if (!textFields.some((field) => field.name === name)) {
      throw new SearchError('unknown-field', `A boost names "${name}", which is not a text field.`, {
        field: name,
        value,
      });
    }
    if (!(value > 0 && value < Infinity)) throw option(`boosts.${name}`, value, 'a number above 0');
  }
  return textFields.map((field, at) =>
    Object.hasOwn(boosts, field.name) ? boosts[field.name]! : defaults[at]!,
  );
}

function checkVectorOptions(options: VectorOptions | undefined): void {
  if (options === undefined) return;
  const {
    dimensions,
    metric = 'cosine',
    precision = 'f32',
    index = 'auto',
    weight,
    threads = 'auto',
  } = options;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65536)
    throw option('vector.dimensions', dimensions, 'a whole number from 1 to 65,536');
  if (!['cosine', 'dot', 'euclidean', 'manhattan'].includes(metric))
    throw option('vector.metric', metric, 'cosine, dot, euclidean or manhattan');
  if (!['f32', 'int8', 'binary'].includes(precision))
    throw option('vector.precision', precision, 'f32, int8 or binary');
  if (!['auto', 'exact', 'approximate'].includes(index))
    throw option('vector.index', index, 'auto, exact or approximate');
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1))
    throw option('vector.threads', threads, 'auto or a whole number from 1 on');
  if (weight !== undefined && !(weight >= 0 && weight <= 1))
    throw option('vector.weight', weight, 'between 0 and 1');
}

function option(name: string, value: unknown, expected: string): SearchError {
  return new SearchError(
    'invalid-option',
    `The option \`${name}\` is ${show(value)}; it must be ${expected}.`,
    { field: name, value },
  );
}
