import { placeOf } from '../engine/places.ts';
import type { Ranking } from '../engine/ranking.ts';
import type { State } from '../engine/state.ts';
import type { Postings } from '../postings/inverted-index.ts';
import type { Explanation, TermExplanation } from '../types.ts';
import { distanceOf } from '../vector/scan.ts';

/** How the score of a hit came about. The parts add up to the score. */
export function explain(state: State, ranking: Ranking, document: number): Explanation {
  const explanation: Explanation = { score: ranking.score(document) };
  const { keyword, similarities, fused } = ranking;
  if (keyword !== undefined && keyword.scores[document]! > 0) {
    const terms = keyword.terms
      .map((match) => explainTerm(state, match, document))
      .filter((term) => term.score > 0);
    explanation.keyword = {
      score: keyword.scores[document]!,
      rank: placeOf(ranking, document, 'keyword'),
      terms,
    };
  }
  if (similarities !== undefined && similarities[document]! > -Infinity) {
    const chunk = ranking.nearestChunk![document]!;
    explanation.vector = {
      similarity: similarities[document]!,
      distance: distanceOf(similarities[document]!, state.vectors!.metric),
      rank: placeOf(ranking, document, 'vector'),
      chunk: chunk - state.table.firstChunk[document]!,
    };
  }
  if (fused !== undefined)
    explanation.fusion = {
      method: fused.method,
      weight: fused.weight,
      keyword: fused.keywordPart(document),
      vector: fused.vectorPart(document),
    };
  return explanation;
}

function explainTerm(
  state: State,
  match: NonNullable<Ranking['keyword']>['terms'][number],
  document: number,
): TermExplanation {
  const at = match.docs.indexOf(document);
  const words: TermExplanation['words'] = [];
  if (at >= 0) {
    for (const { word, kind } of match.words) {
      state.textFields.forEach((field, number) => {
        const frequency = frequencyIn(state, number, word, document);
        if (frequency > 0)
          words.push({ word: state.lexicon.words.text(word), kind, field: field.name, frequency });
      });
    }
  }
  return {
    term: match.term.words.join(' '),
    words,
    idf: match.idf,
    documents: match.documents,
    score: at < 0 ? 0 : match.scores[at]!,
  };
}

function frequencyIn(state: State, field: number, word: number, document: number): number {
  const list = state.index.list(field, word);
  if (list < 0) return 0;
  const postings: Postings = state.index.decode(list, {
    count: 0,
    units: new Int32Array(0),
    frequencies: new Int32Array(0),
  });
  let sum = 0;
  for (let i = 0; i < postings.count; i++) {
    const owner = field === 0 ? state.table.chunkDocument[postings.units[i]!]! : postings.units[i]!;
    if (owner === document) sum += postings.frequencies[i]!;
  }
  return sum;
}
