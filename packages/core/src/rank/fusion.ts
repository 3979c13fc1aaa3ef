import { SearchError, show } from '../errors.ts';
import type { Fusion } from '../types.ts';

/** One side's scores for the candidates, in the same order on both sides. */
export interface Side {
  scores: Float64Array;
  /** Place of each candidate, 1 is best; 0 where the side did not find it. */
  ranks: Int32Array;
}

export interface Fused {
  method: 'calibrated' | 'rrf' | 'weighted';
  weight: number;
  /** What each side adds to a candidate's score. */
  keyword: Float64Array;
  vector: Float64Array;
}

/** How much a vector side of unknown quality counts. */
export const UNKNOWN_WEIGHT = 0.3;
const RRF_K = 60;
const SAMPLE = 1000;

/** Joins two rankings into one. The score of a candidate is the sum of what the sides add. */
export function fuse(keyword: Side, vector: Side, fusion: Fusion, startWeight: number): Fused {
  const options: Exclude<Fusion, string> = typeof fusion === 'string' ? { type: fusion } : fusion;
  const { weight } = options;
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) {
    throw new SearchError(
      'invalid-query',
      `The weight of the vector side lies between 0 and 1, not ${show(weight)}.`,
      { field: 'fusion', value: weight },
    );
  }
  if (options.type === 'rrf') return reciprocalRanks(keyword, vector, options.k ?? RRF_K);
  const chosen = weight ?? startWeight;
  const parts = standardised(keyword, vector, chosen);
  return { method: options.type, weight: chosen, ...parts };
}

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): 1 / (k + rank) from each side. */
function reciprocalRanks(keyword: Side, vector: Side, k: number): Fused {
  const part = (side: Side): Float64Array =>
    Float64Array.from(side.ranks, (rank) => (rank === 0 ? 0 : 1 / (k + rank)));
  return { method: 'rrf', weight: 0.5, keyword: part(keyword), vector: part(vector) };
}

/** Scores in units of their side's spread over its best candidates, weighted. */
function standardised(
  keyword: Side,
  vector: Side,
  weight: number,
): { keyword: Float64Array; vector: Float64Array } {
  const k = spread(keyword.scores);
  const v = spread(vector.scores);
  return {
    keyword: Float64Array.from(keyword.scores, (score) => ((1 - weight) * (score - k.least)) / k.deviation),
    vector: Float64Array.from(vector.scores, (score) => (weight * (score - v.least)) / v.deviation),
  };
}

/** Standard deviation over the best `SAMPLE` scores, and the least score of all; equal scores spread by 1. */
function spread(scores: Float64Array): { deviation: number; least: number } {
  const sorted = scores.slice().sort().reverse();
  const top = sorted.subarray(0, Math.min(SAMPLE, sorted.length));
  let sum = 0;
  for (const score of top) sum += score;
  const mean = sum / top.length;
  let squares = 0;
  for (const score of top) squares += (score - mean) ** 2;
  const deviation = Math.sqrt(squares / top.length);
  return { deviation: deviation > 1e-12 ? deviation : 1, least: sorted.at(-1) ?? 0 };
}
