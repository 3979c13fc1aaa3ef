/** What is searched for: each kind is measured on its own. */
export const KINDS = ['keyword', 'prefix', 'typo', 'vector', 'hybrid', 'filtered'] as const;
export type SearchKind = (typeof KINDS)[number];

/** Documents to be searched. */
export interface Corpus {
  texts: string[];
  /** texts × dimensions, unit length. */
  vectors: Float32Array;
  dimensions: number;
}

export interface SearchQueries {
  /** One for each query, by kind; vector queries are rows of `vectors`. */
  terms: Record<'keyword' | 'prefix' | 'typo', string[]>;
  vectors: Float32Array;
}

/** What engines answer to `search`. */
export interface SearchRun {
  /** One for each query. */
  milliseconds: number[];
  /** Ids of the best ten for each query. */
  tops: string[][];
}

/** A tenth of the documents fit the filter. */
export const GROUPS = 10;
export const LIMIT = 10;

export const documentId = (i: number): string => `d${i}`;
export const groupOf = (i: number): number => i % GROUPS;

/** Runs one query after the other and takes the time of each. */
export async function timeQueries(
  count: number,
  query: (i: number) => Promise<string[]> | string[],
): Promise<SearchRun> {
  const run: SearchRun = { milliseconds: [], tops: [] };
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    const top = await query(i);
    run.milliseconds.push(performance.now() - started);
    run.tops.push(top);
  }
  return run;
}

/** The vector of one query. */
export function rowOf(vectors: Float32Array, i: number, dimensions: number): Float32Array {
  return vectors.subarray(i * dimensions, (i + 1) * dimensions);
}
