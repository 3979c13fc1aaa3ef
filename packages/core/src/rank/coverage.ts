import type { KeywordResult, TermMatch } from './keyword.ts';

/** What a stand-in (the start of a word, a typing error) says about a document, beside the word itself. */
const STAND_IN = 0.25;

/**
 * How much of a query its best keyword hits really hold: the share of the query's words, each counted by its
 * idf, that one document has, 0 to 1. A word that the index does not know counts as much as the rarest.
 * Near 0 the keyword side found function words or fragments, whatever its scores.
 *
 * @param best the documents to look at, best first
 */
export function queryCoverage({ terms }: KeywordResult, best: Int32Array): number {
  const held = new Map<number, number>();
  for (const document of best) held.set(document, 0);
  let all = 0;
  for (const match of terms) {
    const mass = match.term.weight * match.ownIdf;
    all += mass;
    const share = isKnown(match) ? mass : mass * STAND_IN;
    for (const document of match.docs) {
      const before = held.get(document);
      if (before !== undefined) held.set(document, before + share);
    }
  }
  return all === 0 ? 0 : Math.max(0, ...held.values()) / all;
}

function isKnown({ words }: TermMatch): boolean {
  return words.some(({ kind }) => kind === 'exact' || kind === 'stem' || kind === 'phrase');
}
