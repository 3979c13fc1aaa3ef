let segmenter: Intl.Segmenter | undefined;

/** Calls back for each dictionary word of a run of text without spaces. */
export function eachSegment(run: string, onWord: (word: string, at: number) => void): void {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
  // Segmenting is quadratic in some engines for very long runs, so they are taken in pieces.
  const step = 4096;
  for (let from = 0; from < run.length; from += step) {
    for (const { segment, index, isWordLike } of segmenter.segment(run.slice(from, from + step))) {
      if (isWordLike) onWord(segment, from + index);
    }
  }
}
