import type { BackendReport, CreateEmbedderOptions, Device, Dtype } from '@burrow/embed';
import type { SearchQuery, SearchResult } from '@burrow/core';

/** A document as a person knows it. Fields beside these are kept, and indexed when the schema names them. */
export interface SearchDocument {
  /** Unique in the index, 1 to 512 characters. */
  id: string;
  /** What is searched; lone surrogates are kept as they are. */
  text: string;
  title?: string;
  /** How the text is cut into passages: by its headings, or by sentences only. Default `'plain'`. */
  format?: 'plain' | 'markdown';
  [field: string]: unknown;
}

/** A document as `list` gives it: without its text. */
export interface ListedDocument {
  id: string;
  title?: string;
  [field: string]: unknown;
}

/** A model as @burrow/embed takes it. */
export type ModelInput = NonNullable<CreateEmbedderOptions['model']>;

/** Fields and their types, as in Orama; `title` and `text` are always there. */
export type Schema = Record<string, string>;

export interface OpenSearchOptions {
  /** Name of the index: one per origin and name, shared by all tabs. Letters, digits, `-`, `_`, `.`; at most 64. */
  name: string;
  /** `'static-en'` (default), `'hash'`, model data from a package, or the id of a hub model (then it is downloaded). */
  model?: ModelInput;
  /** Where the model runs. Default `'auto'`: the fastest of those that are correct here. */
  device?: 'auto' | Device;
  dtype?: 'auto' | Dtype;
  /** Fields to filter, sort, group and facet by. */
  schema?: Schema;
  /** `'strict'` (default): an acknowledged write survives a power cut. `'relaxed'`: grouped, a short delay at risk. */
  durability?: 'strict' | 'relaxed';
  /** Largest text of one document in UTF-16 units. Default 32 Mi. */
  maxTextLength?: number;
  /**
   * How long a tab waits for a sign of life of the one that holds the index, in ms (`leader-unresponsive`). At least 1000,
   * since one that is busy may be silent for a second; less is refused (`invalid-options`). Default 5000.
   */
  leaderTimeout?: number;
  /** How long the search worker may be silent while it has something to answer, in ms; then another is started. Default 60000. */
  workerTimeout?: number;
  /** Starts a worker from an address; for hosts with a Trusted Types policy. Default: a module worker. */
  createWorker?: (url: string) => Worker;
  signal?: AbortSignal;
}

export interface WorkProgress {
  /** What is being done now. */
  phase: 'reading' | 'embedding' | 'storing';
  /** Documents that are finished: acknowledged or failed. */
  documents: number;
  /** Documents to do, where known. */
  totalDocuments?: number;
  /** Passages embedded so far. */
  chunks: number;
  /** Passages per second since the start. */
  chunksPerSecond: number;
  /** Estimate in seconds, where the total is known. */
  secondsLeft?: number;
}

export interface WriteOptions {
  signal?: AbortSignal;
  onProgress?: (progress: WorkProgress) => void;
}

export interface WriteResult {
  /** Ids that are now stored, flushed and searchable. */
  written: string[];
}

export interface QueryOptions extends Omit<SearchQuery, 'term' | 'vector' | 'space'> {
  signal?: AbortSignal;
  /** Called with the keyword hits before the query is embedded. */
  onPartial?: (result: QueryResult) => void;
}

/** Options of `import`, and of `export` too. */
export interface TransferOptions {
  signal?: AbortSignal;
  onProgress?: (progress: { documents: number; totalDocuments: number }) => void;
}

export interface ExportOptions extends TransferOptions {
  /**
   * `'backup'` (default): everything, for `import`. `'ndjson'`, `'parquet'`: one line or row for each passage, for
   * other programs.
   */
  format?: 'backup' | 'ndjson' | 'parquet';
  /** Whether passages come with title, headings and text; not for backups. Default true. */
  texts?: boolean;
  /** Whether passages come with their vector; not for backups. Default true. */
  vectors?: boolean;
}

/** Something about the answer that the person should know. */
export interface QueryNotice {
  code: SearchResult['notices'][number]['code'] | 'query-truncated' | 'model-loading' | 'model-failed';
  message: string;
}

export interface QueryResult extends Omit<SearchResult, 'notices'> {
  notices: QueryNotice[];
  /** Milliseconds in the engine, by part. */
  timings: { keyword: number; embedding: number; total: number };
}

/** What the index holds and what runs, true at the moment of asking. */
export interface SearchStats {
  name: string;
  documents: number;
  chunks: number;
  /** Space of the vectors in the index, undefined while it is empty. */
  space: string | undefined;
  /** This tab's part: the leader holds the files, the others ask it. */
  role: 'leader' | 'follower';
  model: ModelStatus;
  /** Threads that compare vectors with a query; more than one where memory can be shared, once there are 6 MB of vectors. */
  scanThreads: number;
  /** The move to another model, while one runs. */
  move: MoveStatus | undefined;
  storage: StorageStatus;
  /** Vectors kept from earlier imports; undefined where the model needs no cache. */
  cache?: CacheStatus;
  /** Writes that are being worked on. */
  pendingWrites: number;
}

export interface CacheStatus {
  /** Vectors kept, and the bytes they take on disk. */
  vectors: number;
  bytes: number;
  /** Since opening: passages whose vector was there, and passages that were embedded. */
  found: number;
  embedded: number;
}

export interface ModelStatus {
  id: string;
  state: 'loading' | 'ready' | 'failed';
  /** Bytes loaded and to load, while loading. */
  progress?: { loaded: number; total?: number };
  backend?: BackendReport;
  dimensions?: number;
  /** Why it failed, in words. */
  error?: { code: string; message: string };
}

export interface MoveStatus {
  from: string;
  to: string;
  documents: number;
  totalDocuments: number;
}

export interface StorageStatus {
  kind: 'opfs' | 'indexeddb' | 'memory';
  /** For each better kind that is not used: why. */
  kindReasons: string[];
  /** Bytes of this index on disk. */
  stored: number;
  /** Bytes used by this origin, and how many it may use, as the browser estimates. */
  usage?: number;
  quota?: number;
  /** Whether the browser promised not to evict it. */
  persisted?: boolean;
  /** What recovery found, used and dropped at opening, in sentences; empty when all was well. */
  recovery: string[];
}

/** Something changed that a page may want to show. */
export type SearchEvent =
  | { type: 'status'; stats: SearchStats }
  | { type: 'backend-changed'; reason: string; backend: BackendReport }
  | { type: 'restarted'; reason: string }
  | { type: 'notice'; code: string; message: string }
  /** A call takes long without a sign: which, for how many seconds, and what it waits for, in words. For diagnosis. */
  | { type: 'waiting'; method: string; seconds: number; for: string[] };
