export { openSearch } from './open-search.ts';
export { downloadModel, listModels, removeModel } from './models.ts';
export type { DownloadModelOptions, StoredModel } from './models.ts';
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
