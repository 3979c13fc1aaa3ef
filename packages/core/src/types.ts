import type { Language } from './text/stemmers.ts';
import type { Schema } from './schema.ts';
import type { Where } from './filter/where.ts';
import type { FacetDefinition, FacetResult } from './filter/facets.ts';

/** Where the host keeps a document's text. Opaque to this package: three whole numbers that it hands back. */
export type Locator = [segment: number, offset: number, length: number];

/** A span of its document's text, in UTF-16 offsets; never a copy. */
export interface Chunk {
  start: number;
  end: number;
  /** The headings above the span, outermost first. */
  headings?: string[];
}

/** What is indexed: a document with its text, and whatever fields the schema names or the host wants back. */
export interface IndexDocument {
  id: string;
  text?: string;
  [field: string]: unknown;
}

export interface Entry {
  document: IndexDocument;
  /** Spans in rising order. Without any, the whole text is one chunk. */
  chunks?: Chunk[];
  /** chunks × dimensions numbers, row by row. Without, the document is found by keyword only. */
  vectors?: Float32Array | number[];
  /** The space of these vectors; refused when it is not the index's. */
  space?: string;
  /** Where the host keeps the text. With it, neither index nor mutation holds a copy of the text. */
  locator?: Locator;
  /** Detected where it is not given. */
  language?: Language;
}

export type Change = { type: 'add' | 'update'; entries: Entry[] } | { type: 'remove'; ids: string[] };

export interface TextOptions {
  /** Weight of each text field in BM25F. @default title 3, others 1 */
  boosts?: Record<string, number>;
  /** How fast repeated words stop counting. @default 2 */
  k1?: number;
  /** How far long texts are held back, 0 to 1, for all fields or for each. @default 0.75, title 0.5 */
  b?: number | Record<string, number>;
  /** Language of all documents; detected for each where not given. `none` switches stemming off. */
  language?: Language;
}

export type Precision = 'f32' | 'int8' | 'binary';
export type Metric = 'cosine' | 'dot' | 'euclidean' | 'manhattan';

export interface VectorOptions {
  dimensions: number;
  /** Key of the space the vectors live in (model, revision, pooling, …). Never compared with another. */
  space?: string;
  /** How vectors are kept for scanning. @default 'f32' */
  precision?: Precision;
  /** Finer vectors kept beside, with which the nearest are scored again. @default 'int8' for binary, else 'none' */
  rescore?: 'f32' | 'int8' | 'none';
  /** @default 'cosine' */
  metric?: Metric;
  /**
   * `exact` compares every vector with the query, `approximate` those in the lists nearest to it (from 4,096 vectors on;
   * fewer are compared whole), `auto` is exact up to 100,000 vectors. Not part of a snapshot: it may differ when one is opened.
   * @default 'auto'
   */
  index?: 'auto' | 'exact' | 'approximate';
  /**
   * How many threads compare vectors with a query, the caller's included: more than one where memory can be shared (an isolated
   * page, or Node) and there are 6 MB to compare. `auto`: one for each core, four at most. Not part of a snapshot.
   * @default 'auto'
   */
  threads?: number | 'auto';
  /** Address of the worker that helps with it, where a bundler moves the code but not the file. */
  scanWorker?: string;
  /** Weight of the vector side that fusion starts from, 0 to 1 (from the model's card). */
  weight?: number;
}

export interface IndexOptions {
  schema?: Schema;
  text?: TextOptions;
  vector?: VectorOptions;
  /** How to get at texts that the host keeps. */
  texts?: { read(locator: Locator, id: string): string | Promise<string> };
}

export type SearchMode = 'hybrid' | 'keyword' | 'vector';

export interface SortBy {
  field: string;
  order?: 'asc' | 'desc' | 'ASC' | 'DESC';
}

export type Fusion =
  | 'calibrated'
  | 'rrf'
  | { type: 'calibrated'; weight?: number }
  | { type: 'rrf'; k?: number; weight?: number }
  | { type: 'weighted'; weight: number };

export interface SearchQuery {
  /** Words, "phrases", -excluded words, field:words. */
  term?: string;
  /** The query's vector, of the index's dimensions. */
  vector?: Float32Array | number[];
  /** The space of that vector. Where it is not the index's, the search goes on by keyword and says so. */
  space?: string;
  /** @default 'hybrid' where both a term and a vector are there, else what there is */
  mode?: SearchMode;
  where?: Where;
  facets?: Record<string, FacetDefinition>;
  sortBy?: SortBy;
  groupBy?: { field: string; limit?: number };
  distinctOn?: string;
  /** @default 10 */
  limit?: number;
  /** @default 0 */
  offset?: number;
  /** @default 'calibrated' */
  fusion?: Fusion;
  /** Text fields to search in; all by default. */
  fields?: string[];
  /** Overrides of the field weights for this query. */
  boosts?: Record<string, number>;
  /** Whether the last word may be the start of a longer one, or every word may. @default 'last' */
  prefix?: 'last' | 'all' | false;
  /** Largest number of typing errors: by length of the word, fixed, or none. @default 'auto' */
  typos?: 'auto' | 0 | 1 | 2;
  /** Which documents count as found: those with any of the words or with all of them. @default 'any' */
  match?: 'any' | 'all';
  /** Least similarity for the vector side. */
  similarity?: number;
  /** Best passages for each hit. 0 reads no texts at all. @default 1 */
  passages?: number;
  /** Whether passages say where the words are. @default true */
  highlight?: boolean;
  /** Whether hits say how their score came about. @default false */
  explain?: boolean;
}

export interface Passage {
  /** Number of the chunk in its document. */
  chunk: number;
  start: number;
  end: number;
  headings: string[];
  text: string;
  /** Spans of matching words, as offsets into `text`. */
  highlights: [start: number, end: number][];
  /** The sentence that matches best, as offsets into `text`. */
  sentence?: [start: number, end: number];
  score: number;
}

/** One side's part in a hit: its place (1 is best) and its own score. */
export interface SideScore {
  rank: number;
  score: number;
}

export interface TermExplanation {
  /** The word of the query. */
  term: string;
  /** Words of the index that stood in for it. */
  words: {
    word: string;
    kind: 'exact' | 'stem' | 'prefix' | 'typo' | 'phrase';
    field: string;
    frequency: number;
  }[];
  idf: number;
  /** Documents with the term. */
  documents: number;
  /** Share of the hit's keyword score. */
  score: number;
}

export interface Explanation {
  keyword?: { score: number; rank: number; terms: TermExplanation[] };
  vector?: { similarity: number; distance: number; rank: number; chunk: number };
  fusion?: {
    method: 'calibrated' | 'rrf' | 'weighted';
    /** Weight of the vector side in this query. */
    weight: number;
    /** What each side adds; their sum is `score`. */
    keyword: number;
    vector: number;
  };
  /** The hit's score: the sum of the parts above. */
  score: number;
}

export interface Hit {
  id: string;
  score: number;
  /** The stored fields, without the text. */
  document: IndexDocument;
  passages: Passage[];
  keyword?: SideScore;
  vector?: SideScore;
  explanation?: Explanation;
}

export interface Notice {
  code: 'space-mismatch' | 'no-vectors' | 'no-term' | 'text-unreadable' | 'query-cut';
  message: string;
}

export interface SearchResult {
  /** How many documents were found, all pages together. */
  count: number;
  hits: Hit[];
  groups?: { value: string | number | boolean; hits: Hit[]; count: number }[];
  facets?: Record<string, FacetResult>;
  /** What was really searched. */
  mode: SearchMode;
  notices: Notice[];
}

/** A checked change, not yet made. `bytes` is what a journal keeps. */
export interface Mutation {
  readonly type: 'add' | 'update' | 'remove';
  readonly ids: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes in memory, by what they are for. Document texts that the index holds are counted apart. */
export interface MemoryReport {
  postings: number;
  words: number;
  documents: number;
  fields: number;
  vectors: number;
  texts: number;
  total: number;
}
