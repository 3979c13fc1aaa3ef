/** A stretch of text, marked or not; `start` and `end` are UTF-16 offsets. */
export interface Span {
  start: number;
  end: number;
  marked: boolean;
}

/** Cuts the stretch from `start` to `end` where marks begin and end. Marks may overlap and come in any order. */
export function cutAtMarks(start: number, end: number, marks: readonly (readonly [number, number])[]): Span[] {
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
