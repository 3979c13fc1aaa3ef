import type { BackupDocument } from './types.ts';

/** A passage as it is shared: one line of NDJSON, or one row of Parquet. */
export interface ChunkRow {
  id: string;
  chunk: number;
  start: number;
  end: number;
  title?: string;
  headings?: string[];
  text?: string;
  vector?: number[];
}

export interface RowOptions {
  /** Whether titles, headings and the passages' texts are there; without them, embeddings can be shared alone. */
  texts: boolean;
  vectors: boolean;
}

/** The passages of documents, one row each. */
export function toRows(documents: readonly BackupDocument[], { texts, vectors }: RowOptions): ChunkRow[] {
  return documents.flatMap(({ document, chunks, vectors: numbers }) => {
    const dimensions = numbers ? numbers.length / chunks.length : 0;
    return chunks.map(({ start, end, headings }, chunk): ChunkRow => ({
      id: document.id,
      chunk,
      start,
      end,
      ...(texts && document.title !== undefined ? { title: document.title } : {}),
      ...(texts && headings ? { headings } : {}),
      ...(texts ? { text: document.text.slice(start, end) } : {}),
      ...(vectors && numbers
        ? { vector: [...numbers.subarray(chunk * dimensions, (chunk + 1) * dimensions)] }
        : {}),
    }));
  });
}
