import type { Scored } from '../rank/select.ts';
import type { Ranking } from './ranking.ts';

const STEPS = 256;
const MIXED = -1;

/** Exact places of some documents on one side: one more than there are better ones. One pass for all of them. */
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
  // Lowest first; `better[i]` counts those above own[i - 1] but not above own[i].
  const own = Float64Array.from(new Set(documents.map((document) => scores[document]!)))
    .filter((score) => score > -Infinity)
    .sort();
  if (own.length === 0) return () => 0;
  const lowest = own[0]!;
  const docs = holdsAllAbove(vector ? ranking.nearest : ranking.best, lowest) ?? all;
  const better = new Int32Array(own.length + 1);
  const { scale, below } = steps(own);
  for (let i = 0; i < docs.length; i++) {
    const score = scores[docs[i]!]!;
    if (score <= lowest) continue;
    const step = (score - lowest) * scale;
    let under = step >= STEPS ? own.length : below[step | 0]!;
    if (under === MIXED) for (under = 1; under < own.length && score > own[under]!;) under++;
    better[under]!++;
  }
  for (let i = own.length - 1; i > 0; i--) better[i]! += better[i + 1]!;
  return (document) => better[own.indexOf(scores[document]!) + 1]! + 1;
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
 * Even steps from the lowest to the highest of some scores. `below[i]` is how many of them lie under step i, or MIXED
 * where one lies in it, and a closer look has to tell.
 */
function steps(own: Float64Array): { scale: number; below: Int32Array } {
  const lowest = own[0]!;
  const scale = (STEPS - 1) / (own.at(-1)! - lowest);
  // Scores too near to each other for steps are all looked at closely.
  if (!(scale > 0 && scale < Infinity)) return { scale: 0, below: new Int32Array(STEPS).fill(MIXED) };
  const below = new Int32Array(STEPS);
  for (const score of own) below[((score - lowest) * scale) | 0]!++;
  let under = 0;
  for (let i = 0; i < STEPS; i++) {
    const inside = below[i]!;
    below[i] = inside > 0 ? MIXED : under;
    under += inside;
  }
  return { scale, below };
}

export function placeOf(ranking: Ranking, document: number, side: 'keyword' | 'vector'): number {
  return placesOf(ranking, [document], side)(document);
}

/** The best of a side, where all that is better than a score is among them. */
function holdsAllAbove(best: Scored | undefined, score: number): Int32Array | undefined {
  if (best === undefined) return undefined;
  let edge = Infinity;
  for (let i = 0; i < best.values.length; i++) if (best.values[i]! < edge) edge = best.values[i]!;
  return score >= edge ? best.docs : undefined;
}
