import { layOutBlocks, type Layout } from './blocks.ts';
import { cutAtMarks } from './marks.ts';

/** A piece of an excerpt as it is shown. */
export interface ExcerptPart {
  text: string;
  marked: boolean;
}

export interface ExcerptSource {
  text: string;
  highlights: readonly (readonly [number, number])[];
  /** The sentence that matches best. */
  sentence?: readonly [number, number];
}

/**
 * The part of a passage that a result shows: about `length` characters from its best sentence on,
 * without markup, on one line.
 */
export function excerptOf(passage: ExcerptSource, layout: Layout, length = 260): ExcerptPart[] {
  const { text, highlights } = passage;
  const best = passage.sentence ?? mostMarked(highlights, length) ?? [0, 0];
  // A short passage is shown whole.
  const from = text.length <= length * 1.3 ? 0 : wordStart(text, Math.max(0, best[0] - 40));
  const to = Math.min(text.length, from + Math.round(length * 1.3));
  const parts: ExcerptPart[] = from > 0 ? [{ text: '… ', marked: false }] : [];
  // Only what is shown is parsed: a list of results must not hold up the page.
  const cut = text.slice(from, to);
  const marks = highlights.map(([start, end]) => [start - from, end - from] as const);
  let shown = 0;
  for (const block of layOutBlocks(cut, layout)) {
    if (shown >= length) break;
    if (shown > 0) parts.push({ text: ' ', marked: false });
    for (const run of block.runs) {
      for (const span of cutAtMarks(run.start, run.end, marks)) {
        const piece = cut.slice(span.start, span.end).replace(/\s+/g, ' ');
        parts.push({ text: piece, marked: span.marked });
        shown += piece.length;
      }
    }
  }
  if (to < text.length) parts.push({ text: ' …', marked: false });
  return parts;
}

/** The window of `length` characters that holds the most marks. */
function mostMarked(
  highlights: readonly (readonly [number, number])[],
  length: number,
): readonly [number, number] | undefined {
  let best: readonly [number, number] | undefined;
  let most = 0;
  for (const highlight of highlights) {
    const inside = highlights.filter(
      ([start, end]) => start >= highlight[0] && end <= highlight[0] + length,
    ).length;
    if (inside > most) {
      most = inside;
      best = highlight;
    }
  }
  return best;
}

function wordStart(text: string, offset: number): number {
  if (offset === 0) return 0;
  const gap = text.slice(0, offset).search(/\S+$/);
  return gap < 0 ? offset : gap;
}
