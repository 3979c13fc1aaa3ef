import type { Chunk, Entry, Locator } from '@burrow/core';
import type { SearchDocument } from '../types.ts';
import type { ChunkedDocument } from './chunking.ts';
import type { LoadedModel } from './loaded-model.ts';

/** An entry that holds its document and passages. */
export interface DocumentEntry extends Entry {
  document: SearchDocument;
  chunks: Chunk[];
  locator?: Locator;
}

/**
 * Entries with a vector for each passage. A document with a passage in which the model knows nothing at all has none:
 * it is found by words.
 */
export async function embedDocuments(
  documents: ChunkedDocument[],
  model: LoadedModel | undefined,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (chunks: number) => void },
): Promise<DocumentEntry[]> {
  const texts = documents.flatMap(({ embeddingTexts }) => embeddingTexts);
  if (!model || texts.length === 0) return documents.map(({ document, chunks }) => ({ document, chunks }));
  onProgress?.(0);
  const { data, dimensions } = await model.embedPassages(texts, {
    signal,
    onProgress: ({ done }) => onProgress?.(done),
  });
  onProgress?.(texts.length);
  let row = 0;
  return documents.map(({ document, chunks }) => {
    const vectors = data.subarray(row * dimensions, (row + chunks.length) * dimensions);
    row += chunks.length;
    return { document, chunks, ...(hasZeroRow(vectors, dimensions) ? {} : { vectors }) };
  });
}

/** A row of zeros has no direction. */
function hasZeroRow(vectors: Float32Array, dimensions: number): boolean {
  for (let from = 0; from < vectors.length; from += dimensions)
    if (vectors.subarray(from, from + dimensions).every((value) => value === 0)) return true;
  return false;
}
