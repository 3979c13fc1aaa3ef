export { embedAssets } from './assets.ts';
export { hashModel } from './backends/hash.ts';
export { downloadModel, type DownloadModelOptions } from './download-model.ts';
export { createEmbedder, type CreateEmbedderOptions } from './embedder.ts';
export { EmbedError, type EmbedErrorCode } from './errors.ts';
export { type FeatureExtractor, fromTransformers, type TransformersModel } from './from-transformers.ts';
export { loadTokenizer } from './load-tokenizer.ts';
export type { ModelCache } from './models/cache.ts';
export { CARD_FILE, type CachedModel, clearCachedModel, listCachedModels } from './models/cached-models.ts';
export type { HubOptions } from './models/hub.ts';
export { presets } from './models/presets.ts';
export { readModelFolder } from './model-folder.ts';
export { toBinary, toInt8 } from './quantize.ts';
export { spaceOf } from './space.ts';
export type {
  BackendReport,
  Candidate,
  DenseLayer,
  Device,
  Dtype,
  EmbedAssets,
  Embedder,
  EmbeddingBatch,
  EmbedEvent,
  EmbedOptions,
  EmbedProgress,
  LoadProgress,
  Model,
  ModelCard,
  Pooling,
  Tokenizer,
} from './types.ts';
