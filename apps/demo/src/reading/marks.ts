/** A stretch of text, marked or not; `start` and `end` are UTF-16 offsets. */
export interface Span {
  start: number;
  end: number;
  marked: boolean;
}

/** Cuts the stretch from `start` to `end` where marks begin and end. Marks may overlap and come in any order. */
export function cutAtMarks(
  start: number,
  end: number,
  marks: readonly (readonly [number, number])[],
): Span[] {
  const inside = marks
    .map(([from, to]) => [Math.max(from, start), Math.min(to, end)] as const)
    .filter(([from, to]) => from < to)
    .sort((a, b) => a[0] - b[0]);
  const spans: Span[] = [];
  let at = start;
  for (const [from, to] of inside) {
    if (to <= at) continue;
    if (from > at) spans.push({ start: at, end: from, marked: false });
    spans.push({ start: Math.max(from, at), end: to, marked: true });
    at = to;
  }
  if (at < end) spans.push({ start: at, end, marked: false });
  return spans;
}

/** The first block that reaches into a passage, or 0. */
export function blockAt(blocks: readonly { start: number; end: number }[], offset: number): number {
  const index = blocks.findIndex((block) => block.end > offset);
  return index < 0 ? Math.max(0, blocks.length - 1) : index;
}

/** A word of the query, as the engine explains it. */
export interface QueryWord {
  /** Inverse document frequency: near 0 for words that most documents have. */
  idf: number;
  words: readonly { word: string }[];
}

/** Below this a word is in nearly half of all documents, as "the" is: it tells nothing about any of them. */
const TELLING_IDF = 1;

/** Words of the query that tell documents apart; all of them where none does. */
export function tellingWords<T extends QueryWord>(words: readonly T[]): T[] {
  const telling = words.filter(({ idf }) => idf >= TELLING_IDF);
  return telling.length > 0 ? telling : [...words];
}

/** Marks without those of words that nearly every document has, so that the eye finds the others. */
export function tellingMarks(
  text: string,
  marks: readonly [start: number, end: number][],
  words: readonly QueryWord[],
): [start: number, end: number][] {
  const telling = new Set(tellingWords(words));
  const common = new Set(
    words.filter((word) => !telling.has(word)).flatMap(({ words }) => words.map(({ word }) => word)),
  );
  return marks.filter(([start, end]) => !common.has(text.slice(start, end).toLowerCase()));
}
