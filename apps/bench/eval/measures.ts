/** Judgments of one query: document id to gain; documents without one count 0. */
export type Judgments = ReadonlyMap<string, number>;

function dcg(gains: readonly number[]): number {
  let sum = 0;
  gains.forEach((gain, i) => (sum += gain / Math.log2(i + 2)));
  return sum;
}

/**
 * Normalised discounted cumulative gain at a depth, in [0, 1], with linear gain (Järvelin and Kekäläinen 2002): the gain
 * itself over log2(rank + 1), divided by that of the ideal order. NaN where nothing is relevant.
 */
export function ndcg(ranking: readonly string[], judgments: Judgments, depth: number): number {
  const ideal = [...judgments.values()].filter((gain) => gain > 0).sort((a, b) => b - a);
  const gains = ranking.slice(0, depth).map((id) => Math.max(0, judgments.get(id) ?? 0));
  return ideal.length === 0 ? Number.NaN : dcg(gains) / dcg(ideal.slice(0, depth));
}

/** Share of the relevant documents among the first `depth`, in [0, 1]. NaN where nothing is relevant. */
export function recall(ranking: readonly string[], judgments: Judgments, depth: number): number {
  let relevant = 0;
  for (const gain of judgments.values()) if (gain > 0) relevant++;
  const found = new Set(ranking.slice(0, depth).filter((id) => (judgments.get(id) ?? 0) > 0)).size;
  return relevant === 0 ? Number.NaN : found / relevant;
}

/** One over the rank of the first relevant document, 0 where none is among the first `depth`. */
export function reciprocalRank(ranking: readonly string[], judgments: Judgments, depth: number): number {
  const first = ranking.slice(0, depth).findIndex((id) => (judgments.get(id) ?? 0) > 0);
  return first < 0 ? 0 : 1 / (first + 1);
}
