import type { Block } from './chunk-text.ts';

/** Paragraphs: stretches between blank lines, without the white space around them. */
export function* plainBlocks(
  text: string,
  from = 0,
  to: number = text.length,
  headings: string[] = [],
): Generator<Block> {
  const blank = /\n[^\S\n]*\n\s*/g;
  let start = from;
  while (start < to) {
    blank.lastIndex = start;
    const gap = blank.exec(text);
    const end = gap === null || gap.index >= to ? to : gap.index;
    const block = trimmedSpan(text, start, end);
    if (block !== undefined) yield { ...block, headings, heading: false };
    start = gap === null || gap.index >= to ? to : blank.lastIndex;
  }
}

/** The span without white space at its ends; undefined where nothing else is in it. */
export function trimmedSpan(
  text: string,
  start: number,
  end: number,
): { start: number; end: number } | undefined {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start < end ? { start, end } : undefined;
}

function isSpace(unit: number): boolean {
  return (
    unit <= 0x20 || unit === 0xa0 || unit === 0x3000 || unit === 0x2028 || unit === 0x2029 || unit === 0xfeff
  );
}
