import type { KeywordResult, TermMatch } from './keyword.ts';
import type { RankScratch } from './scratch.ts';

/** What a stand-in (the start of a word, a typing error) says about a document, beside the word itself. */
const STAND_IN = 0.25;

/**
 * How much of a query its best keyword hits really hold: the share of the query's words, each counted by its
 * idf, that one document has, 0 to 1. A word that the index does not know counts as much as the rarest.
 * Near 0 the keyword side found function words or fragments, whatever its scores.
 *
 * @param best the documents to look at, best first, at most 127
 */
export function queryCoverage(
  { terms, scores }: KeywordResult,
  best: Int32Array,
  scratch: RankScratch,
): number {
  const place = scratch.marksFor(scores.length);
  best.forEach((document, at) => (place[document] = at + 1));
  const held = new Float64Array(best.length + 1);
  let all = 0;
  for (const match of terms) {
    const mass = match.term.weight * match.ownIdf;
    all += mass;
    const share = isKnown(match) ? mass : mass * STAND_IN;
    // Place 0 takes what the other documents hold; it is not looked at.
    const { docs } = match;
    for (let i = 0; i < docs.length; i++) held[place[docs[i]!]!]! += share;
  }
  best.forEach((document) => (place[document] = 0));
  return all === 0 || best.length === 0 ? 0 : Math.max(...held.subarray(1)) / all;
}

function isKnown({ words }: TermMatch): boolean {
  return words.some(({ kind }) => kind === 'exact' || kind === 'stem' || kind === 'phrase');
}
