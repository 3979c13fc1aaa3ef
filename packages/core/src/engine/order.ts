import type { Bitmap } from '../filter/bitmap.ts';
import { LOOKED_AT, SAMPLE, statisticsOf, UNKNOWN_WEIGHT } from '../rank/calibrate.ts';
import { queryCoverage } from '../rank/coverage.ts';
import { fuse, type Side } from '../rank/fusion.ts';
import type { KeywordResult } from '../rank/keyword.ts';
import type { RankScratch } from '../rank/scratch.ts';
import { type Before, bestOf, gather, list, type Listed, type Scored, selectBest } from '../rank/select.ts';
import type { SearchQuery } from '../types.ts';
import type { Ranking } from './ranking.ts';
import type { VectorScan } from './scan-vectors.ts';
import type { State } from './state.ts';

/** Sums of scores over all documents that may be found. */
interface Sums {
  sum: number;
  squares: number;
  population: number;
}

/** Documents with equal scores come in the order of their ids. */
export function inOrder({ table }: State): Before {
  return (a, b) => table.ids.compare(table.idOf[a]!, table.idOf[b]!) < 0;
}

/** Puts what one side or both found in order: the first `depth` documents. */
export function order(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  allowed: Bitmap,
  depth: number,
  scratch: RankScratch,
): void {
  const before = inOrder(state);
  const { keyword, similarities } = ranking;
  if (similarities === undefined) {
    const found = foundByWords(ranking, allowed);
    ranking.found = found;
    const values = scratch.valuesFor(found.length).subarray(0, found.length);
    if (keyword === undefined) values.fill(0);
    else {
      gather(found, keyword.scores, values);
      ranking.score = (document) => keyword.scores[document]!;
    }
    ranking.docs = bestOf({ docs: found, values }, depth, before);
    ranking.leaders = { side: 'keyword', docs: ranking.docs };
    return;
  }
  const vector = orderVectors(state, query, ranking, similarities, before, scratch);
  if (keyword === undefined) {
    const { docs, values } = ranking.nearest!;
    ranking.found = docs;
    ranking.score = (document) => similarities[document]!;
    ranking.docs = bestOf({ docs, values }, depth, before);
    ranking.leaders = { side: 'vector', docs: ranking.docs };
    return;
  }
  const population =
    query.where === undefined && ranking.query.excluded.length === 0 ? state.table.living : allowed.count;
  const words = orderWords(state, ranking, keyword, population, before, scratch);
  ranking.found = candidates(keyword, ranking.nearest!.docs, scratch);
  const fused = fuse(words, vector, query.fusion ?? 'calibrated', {
    weight: state.vector!.weight ?? UNKNOWN_WEIGHT,
    terms: ranking.query.terms.length,
    coverage: queryCoverage(keyword, words.statistics.best, scratch),
    floor: leastSimilarity(ranking.found, similarities),
  });
  ranking.fused = fused;
  ranking.score = (document) => fused.keywordPart(document) + fused.vectorPart(document);
  const values = scratch.valuesFor(ranking.found.length).subarray(0, ranking.found.length);
  fused.scoreAll(ranking.found, values);
  ranking.docs = bestOf({ docs: ranking.found, values }, depth, before);
}

function foundByWords({ keyword, query }: Ranking, allowed: Bitmap): Int32Array {
  if (keyword !== undefined) return keyword.docs;
  if (query.terms.length > 0) return new Int32Array(0);
  return allowed.members();
}

/** The keyword side of a fusion, and its best. */
function orderWords(
  state: State,
  ranking: Ranking,
  { docs, scores }: KeywordResult,
  population: number,
  before: Before,
  scratch: RankScratch,
): Side {
  const listed = list({ docs, values: gather(docs, scores, scratch.valuesFor(docs.length)) });
  const sums = { sum: listed.sum, squares: listed.squares, population, rest: 0 };
  ranking.ranges.keyword = listed;
  const best = (ranking.best = selectBest(listed, SAMPLE, before, scratch.best));
  return {
    scores,
    score: (document) => scores[document]!,
    rank: ranksAmong(state, best, before),
    statistics: statisticsOf(bestOf(best, LOOKED_AT, before), best.values, sums),
  };
}

/** The vector side of a fusion, and its nearest. */
function orderVectors(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  similarities: Float64Array,
  before: Before,
  scratch: RankScratch,
): Side {
  const { compared, estimate } = ranking.scan!;
  const near = listNear(state, similarities, query.similarity ?? -Infinity, compared, scratch);
  ranking.near = near.docs;
  ranking.ranges.vector = near;
  const nearest = (ranking.nearest = selectBest(near, SAMPLE, before, scratch.nearest));
  const sums =
    estimate === undefined
      ? { sum: near.sum, squares: near.squares, population: near.docs.length }
      : estimatedSums(estimate);
  return {
    scores: similarities,
    score: (document) => similarities[document]!,
    rank: ranksAmong(state, nearest, before),
    statistics: statisticsOf(bestOf(nearest, LOOKED_AT, before), nearest.values, sums),
  };
}

/** The documents that the vector side may find, of all or of some. */
function listNear(
  { table }: State,
  similarities: Float64Array,
  least: number,
  among: Int32Array | undefined,
  scratch: RankScratch,
): Listed {
  const length = among?.length ?? table.count;
  const docs = scratch.nearFor(length);
  const values = scratch.valuesFor(length);
  let count = 0;
  for (let i = 0; i < length; i++) {
    const document = among === undefined ? i : among[i]!;
    const similarity = similarities[document]!;
    if (similarity === -Infinity || !(similarity >= least)) continue;
    docs[count] = document;
    values[count++] = similarity;
  }
  return list({ docs: docs.subarray(0, count), values: values.subarray(0, count) });
}

/** What the words found, and the nearest beside. */
function candidates({ docs, scores }: KeywordResult, nearest: Int32Array, scratch: RankScratch): Int32Array {
  const all = scratch.candidatesFor(docs.length + nearest.length);
  all.set(docs);
  let count = docs.length;
  for (let i = 0; i < nearest.length; i++) if (scores[nearest[i]!] === 0) all[count++] = nearest[i]!;
  return all.subarray(0, count);
}

function leastSimilarity(docs: Int32Array, similarities: Float64Array): number {
  let least = Infinity;
  for (let i = 0; i < docs.length; i++) {
    const value = similarities[docs[i]!]!;
    if (value > -Infinity && value < least) least = value;
  }
  return least;
}

/** Place of each document among the best of a side, counted from 1; 0 beyond them. Only reciprocal ranks ask for it. */
function ranksAmong({ table }: State, best: Scored, before: Before): (document: number) => number {
  let ranks: Int32Array | undefined;
  return (document) => {
    if (ranks === undefined) {
      ranks = new Int32Array(table.count);
      bestOf(best, best.docs.length, before).forEach((one, at) => (ranks![one] = at + 1));
    }
    return ranks[document]!;
  };
}

/** The sums over all documents where only some were compared. */
function estimatedSums({ mean, meanSquare, population }: NonNullable<VectorScan['estimate']>): Sums {
  return { sum: mean * population, squares: meanSquare * population, population };
}
