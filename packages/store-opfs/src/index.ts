export { destroyStore, openStore } from './open-store.ts';
export { openEmbeddingCache } from './embedding-cache.ts';
export { openModelCache } from './model-cache.ts';
export { Pacer } from './pacer.ts';
export { StoreError } from './errors.ts';
export { estimateOrigin, requestPersistence, requireRoom } from './quota.ts';
export type { StoreErrorCode, StoreErrorDetails } from './errors.ts';
export type { EmbeddingCache, EmbeddingCacheOptions, EmbeddingSpace } from './embedding-cache.ts';
export type { ModelCache, ModelCacheOptions, ModelData } from './model-cache.ts';
export type { ModelCacheEntry, ModelMeta } from './model-files.ts';
export type { StoreKind } from './file-system.ts';
export type { OriginEstimate } from './quota.ts';
export type {
  BlobRef,
  CheckpointOptions,
  CompactOptions,
  Durability,
  RecoveryFinding,
  RecoveryReport,
  Store,
  StoreEstimate,
  StoreOptions,
} from './types.ts';
