import { SearchError, show } from '../errors.ts';
import type { Field } from '../schema.ts';
import type { Column } from './columns.ts';

export interface FacetDefinition {
  /** Strings and enums: how many values, the most frequent first. @default 10 for strings, all for enums */
  limit?: number;
  offset?: number;
  /** @default 'desc' */
  sort?: 'asc' | 'desc' | 'ASC' | 'DESC';
  /** Numbers: both ends belong to a range. */
  ranges?: { from: number; to: number }[];
  true?: boolean;
  false?: boolean;
}

export interface FacetResult {
  /** How many different values there are. */
  count: number;
  /** Documents for each value. */
  values: Record<string, number>;
}

/** Counts the values of one field over the documents found; each document counts once per value. */
export function countFacet(
  field: Field,
  column: Column,
  documents: Int32Array,
  definition: FacetDefinition,
): FacetResult {
  if (typeof definition !== 'object' || definition === null) {
    throw new SearchError(
      'invalid-query',
      `The facet on "${field.name}" is ${show(definition)}; it takes an object.`,
      { field: field.name, value: definition },
    );
  }
  if (field.kind === 'number') return countRanges(field, column, documents, definition);
  if (field.kind === 'geopoint') {
    throw new SearchError(
      'invalid-query',
      `Field "${field.name}" holds places; there are no facets on places.`,
      { field: field.name },
    );
  }
  const counts = new Uint32Array(column.labels.count);
  const seen = new Int32Array(column.labels.count).fill(-1);
  for (const document of documents) {
    for (let i = column.starts[document]!; i < column.starts[document + 1]!; i++) {
      const label = column.values[i]!;
      if (seen[label] === document) continue;
      seen[label] = document;
      counts[label]!++;
    }
  }
  const found: [string, number][] = [];
  counts.forEach((count, label) => {
    const value = column.value(label);
    const wanted = field.kind !== 'boolean' || definition[value ? 'true' : 'false'] !== false;
    if (count > 0 && wanted) found.push([String(value), count]);
  });
  const sign = definition.sort?.toLowerCase() === 'asc' ? 1 : -1;
  found.sort((a, b) => (a[1] - b[1]) * sign || (a[0] < b[0] ? -1 : 1));
  const offset = definition.offset ?? 0;
  const limit = definition.limit ?? (field.kind === 'string' ? 10 : found.length);
  return { count: found.length, values: record(found.slice(offset, offset + limit)) };
}

function countRanges(
  field: Field,
  column: Column,
  documents: Int32Array,
  definition: FacetDefinition,
): FacetResult {
  const { ranges } = definition;
  const good =
    Array.isArray(ranges) &&
    ranges.every((range) => typeof range?.from === 'number' && typeof range.to === 'number');
  if (!good) {
    throw new SearchError(
      'invalid-query',
      `The facet on "${field.name}" (number) takes ranges of { from, to }.`,
      { field: field.name, value: ranges },
    );
  }
  const counts: [string, number][] = ranges.map((range) => [`${range.from}-${range.to}`, 0]);
  for (const document of documents) {
    ranges.forEach((range, at) => {
      for (let i = column.starts[document]!; i < column.starts[document + 1]!; i++) {
        const value = column.values[i]!;
        if (value < range.from || value > range.to) continue;
        counts[at]![1]++;
        break;
      }
    });
  }
  return { count: counts.length, values: record(counts) };
}

/** An object that has no prototype to clash with, so `__proto__` is a value like any other. */
function record(entries: [string, number][]): Record<string, number> {
  const values = Object.create(null) as Record<string, number>;
  for (const [key, count] of entries) values[key] = count;
  return values;
}
