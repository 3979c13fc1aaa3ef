import { chunkText } from '@burrow/core';
import type { Chunk } from '@burrow/core';
import type { Pacer } from '@burrow/store-opfs';
import type { SearchDocument } from '../types.ts';
import type { LoadedModel } from './loaded-model.ts';

/** A passage is about so many tokens: a paragraph or two, enough for one thought and short enough to show. */
const CHUNK_TOKENS = 192;
/** Tokens that two neighbours share, so that a sentence at the border is whole in one of them. */
const CHUNK_OVERLAP = 24;
/** Room for the model's special tokens and the title. */
const RESERVED_TOKENS = 32;
const MAX_TITLE_LENGTH = 120;

/** A document cut into passages, and the texts that stand for them when embedded. */
export interface ChunkedDocument {
  document: SearchDocument;
  chunks: Chunk[];
  /** One for each chunk: the passage with its document's title before it. */
  embeddingTexts: string[];
}

/** Cuts a document into passages for a model, pausing often enough for queries to get through. */
export async function chunkDocument(
  document: SearchDocument,
  { embedder, tokenizer }: LoadedModel,
  pacer: Pacer,
  signal: AbortSignal,
): Promise<ChunkedDocument> {
  const { text, title, format = 'plain' } = document;
  const chunks: Chunk[] = [];
  const parts = chunkText(text, {
    format,
    maxTokens: Math.max(16, Math.min(CHUNK_TOKENS, embedder.model.maxTokens - RESERVED_TOKENS)),
    overlap: CHUNK_OVERLAP,
    countTokens: (part) => tokenizer.countTokens(part),
  });
  for (const chunk of parts) {
    chunks.push(chunk);
    await pacer.pause(signal);
  }
  const context = title ? `${title.slice(0, MAX_TITLE_LENGTH)}. ` : '';
  return {
    document,
    chunks,
    embeddingTexts: chunks.map(({ start, end }) => context + text.slice(start, end)),
  };
}
