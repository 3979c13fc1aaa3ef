import { SearchError, show } from '../errors.ts';
import type { SearchQuery } from '../types.ts';

/** Checks the plain options of a query; fields and filters are checked where they are used. */
export function checkQuery(query: SearchQuery): void {
  if (typeof query !== 'object' || query === null)
    fail('A query is an object such as { term: "…" }', 'query', query);
  const { term, limit, offset, mode, passages, similarity, typos, prefix, match } = query;
  if (term !== undefined && typeof term !== 'string') fail('The term is a string', 'term', term);
  whole('limit', limit);
  whole('offset', offset);
  whole('passages', passages);
  oneOf('mode', mode, ['hybrid', 'keyword', 'vector']);
  oneOf('typos', typos, ['auto', 0, 1, 2]);
  oneOf('prefix', prefix, ['last', 'all', false]);
  oneOf('match', match, ['any', 'all']);
  if (similarity !== undefined && !(typeof similarity === 'number' && !Number.isNaN(similarity)))
    fail('The least similarity is a number', 'similarity', similarity);
  const { fusion } = query;
  const type = typeof fusion === 'object' && fusion !== null ? fusion.type : fusion;
  oneOf('fusion', type, ['calibrated', 'rrf', 'weighted']);
  if (type === 'weighted' && typeof fusion === 'string')
    fail('Weighted fusion takes { type: "weighted", weight }', 'fusion', fusion);
}

function whole(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    fail(`\`${name}\` is a whole number from 0 up`, name, value);
}

function oneOf(name: string, value: unknown, allowed: unknown[]): void {
  if (value !== undefined && !allowed.includes(value))
    fail(`\`${name}\` is one of ${allowed.join(', ')}`, name, value);
}

function fail(rule: string, field: string, value: unknown): never {
  throw new SearchError('invalid-query', `${rule}, not ${show(value)}.`, { field, value });
}
