import { Dictionary } from '../postings/dictionary.ts';
import { Analyzer } from '../text/analyzer.ts';
import { TokenBuffer } from '../text/token-buffer.ts';

const analyzer = new Analyzer();
const tokens = new TokenBuffer();

/** Folded words to mark, ready for `highlights`. */
export function marks(words: Iterable<string>): Dictionary {
  const dictionary = new Dictionary();
  for (const word of words) dictionary.internString(word);
  return dictionary;
}

/** Spans of the words of a text that are among `words`, as offsets; parts mark their whole word. */
export function highlights(text: string, words: Dictionary): [number, number][] {
  const spans: [number, number][] = [];
  if (words.count === 0) return spans;
  tokens.clear();
  analyzer.analyze(text, words, false, tokens);
  for (let i = 0; i < tokens.count; i++) {
    if (tokens.ids[i]! < 0) continue;
    const start = tokens.starts[i]!;
    const end = tokens.ends[i]!;
    const last = spans.at(-1);
    // Pairs of ideographs overlap, and a part has the span of its whole.
    if (last !== undefined && start <= last[1] && start >= last[0]) last[1] = Math.max(last[1], end);
    else spans.push([start, end]);
  }
  return spans;
}

/** The span of the sentence with the most different words of the query, weighted; undefined without any. */
export function bestSentence(
  text: string,
  spans: readonly [number, number][],
  weightOf: (word: string) => number,
): [number, number] | undefined {
  if (spans.length === 0) return undefined;
  let best: [number, number] | undefined;
  let bestScore = 0;
  for (const [start, end] of sentences(text)) {
    const seen = new Set<string>();
    let score = 0;
    for (const [from, to] of spans) {
      if (from < start || to > end) continue;
      const word = text.slice(from, to).toLowerCase();
      if (seen.has(word)) continue;
      seen.add(word);
      score += weightOf(word);
    }
    if (score > bestScore) {
      bestScore = score;
      best = [start, end];
    }
  }
  return best;
}

let segmenter: Intl.Segmenter | undefined;

/** Sentences of a text as trimmed spans. */
export function* sentences(text: string): Generator<[number, number]> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'sentence' });
  for (const { segment, index } of segmenter.segment(text)) {
    const start = index + (segment.length - segment.trimStart().length);
    const end = index + segment.trimEnd().length;
    if (end > start) yield [start, end];
  }
}
