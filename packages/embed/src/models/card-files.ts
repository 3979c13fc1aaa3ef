import type { Dtype, ModelCard } from '../types.ts';

/** Names of the files that a model needs in a number format. */
export function filesOf(card: ModelCard, dtype: Dtype): string[] {
  if (card.kind === 'hash') return [];
  const { tokenizer, tokenizerConfig, weights, external = {} } = card.files;
  const dense = (card.dense ?? []).map(({ file }) => file);
  const names = [tokenizer, tokenizerConfig, weights[dtype], ...(external[dtype] ?? []), ...dense];
  return names.filter((name) => name !== undefined);
}

/** Names of all files that a card speaks of. */
export function namesOf(card: ModelCard): string[] {
  const dtypes = Object.keys(card.files.weights) as Dtype[];
  return [...new Set(dtypes.flatMap((dtype) => filesOf(card, dtype)))];
}
