export { scanWorker } from '@burrow/kernels';
export { createIndex, loadIndex, type SearchIndex } from './engine/search-index.ts';
export type { SectionSource } from './engine/snapshot.ts';
export { chunkText, estimateTokens, type ChunkFormat, type ChunkOptions } from './chunk/chunk-text.ts';
export { chunkBySubject, type SemanticChunkOptions } from './chunk/semantic.ts';
export type { ContextOptions, ContextPassage, ContextResult } from './engine/context.ts';
export type { NearDuplicate, Neighbour } from './engine/vector-tools.ts';
export type { VectorStatistics } from './vector/analysis.ts';
export { SearchError, type SearchErrorCode } from './errors.ts';
export type { Schema, FieldType, Point } from './schema.ts';
export type { Where, NumberFilter, ValueFilter, GeoFilter } from './filter/where.ts';
export type { FacetDefinition, FacetResult } from './filter/facets.ts';
export { detectLanguage } from './text/detect.ts';
export { LANGUAGES, type Language } from './text/stemmers.ts';
export type {
  Change,
  Chunk,
  Entry,
  Explanation,
  Fusion,
  Hit,
  IndexDocument,
  IndexOptions,
  Locator,
  MemoryReport,
  Metric,
  Mutation,
  Notice,
  Passage,
  Precision,
  SearchMode,
  SearchQuery,
  SearchResult,
  SideScore,
  SortBy,
  TermExplanation,
  TextOptions,
  VectorOptions,
} from './types.ts';
