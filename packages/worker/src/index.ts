export { openSearch } from './open-search.ts';
export type { Search } from './search.ts';
export { DocumentsFailedError, WorkerError } from './errors.ts';
export type { DocumentFailure, WorkerErrorCode } from './errors.ts';
export type {
  CacheStatus,
  ExportOptions,
  ListedDocument,
  ModelInput,
  ModelStatus,
  MoveStatus,
  OpenSearchOptions,
  QueryNotice,
  QueryOptions,
  QueryResult,
  Schema,
  SearchDocument,
  SearchEvent,
  SearchStats,
  StorageStatus,
  TransferOptions,
  WorkProgress,
  WriteOptions,
  WriteResult,
} from './types.ts';
