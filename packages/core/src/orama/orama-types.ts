/** The parts of Orama's inner shapes that the plugin touches. */
export type AnyDocument = Record<string, unknown>;

export interface InternalDocumentIDStore {
  idToInternalId: Map<string, number>;
  internalIdToId: string[];
}

/** Internal document number and score. */
export type Scored = [number, number];

export interface OramaLike {
  schema: OramaSchema;
  data: { index: unknown; docs: unknown };
  documentsStore: { get(store: unknown, id: number | string): AnyDocument | undefined };
  internalDocumentIDStore: InternalDocumentIDStore;
  tokenizer: { language: string };
}

export interface OramaSchema {
  [field: string]: string | OramaSchema;
}

export interface HybridParams {
  mode?: string;
  term?: string;
  vector?: { value: ArrayLike<number>; property: string };
  properties?: '*' | string[];
  where?: Record<string, unknown>;
  similarity?: number;
  hybridWeights?: { text?: number; vector?: number };
  limit?: number;
  offset?: number;
  includeVectors?: boolean;
  exact?: boolean;
  tolerance?: number;
  threshold?: number;
  boost?: Record<string, number>;
  relevance?: { k?: number; b?: number };
  facets?: Record<string, unknown>;
  groupBy?: unknown;
  sortBy?: unknown;
  distinctOn?: string;
}
