import { SearchError, show } from '../errors.ts';
import type { Fusion } from '../types.ts';
import { calibratedWeight, type SideStatistics } from './calibrate.ts';

/** How two rankings are joined in one query: a document's score is the sum of the two parts. */
export interface Fused {
  method: 'calibrated' | 'rrf' | 'weighted';
  /** Weight of the vector side, 0 to 1. */
  weight: number;
  keywordPart(document: number): number;
  vectorPart(document: number): number;
  /** The sum of the parts for many documents: `into[i]` is that of `docs[i]`. */
  scoreAll(docs: Int32Array, into: Float64Array): void;
}

/** One side of a fusion. */
export interface Side {
  statistics: SideStatistics;
  /** Scores by document, where they lie in one array. */
  scores?: Float64Array;
  score(document: number): number;
  /** Place of a document among the side's best, from 1; 0 beyond them. */
  rank(document: number): number;
}

const RRF_K = 60;

/**
 * Joins the sides. Calibrated and weighted fusion add scores, each in units of the spread of its
 * side's best; reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009) adds 1 / (k + rank).
 *
 * @param floor similarity from which the vector side counts: the least among the candidates
 */
export function fuse(
  keyword: Side,
  vector: Side,
  fusion: Fusion,
  start: { weight: number; terms: number; coverage: number; floor: number },
): Fused {
  const options: Exclude<Fusion, string> = typeof fusion === 'string' ? { type: fusion } : fusion;
  const { weight } = options;
  if (weight !== undefined && !(weight >= 0 && weight <= 1)) {
    throw new SearchError(
      'invalid-query',
      `The weight of the vector side lies between 0 and 1, not ${show(weight)}.`,
      { field: 'fusion', value: weight },
    );
  }
  if (options.type === 'rrf') return reciprocal(keyword, vector, options.k ?? RRF_K, weight ?? 0.5);
  const chosen =
    options.type === 'weighted'
      ? options.weight
      : calibratedWeight(keyword, vector, weight ?? start.weight, start);
  const keywordUnit = (1 - chosen) / keyword.statistics.spread;
  const vectorUnit = chosen / vector.statistics.spread;
  const { floor } = start;
  return withSums({
    method: options.type,
    weight: chosen,
    keywordPart: (document) => keyword.score(document) * keywordUnit,
    // A document without a vector is as far away as the farthest.
    vectorPart: (document) => Math.max(0, vector.score(document) - floor) * vectorUnit,
    ...(keyword.scores !== undefined &&
      vector.scores !== undefined && {
        scoreAll: addedScores(keyword.scores, keywordUnit, vector.scores, vectorUnit, floor),
      }),
  });
}

/** The same as the parts one by one, in a loop over arrays. */
function addedScores(
  keyword: Float64Array,
  keywordUnit: number,
  vector: Float64Array,
  vectorUnit: number,
  floor: number,
): Fused['scoreAll'] {
  return (docs, into) => {
    for (let i = 0; i < docs.length; i++) {
      const document = docs[i]!;
      into[i] = keyword[document]! * keywordUnit + Math.max(0, vector[document]! - floor) * vectorUnit;
    }
  };
}

function withSums(fused: Omit<Fused, 'scoreAll'> & Partial<Pick<Fused, 'scoreAll'>>): Fused {
  const { keywordPart, vectorPart } = fused;
  return {
    scoreAll(docs, into) {
      for (let i = 0; i < docs.length; i++) into[i] = keywordPart(docs[i]!) + vectorPart(docs[i]!);
    },
    ...fused,
  };
}

function reciprocal(keyword: Side, vector: Side, k: number, weight: number): Fused {
  if (!(k > 0))
    throw new SearchError('invalid-query', `\`k\` of RRF is above 0, not ${show(k)}.`, {
      field: 'fusion',
      value: k,
    });
  // With equal weights the parts are 1 / (k + rank), as in the paper.
  const part =
    (side: Side, share: number) =>
    (document: number): number => {
      const rank = side.rank(document);
      return rank === 0 ? 0 : (2 * share) / (k + rank);
    };
  return withSums({
    method: 'rrf',
    weight,
    keywordPart: part(keyword, 1 - weight),
    vectorPart: part(vector, weight),
  });
}
