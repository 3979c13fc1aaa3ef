import { type Listed, type Scored, STEPS, stepsPerUnit } from '../rank/select.ts';
import type { Ranking } from './ranking.ts';

// Of the query at hand; a new array for each would cost more than the counting (scratch.ts).
const ownCounts = new Int32Array(STEPS);
const looked = new Uint8Array(STEPS);

/** Exact places of some documents on one side: one more than there are better ones. */
export function placesOf(
  ranking: Ranking,
  documents: readonly number[],
  side: 'keyword' | 'vector',
): (document: number) => number {
  const vector = side === 'vector';
  const scores = vector ? ranking.similarities : ranking.keyword?.scores;
  const all = vector ? ranking.near : ranking.keyword?.docs;
  if (scores === undefined || all === undefined || documents.length === 0) return () => 0;
  if (ranking.leaders?.side === side) return placesInOrder(ranking.leaders.docs, scores);
  const range = ranking.ranges[side]!; // a fusion has looked at both sides
  // Others are not on this side at all.
  const own = documents.map((document) => scores[document]!).filter((score) => score >= range.least);
  if (own.length === 0) return () => 0;
  const docs = holdsAllAbove(vector ? ranking.nearest : ranking.best, Math.min(...own)) ?? all;
  const places = countBetter(
    docs,
    scores,
    own,
    docs === range.docs ? range : { ...range, counts: undefined },
  );
  return (document) => places.get(scores[document]!) ?? 0;
}

export function placeOf(ranking: Ranking, document: number, side: 'keyword' | 'vector'): number {
  return placesOf(ranking, [document], side)(document);
}

/** Places of documents that are in order already; equals share the first. */
function placesInOrder(docs: Int32Array, scores: Float64Array): (document: number) => number {
  const places = new Map<number, number>();
  let [place, last] = [0, NaN];
  for (let i = 0; i < docs.length; i++) {
    const score = scores[docs[i]!]!;
    if (score !== last) [place, last] = [i + 1, score];
    places.set(docs[i]!, place);
  }
  return (document) => places.get(document)!;
}

/**
 * One more than the documents with a better score, for each of some scores. Documents are counted by even steps of
 * their scores, and looked at closely only where a step holds one of those asked for.
 *
 * @param range of the scores of `docs`, or wider, and how many of them are in each step, where that is known
 */
export function countBetter(
  docs: Int32Array,
  scores: Float64Array,
  asked: readonly number[],
  range: Pick<Listed, 'least' | 'most' | 'counts'>,
): Map<number, number> {
  const step = stepsPerUnit(range);
  const from = step > 0 ? range.least : 0;
  const bucketOf = (score: number): number => ((score - from) * step) | 0;
  let { counts } = range;
  if (counts === undefined) {
    counts = ownCounts.fill(0);
    for (let i = 0; i < docs.length; i++) counts[bucketOf(scores[docs[i]!]!)]!++;
  }
  looked.fill(0);
  for (const score of asked) looked[bucketOf(score)] = 1;
  const close: number[] = [];
  for (let i = 0; i < docs.length; i++) {
    const score = scores[docs[i]!]!;
    if (looked[bucketOf(score)] === 1) close.push(score);
  }
  const places = new Map<number, number>();
  for (const score of asked) {
    let better = 0;
    const bucket = bucketOf(score);
    for (let i = bucket + 1; i < STEPS; i++) better += counts[i]!;
    for (let i = 0; i < close.length; i++) if (close[i]! > score && bucketOf(close[i]!) === bucket) better++;
    places.set(score, better + 1);
  }
  return places;
}

/** The best of a side, where all that is better than a score is among them. */
function holdsAllAbove(best: Scored | undefined, score: number): Int32Array | undefined {
  if (best === undefined) return undefined;
  let edge = Infinity;
  for (let i = 0; i < best.values.length; i++) if (best.values[i]! < edge) edge = best.values[i]!;
  return score >= edge ? best.docs : undefined;
}
