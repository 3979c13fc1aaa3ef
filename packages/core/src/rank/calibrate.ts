import type { Side } from './fusion.ts';

/** What fusion knows of one side's scores in one query. */
export interface SideStatistics {
  /** Mean and standard deviation over all documents that may be found. */
  mean: number;
  deviation: number;
  /** Standard deviation over the best `SAMPLE` of them, at least a tiny number. */
  spread: number;
  /** The best documents, best first. */
  best: Int32Array;
  /** How many documents may be found. */
  population: number;
}

/** How many of a side's best its spread is taken from. */
export const SAMPLE = 1000;
/** Weight of a vector side of unknown quality. */
export const UNKNOWN_WEIGHT = 0.3;

/** How many of a side's best are looked at on the other: ten, fewer in a small collection. */
export const LOOKED_AT = 10;
const SHARE_LOOKED_AT = 8;
/** Agreement at which the vector side counts for nothing, and for all that its model is worth. */
const NO_TRUST = 0.1;
const FULL_TRUST = 0.4;
const GAIN = 1.1;
/** A query of this many words is taken at the model's weight; longer ones lean on their words. */
const USUAL_TERMS = 12;
const LENGTH_POWER = 0.7;
const MOST_FOR_SHORT = 1.4;
const LARGEST = 0.75;
/**
 * A keyword side whose best hit holds less than this share of a query gives its say to the vectors; of queries with
 * more terms than SHORT_QUERY, whose documents never hold all, the less the longer they are.
 */
const ENOUGH_COVERAGE = 0.6;
const SHORT_QUERY = 6;
/** Models from this weight on are trusted to take over alone. */
const TRUSTED_MODEL = 0.3;

/**
 * The weight of the vector side for one query: the model's weight, times how far the two sides agree,
 * times a factor for the length of the query.
 *
 * Agreement: the documents that one side puts first should stand out on the other side, too. A side
 * that scores at random does not agree with anything, and gets no say; how far the best of one side
 * stand out on the other is measured in standard deviations over the whole collection, relative to
 * how far that side's own best stand out.
 *
 * Where the keyword side holds next to nothing of the query (a paraphrase that shares function words
 * with a document), its ranking is no evidence and no witness either: the less it covers, the more the
 * vectors decide.
 *
 * @param query its number of terms, and how much of it the best keyword hits hold, 0 to 1
 */
export function calibratedWeight(
  keyword: Side,
  vector: Side,
  start: number,
  { terms, coverage }: { terms: number; coverage: number },
): number {
  const agreement = (standing(keyword, vector) + standing(vector, keyword)) / 2;
  const trust = Math.min(1, Math.max(0, (agreement - NO_TRUST) / (FULL_TRUST - NO_TRUST)));
  const length = Math.min(MOST_FOR_SHORT, (USUAL_TERMS / Math.max(1, terms)) ** LENGTH_POWER);
  const weight = Math.min(LARGEST, start * GAIN * trust * length);
  const enough = ENOUGH_COVERAGE * Math.min(1, SHORT_QUERY / Math.max(1, terms));
  const gap = Math.max(0, 1 - coverage / enough) * Math.min(1, start / TRUSTED_MODEL);
  return weight + (1 - weight) * gap;
}

/** How far the best documents of one side stand out on the other, as a share of that side's own best; 1 is full agreement. */
function standing(of: Side, on: Side): number {
  const { mean, deviation, best, population } = on.statistics;
  const count = Math.min(LOOKED_AT, Math.ceil(population / SHARE_LOOKED_AT));
  const own = meanScore(on, best, count) - mean;
  const others = meanScore(on, of.statistics.best, count) - mean;
  // Where the best do not stand out there is nothing to agree with, only rounding.
  return deviation < 1e-9 || !(own > deviation * 1e-6) || !Number.isFinite(others) ? 0 : others / own;
}

function meanScore(side: Side, documents: Int32Array, looked: number): number {
  const count = Math.min(looked, documents.length);
  let sum = 0;
  let counted = 0;
  for (let i = 0; i < count; i++) {
    const score = side.score(documents[i]!);
    if (score === -Infinity) continue;
    sum += score;
    counted++;
  }
  return counted === 0 ? Number.NaN : sum / counted;
}

/**
 * Statistics of a side from its best scores and the sums over all documents.
 *
 * @param population how many documents may be found at all
 * @param scores the best scores, best first; where fewer matched than `SAMPLE`, the others count as `rest`
 */
export function statisticsOf(
  best: Int32Array,
  scores: Float64Array,
  sums: { sum: number; squares: number; population: number; rest?: number },
): SideStatistics {
  const { sum, squares, population, rest } = sums;
  const mean = population === 0 ? 0 : sum / population;
  const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, population) - mean * mean));
  const padding = rest === undefined ? 0 : Math.max(0, Math.min(SAMPLE, population) - scores.length);
  const count = scores.length + padding;
  let total = padding * (rest ?? 0);
  for (let i = 0; i < scores.length; i++) total += scores[i]!;
  const center = total / Math.max(1, count);
  let spread = padding * ((rest ?? 0) - center) ** 2;
  for (let i = 0; i < scores.length; i++) spread += (scores[i]! - center) ** 2;
  spread = Math.sqrt(spread / Math.max(1, count));
  return { mean, deviation, spread: spread > 1e-9 ? spread : 1, best, population };
}
