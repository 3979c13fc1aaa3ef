import type { Column } from './columns.ts';

/**
 * Sorts documents by a field; those without a value come last in either direction, and equals keep
 * the order they came in.
 *
 * @param language tag for the order of strings
 */
export function sortByColumn(
  documents: Int32Array,
  column: Column,
  order: 'asc' | 'desc',
  language?: string,
): Int32Array {
  const sign = order === 'asc' ? 1 : -1;
  const keys = column.labelled && column.field.kind !== 'boolean' ? labelRanks(column, language) : undefined;
  const key = (document: number): number => {
    const first = column.first(document);
    if (Number.isNaN(first)) return first;
    if (column.field.kind === 'boolean') return column.value(first) === true ? 1 : 0;
    return keys === undefined ? first : keys[first]!;
  };
  const decorated = Array.from(documents, (document, at) => ({ document, at, key: key(document) }));
  decorated.sort((a, b) => {
    const aMissing = Number.isNaN(a.key);
    if (aMissing !== Number.isNaN(b.key)) return aMissing ? 1 : -1;
    return (aMissing ? 0 : (a.key - b.key) * sign) || a.at - b.at;
  });
  return Int32Array.from(decorated, (one) => one.document);
}

/** The place of each label in the order of the values. */
function labelRanks(column: Column, language: string | undefined): Int32Array {
  const compare = new Intl.Collator(language).compare;
  const values = Array.from({ length: column.labels.count }, (_, label) => column.value(label));
  const order = values.map((_, label) => label);
  order.sort((a, b) => {
    const x = values[a]!;
    const y = values[b]!;
    if (typeof x === 'string' && typeof y === 'string') return compare(x, y) || (x < y ? -1 : 1);
    if (typeof x === typeof y) return Number(x) - Number(y);
    return typeof x === 'string' ? 1 : -1;
  });
  const ranks = new Int32Array(values.length);
  order.forEach((label, rank) => (ranks[label] = rank));
  return ranks;
}
