import { expandOutline, type Stored } from '../documents/document-table.ts';
import type { Ranking } from '../engine/ranking.ts';
import type { State } from '../engine/state.ts';
import type { Dictionary } from '../postings/dictionary.ts';
import type { Postings } from '../postings/inverted-index.ts';
import { saturate } from '../rank/bm25.ts';
import type { Notice, Passage } from '../types.ts';
import { bestSentence, highlights, marks } from './highlight.ts';

/** Keyword scores of the chunks of some documents, by chunk. */
export function scoreChunks(
  state: State,
  ranking: Ranking,
  documents: Iterable<number>,
): Map<number, number> {
  const { table, index } = state;
  const scores = new Map<number, number>();
  for (const document of documents) {
    const first = table.firstChunk[document]!;
    const end = table.firstChunk[document + 1]!;
    // A document of one chunk has no choice to make.
    if (end - first > 1) for (let chunk = first; chunk < end; chunk++) scores.set(chunk, 0);
  }
  if (scores.size === 0 || ranking.keyword === undefined) return scores;
  const average = table.totals[0]! / Math.max(1, table.livingChunks);
  const postings: Postings = { count: 0, units: new Int32Array(0), frequencies: new Int32Array(0) };
  for (const match of ranking.keyword.terms) {
    for (const { word, kind } of match.words) {
      const list = index.list(0, word);
      if (list < 0) continue;
      const worth = kind === 'prefix' ? 0.5 : kind === 'typo' ? 0.25 : 1;
      index.decode(list, postings);
      for (let i = 0; i < postings.count; i++) {
        const chunk = postings.units[i]!;
        const known = scores.get(chunk);
        if (known === undefined) continue;
        const factor = 0.25 + (0.75 * table.chunkLength[chunk]!) / average;
        scores.set(
          chunk,
          known + worth * match.idf * saturate(postings.frequencies[i]! / factor, ranking.options.k1),
        );
      }
    }
  }
  return scores;
}

/** The best chunks of a document, best first, as [chunk, score]. */
export function bestChunks(
  state: State,
  ranking: Ranking,
  document: number,
  chunkScores: Map<number, number>,
  count: number,
): [number, number][] {
  const { table } = state;
  const first = table.firstChunk[document]!;
  const end = table.firstChunk[document + 1]!;
  const keyword = (chunk: number): number => chunkScores.get(chunk) ?? 0;
  let most = 0;
  for (let chunk = first; chunk < end; chunk++) most = Math.max(most, keyword(chunk));
  const weight = ranking.fused?.weight ?? (ranking.keyword === undefined ? 1 : 0);
  const scored: [number, number][] = [];
  const slots = table.chunkSlot.subarray(first, end).filter((slot) => slot >= 0);
  const similarities = ranking.scan?.scoresOf(slots);
  let at = 0;
  for (let chunk = first; chunk < end; chunk++) {
    const similarity = table.chunkSlot[chunk]! >= 0 ? (similarities?.[at++] ?? 0) : 0;
    scored.push([chunk, (1 - weight) * (most > 0 ? keyword(chunk) / most : 0) + weight * similarity]);
  }
  return scored.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, count);
}

/** Folded words to mark: those of the index that stood in for the query's. */
export function wordsToMark(state: State, ranking: Ranking): Dictionary {
  const words = new Set<string>();
  for (const match of ranking.keyword?.terms ?? []) {
    for (const { word } of match.words) words.add(state.lexicon.words.text(word));
    for (const word of match.term.words) words.add(word);
  }
  return marks(words);
}

/** Where the passages of a document are; their texts come later, by `fillPassage`. */
export function placePassages(
  state: State,
  document: number,
  outline: Stored['outline'],
  chunks: [number, number][],
): Passage[] {
  const { table } = state;
  const first = table.firstChunk[document]!;
  const count = table.firstChunk[document + 1]! - first;
  const paths = outline.length > 0 ? expandOutline(outline, count) : undefined;
  return chunks.map(([chunk, score]) => ({
    chunk: chunk - first,
    start: table.chunkStart[chunk]!,
    end: table.chunkEnd[chunk]!,
    headings: paths?.[chunk - first] ?? [],
    text: '',
    highlights: [],
    score,
  }));
}

/** Gives a passage its part of the document's text, with the words marked. */
export function fillPassage(passage: Passage, documentText: string, words: Dictionary): void {
  passage.text = documentText.slice(passage.start, passage.end);
  passage.highlights = highlights(passage.text, words);
  const sentence = bestSentence(passage.text, passage.highlights, () => 1);
  if (sentence !== undefined) passage.sentence = sentence;
}

/** The notice for texts that could not be read. */
export function unreadable(id: string, cause: unknown): Notice {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return {
    code: 'text-unreadable',
    message: `The text of document "${id}" could not be read (${reason}); its passages are empty.`,
  };
}
