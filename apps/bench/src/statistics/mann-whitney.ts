import { normalTwoSided } from './distributions.ts';
import { ranks } from './ranks.ts';

export interface MannWhitney {
  /** Pairs (x from a, y from b) with x > y; a tie counts half. */
  u: number;
  /** Two-sided. */
  p: number;
  exact: boolean;
}

const MOST_EXACT = 20;

/**
 * Mann-Whitney U test (1947), two-sided. Without ties and up to 20 values a side the exact distribution, else the normal
 * approximation with correction for ties and continuity.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { u: Number.NaN, p: Number.NaN, exact: true };
  const all = [...a, ...b];
  const ranked = ranks(all);
  let rankSum = 0;
  for (let i = 0; i < n; i++) rankSum += ranked[i]!;
  const u = rankSum - (n * (n + 1)) / 2;
  if (n <= MOST_EXACT && m <= MOST_EXACT && new Set(all).size === all.length) {
    const counts = distribution(n, m);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const nearer = Math.min(u, n * m - u);
    let tail = 0;
    for (let i = 0; i <= nearer; i++) tail += counts[i]!;
    return { u, p: Math.min(1, (2 * tail) / total), exact: true };
  }
  const size = n + m;
  let ties = 0;
  for (const count of countEach(all).values()) ties += count ** 3 - count;
  const variance = ((n * m) / 12) * (size + 1 - ties / (size * (size - 1)));
  if (variance === 0) return { u, p: 1, exact: false };
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return { u, p: normalTwoSided(distance / Math.sqrt(variance)), exact: false };
}

/** Number of ways to reach each U in 0..n·m: coefficients of the Gaussian binomial. */
function distribution(n: number, m: number): Float64Array {
  const counts = new Float64Array(n * m + 1);
  counts[0] = 1;
  for (let i = 1; i <= n; i++) {
    for (let u = n * m; u >= m + i; u--) counts[u]! -= counts[u - m - i]!;
    for (let u = i; u <= n * m; u++) counts[u]! += counts[u - i]!;
  }
  return counts;
}

function countEach(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
