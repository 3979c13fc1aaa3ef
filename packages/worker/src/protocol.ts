import type { Device, Dtype, EmbedAssets } from '@burrow/embed';
import type { BackupDocument, BackupSettings } from './backup/types.ts';
import type { WireError } from './error-wire.ts';
import type {
  ListedDocument,
  ModelInput,
  QueryOptions,
  QueryResult,
  Schema,
  SearchDocument,
  SearchEvent,
  SearchStats,
} from './types.ts';

/**
 * Raised whenever a message below changes its meaning. Tabs of different versions never work together: the older one
 * lets go of the index and asks to be reloaded.
 */
export const PROTOCOL_VERSION = 1;

/** What a page tells its engine worker first. */
export interface EngineInit {
  name: string;
  model: ModelInput;
  device: 'auto' | Device;
  dtype: 'auto' | Dtype;
  schema: Schema;
  durability: 'strict' | 'relaxed';
  maxTextLength: number;
  leaderTimeout: number;
  assets: EmbedAssets;
  /** Address of the worker that helps the index with its scans. */
  scanWorker: string;
}

/** A query as it travels: all that can be cloned. */
export type QueryRequest = Omit<QueryOptions, 'signal' | 'onPartial'> & { partial: boolean };

/** One slice of a write; the page cuts long lists so that little is in flight. */
export interface WriteRequest {
  documents: SearchDocument[];
  mode: 'add' | 'update';
  /** The slice may have been acknowledged already, by a worker that died: an equal document is no duplicate. */
  replayed: boolean;
}

/** Documents out of a backup; those with a known id take its place. */
export interface RestoreRequest {
  /** Space of the vectors. */
  space: string;
  documents: BackupDocument[];
}

export interface WriteReply {
  written: string[];
  failures: { id: string; code: string; message: string }[];
}

/** The engine's methods: arguments and result of each. All can be cloned; none holds a callback. */
export interface EngineMethods {
  write: { arguments: [WriteRequest]; result: WriteReply };
  remove: { arguments: [ids: string[]]; result: number };
  query: { arguments: [text: string, request: QueryRequest]; result: QueryResult };
  get: { arguments: [id: string]; result: SearchDocument | undefined };
  list: {
    arguments: [offset: number, limit: number];
    result: { total: number; documents: ListedDocument[] };
  };
  stats: { arguments: []; result: SearchStats };
  setModel: {
    arguments: [{ model: ModelInput; device: 'auto' | Device; dtype: 'auto' | Dtype }];
    result: void;
  };
  exportPlan: { arguments: []; result: { settings: BackupSettings | undefined; ids: string[] } };
  exportDocuments: { arguments: [ids: string[]]; result: BackupDocument[] };
  restore: { arguments: [RestoreRequest]; result: WriteReply };
  clear: { arguments: []; result: void };
  compact: { arguments: []; result: void };
}

export type EngineMethod = keyof EngineMethods;

/** A call on its way, over a port or a channel. */
export interface Call<M extends EngineMethod = EngineMethod> {
  id: string;
  method: M;
  arguments: EngineMethods[M]['arguments'];
}

export type Reply = { ok: true; value: unknown } | { ok: false; error: WireError };

/** What a call tells before it is done. */
export type CallEvent =
  | { type: 'progress'; phase: 'reading' | 'embedding' | 'storing'; chunks: number }
  | { type: 'partial'; result: QueryResult }
  /** It has given no sign for a while: what is waited for, in words. */
  | { type: 'waiting'; seconds: number; for: string[] };

/** Where the engine speaks to its page: proxied once, for all calls. */
export interface EngineListener {
  onCallEvent(call: string, event: CallEvent): void;
  onEvent(event: SearchEvent): void;
}

/** What an engine worker exposes to its page through comlink. */
export interface EngineEndpoint {
  /** Holds the lock for as long as the worker lives. Whether it could: only then is the lock's end the worker's. */
  live(aliveLock: string): Promise<boolean>;
  /** A sign of life. */
  ping(): void;
  open(init: EngineInit, listener: EngineListener): Promise<Reply>;
  call(call: Call): Promise<Reply>;
  abort(call: string): void;
  close(): Promise<Reply>;
}

/** Messages between the engine workers of several tabs, over a BroadcastChannel. */
export type TabMessage = { version: number } & (
  | { type: 'call'; from: string; call: Call }
  | { type: 'received'; to: string; call: string }
  | { type: 'call-event'; to: string; call: string; event: CallEvent }
  | { type: 'reply'; to: string; call: string; reply: Reply }
  | { type: 'abort'; from: string; call: string }
  | { type: 'leader'; from: string }
  /** The leader is at work on calls. */
  | { type: 'alive' }
  /** A tab has come; those of older versions learn from it that they are. */
  | { type: 'hello' }
  | { type: 'event'; event: SearchEvent }
);
