import type { Scored } from '../rank/select.ts';
import type { Ranking } from './ranking.ts';

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
  // Lowest first; `better[i]` counts those above own[i] but not above own[i + 1].
  const own = Float64Array.from(new Set(documents.map((document) => scores[document]!))).sort();
  const lowest = own[0]!;
  const docs = holdsAllAbove(vector ? ranking.nearest : ranking.best, lowest) ?? all;
  const better = new Int32Array(own.length + 1);
  for (let i = 0; i < docs.length; i++) {
    const score = scores[docs[i]!]!;
    if (score <= lowest) continue;
    let above = 1;
    while (above < own.length && score > own[above]!) above++;
    better[above]!++;
  }
  for (let i = own.length - 1; i > 0; i--) better[i]! += better[i + 1]!;
  return (document) => better[own.indexOf(scores[document]!) + 1]! + 1;
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
