import type { ModelCard } from './types.ts';

/**
 * Canonical key of a vector space. Number formats and devices of one model share a space; another revision, length,
 * pooling or prefix is another space, and vectors of two spaces must never be compared.
 */
export function spaceOf(card: ModelCard, dimensions: number = card.dimensions): string {
  const { id, revision, pooling, normalize, prefixes } = card;
  return JSON.stringify([
    id,
    revision,
    dimensions,
    pooling,
    normalize ? 'unit' : 'raw',
    prefixes.query,
    prefixes.document,
  ]);
}
