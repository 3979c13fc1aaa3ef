import { forTokens } from '../rank/query.ts';

/** Spans of the words of a text that are among `words` (folded), as offsets; parts mark their whole word. */
export function highlights(text: string, words: ReadonlySet<string>): [number, number][] {
  const spans: [number, number][] = [];
  if (words.size === 0) return spans;
  forTokens(text, (word, _kind, start, end) => {
    if (!words.has(word)) return;
    const last = spans.at(-1);
    // Pairs of ideographs overlap, and a part has the span of its whole.
    if (last !== undefined && start <= last[1] && start >= last[0]) last[1] = Math.max(last[1], end);
    else spans.push([start, end]);
  });
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
