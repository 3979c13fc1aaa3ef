import { SearchError, show } from '../errors.ts';
import { meanVector, projectTo2d, statisticsOfVectors, type VectorStatistics } from '../vector/analysis.ts';
import { TopK } from '../vector/top-k.ts';
import type { State } from './state.ts';

export interface Neighbour {
  id: string;
  /** Similarity of the nearest chunk. */
  similarity: number;
}

export interface NearDuplicate {
  a: string;
  b: string;
  similarity: number;
}

/** Mean of the vectors of some documents, or of all; undefined where there are none. */
export function centroid(state: State, ids: readonly string[] | undefined): Float32Array | undefined {
  const documents = ids === undefined ? allDocuments(state) : ids.map((id) => requireDocument(state, id));
  const rows = documents.flatMap((document) => rowsOf(state, document));
  return rows.length === 0 ? undefined : meanVector(rows, state.vectors!.dimensions);
}

export function vectorStatistics(state: State): VectorStatistics {
  const rows = allDocuments(state).flatMap((document) => rowsOf(state, document));
  return statisticsOfVectors(rows, state.vectors?.dimensions ?? 0);
}

/** The documents nearest to one, by the mean of its vectors. */
export function nearestTo(state: State, id: string, limit: number): Neighbour[] {
  const own = requireDocument(state, id);
  const query = centroid(state, [id]);
  return query === undefined ? [] : nearestDocuments(state, query, own, limit);
}

/** Places of all documents with vectors in a picture of the two widest directions. */
export function project(state: State): { ids: string[]; coordinates: Float32Array } {
  const documents = allDocuments(state).filter((document) => rowsOf(state, document).length > 0);
  const dimensions = state.vectors?.dimensions ?? 0;
  const rows = documents.map((document) => meanVector(rowsOf(state, document), dimensions));
  return {
    ids: documents.map((document) => state.table.id(document)),
    coordinates: projectTo2d(rows, dimensions),
  };
}

/** Pairs of documents with chunks that are nearly the same. Looks at every chunk against all: pauses often. */
export async function nearDuplicates(
  state: State,
  least: number,
  signal: AbortSignal | undefined,
): Promise<NearDuplicate[]> {
  const { table, vectors } = state;
  if (!(least > 0 && least <= 1))
    throw new SearchError(
      'invalid-option',
      `\`similarity\` is ${show(least)}; it must be above 0 and at most 1.`,
      { field: 'similarity', value: least },
    );
  const best = new Map<string, NearDuplicate>();
  const slots = vectors?.slots ?? 0;
  for (let slot = 0; slot < slots; slot++) {
    if (slot % 64 === 63) await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const chunk = vectors!.chunkOf[slot] ?? -1;
    if (chunk < 0) continue;
    const scores = vectors!.scan(vectors!.row(slot));
    const document = table.chunkDocument[chunk]!;
    for (let other = slot + 1; other < scores.length; other++) {
      const otherChunk = vectors!.chunkOf[other]!;
      if (scores[other]! < least || otherChunk < 0) continue;
      const otherDocument = table.chunkDocument[otherChunk]!;
      if (otherDocument === document) continue;
      const [a, b] = [table.id(document), table.id(otherDocument)].sort() as [string, string];
      const key = JSON.stringify([a, b]);
      const known = best.get(key);
      if (known === undefined || known.similarity < scores[other]!)
        best.set(key, { a, b, similarity: scores[other]! });
    }
  }
  return [...best.values()].sort((x, y) => y.similarity - x.similarity || (x.a < y.a ? -1 : 1));
}

function nearestDocuments(state: State, query: Float32Array, except: number, limit: number): Neighbour[] {
  const { table, vectors } = state;
  const scores = vectors!.scan(query);
  const best = new Map<number, number>();
  for (let slot = 0; slot < scores.length; slot++) {
    const chunk = vectors!.chunkOf[slot]!;
    if (chunk < 0) continue;
    const document = table.chunkDocument[chunk]!;
    if (document !== except && !(scores[slot]! <= best.get(document)!)) best.set(document, scores[slot]!);
  }
  const top = new TopK(
    Math.min(limit, best.size),
    (a, b) => table.ids.compare(table.idOf[a]!, table.idOf[b]!) < 0,
  );
  for (const [document, similarity] of best) top.push(document, similarity);
  const { items, scores: similarities } = top.sorted();
  return Array.from(items, (document, at) => ({ id: table.id(document), similarity: similarities[at]! }));
}

function rowsOf(state: State, document: number): Float32Array[] {
  const rows: Float32Array[] = [];
  for (
    let chunk = state.table.firstChunk[document]!;
    chunk < state.table.firstChunk[document + 1]!;
    chunk++
  ) {
    const slot = state.table.chunkSlot[chunk]!;
    if (slot >= 0) rows.push(state.vectors!.row(slot));
  }
  return rows;
}

function allDocuments(state: State): number[] {
  return Array.from({ length: state.table.count }, (_, document) => document).filter((document) =>
    state.table.alive.has(document),
  );
}

function requireDocument(state: State, id: string): number {
  const document = state.table.find(id);
  if (document < 0)
    throw new SearchError('unknown-id', `There is no document ${show(id)} in the index.`, {
      id,
      field: 'id',
      value: id,
    });
  return document;
}
