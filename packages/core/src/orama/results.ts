import { countFacet, type FacetDefinition } from '../filter/facets.ts';
import { columnOf, requireField } from '../engine/state.ts';
import { sortByColumn } from '../filter/sort.ts';
import { hybridRanking } from './hybrid.ts';
import type { OramaHost } from './host.ts';
import type { AnyDocument, HybridParams, OramaLike, Scored } from './orama-types.ts';

/** Puts this engine's hybrid results in the place of Orama's, in Orama's shape. */
export function hybridResults(
  orama: OramaLike,
  host: OramaHost,
  params: HybridParams,
  weight: number | undefined,
  results: Record<string, unknown>,
): void {
  let found = hybridRanking(host, params, weight);
  const { state } = host;
  const idOf = (number: number): string => orama.internalDocumentIDStore.internalIdToId[number - 1]!;
  const documentOf = (number: number): AnyDocument => orama.documentsStore.get(orama.data.docs, number)!;
  if (params.facets !== undefined) {
    const documents = Int32Array.from(found, ([number]) => state.table.find(idOf(number))).filter(
      (document) => document >= 0,
    );
    const facets: Record<string, unknown> = {};
    for (const [name, definition] of Object.entries(params.facets)) {
      const field = requireField(state, name, 'A facet');
      facets[name] = countFacet(field, columnOf(state, field), documents, definition as FacetDefinition);
    }
    results['facets'] = facets;
  }
  found = sorted(host, params, found, documentOf, idOf);
  if (params.distinctOn !== undefined) found = distinct(found, params.distinctOn, documentOf);
  const { offset = 0, limit = 10 } = params;
  results['count'] = found.length;
  results['hits'] = found.slice(offset, offset + limit).map(([number, score]) => {
    const document = documentOf(number);
    if (params.includeVectors !== true)
      for (const property of Object.keys(host.vectorIndexes)) blank(document, property);
    return { id: idOf(number), score, document };
  });
}

function sorted(
  host: OramaHost,
  params: HybridParams,
  found: Scored[],
  documentOf: (number: number) => AnyDocument,
  idOf: (number: number) => string,
): Scored[] {
  const { sortBy } = params;
  if (typeof sortBy === 'function') {
    const items = found.map(([number, score]): [number, number, AnyDocument] => [
      number,
      score,
      documentOf(number),
    ]);
    return items
      .sort(sortBy as (a: unknown, b: unknown) => number)
      .map(([number, score]): Scored => [number, score]);
  }
  if (sortBy === undefined) return found;
  const { property, order = 'ASC' } = sortBy as { property: string; order?: string };
  const { state } = host;
  const byDocument = new Map(found.map((one) => [state.table.find(idOf(one[0])), one]));
  const column = columnOf(state, requireField(state, property, '`sortBy`'));
  const documents = sortByColumn(
    Int32Array.from(byDocument.keys()),
    column,
    order === 'DESC' ? 'desc' : 'asc',
  );
  return Array.from(documents, (document) => byDocument.get(document)!);
}

function distinct(found: Scored[], path: string, documentOf: (number: number) => AnyDocument): Scored[] {
  const seen = new Set<unknown>();
  return found.filter(([number]) => {
    const value = path
      .split('.')
      .reduce<unknown>((at, key) => (at as AnyDocument | undefined)?.[key], documentOf(number));
    if (value === undefined || seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}

function blank(document: AnyDocument, path: string): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  const owner = keys.reduce<unknown>((at, key) => (at as AnyDocument | undefined)?.[key], document);
  if (typeof owner === 'object' && owner !== null) (owner as AnyDocument)[last] = null;
}
