import { TopK } from '../vector/top-k.ts';

/** Which of two documents comes first where their scores are equal. */
export type Before = (a: number, b: number) => boolean;

/** Documents with their scores: `values[i]` is that of `docs[i]`. */
export interface Scored {
  docs: Int32Array;
  values: Float64Array;
}

/** Even steps between the least and the highest score, by which scores are counted. */
export const STEPS = 1024;
/** Those inside the step with the k-th, and their values to be moved about: kept, as new arrays are slow (scratch.ts). */
let close: Scored = { docs: new Int32Array(1024), values: new Float64Array(1024) };
let moved = new Float64Array(1024);

/** Between which scores all others lie. */
export interface Range {
  least: number;
  most: number;
}

/** Documents with their scores, and what one pass over them gives. */
export interface Listed extends Scored, Range {
  sum: number;
  squares: number;
  /** How many scores are in each step of the range, where they have been counted. */
  counts?: Int32Array;
}

/** Where the best are written. */
export interface Room extends Scored {
  counts: Int32Array;
}

export function roomFor(length: number): Room {
  return { docs: new Int32Array(length), values: new Float64Array(length), counts: new Int32Array(STEPS) };
}

/** Steps for each unit of score; 0 where equal or infinite scores have no steps between them. */
export function stepsPerUnit({ least, most }: Range): number {
  const scale = (STEPS - 1) / (most - least);
  return scale > 0 && scale < Infinity ? scale : 0;
}

/** The scores of some documents, in their order. */
export function gather(docs: Int32Array, scores: Float64Array, into: Float64Array): Float64Array {
  for (let i = 0; i < docs.length; i++) into[i] = scores[docs[i]!]!;
  return into.subarray(0, docs.length);
}

/** Sums and range of some scores. */
export function list({ docs, values }: Scored): Listed {
  let [sum, squares, least, most] = [0, 0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    sum += value;
    squares += value * value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { docs, values, sum, squares, least, most };
}

/**
 * The k documents with the highest scores, in no particular order; of equals at the edge, those that
 * `before` puts first. Linear in the number of documents.
 *
 * @param room where they are written, at least k long
 */
export function selectBest(
  scored: Scored | Listed,
  k: number,
  before: Before,
  room: Room = roomFor(k),
): Scored {
  const { docs, values } = scored;
  if (docs.length <= k) {
    room.values.set(values);
    return { docs, values: room.values.subarray(0, docs.length) };
  }
  if (k === 0) return { docs: new Int32Array(0), values: new Float64Array(0) };
  const listed = 'least' in scored ? scored : list(scored);
  const { least } = listed;
  const scale = stepsPerUnit(listed);
  const best: Scored = { docs: room.docs.subarray(0, k), values: room.values.subarray(0, k) };
  if (scale === 0) return fillFrom(best, 0, { docs, values }, before);
  const counts = (listed.counts = room.counts.fill(0));
  for (let i = 0; i < values.length; i++) counts[((values[i]! - least) * scale) | 0]!++;
  let above = 0;
  let edge = STEPS - 1;
  while (above + counts[edge]! < k) above += counts[edge--]!;
  // All above the step with the k-th are in; those inside it are looked at closely.
  if (close.docs.length < counts[edge]!)
    close = { docs: new Int32Array(counts[edge]! * 2), values: new Float64Array(counts[edge]! * 2) };
  let count = 0;
  let inside = 0;
  for (let i = 0; i < values.length; i++) {
    const bucket = ((values[i]! - least) * scale) | 0;
    if (bucket < edge) continue;
    if (bucket > edge) {
      best.docs[count] = docs[i]!;
      best.values[count++] = values[i]!;
    } else {
      close.docs[inside] = docs[i]!;
      close.values[inside++] = values[i]!;
    }
  }
  const rest = { docs: close.docs.subarray(0, inside), values: close.values.subarray(0, inside) };
  return fillFrom(best, count, rest, before);
}

/** Fills `best` up from `count` on with the best of the rest. */
function fillFrom(best: Scored, count: number, { docs, values }: Scored, before: Before): Scored {
  if (moved.length < values.length) moved = new Float64Array(values.length * 2);
  moved.set(values);
  const edge = kthBySelection(moved.subarray(0, values.length), best.docs.length - count);
  const ties: number[] = [];
  for (let i = 0; i < docs.length; i++) {
    const value = values[i]!;
    if (value > edge) {
      best.docs[count] = docs[i]!;
      best.values[count++] = value;
    } else if (value === edge) ties.push(docs[i]!);
  }
  if (count + ties.length > best.docs.length) ties.sort((a, b) => (before(a, b) ? -1 : 1));
  best.values.fill(edge, count);
  for (let i = 0; count < best.docs.length; i++) best.docs[count++] = ties[i]!;
  return best;
}

/** So many are put in order by insertion. */
const FEW = 64;

/** The k best of some documents, best first, equals in the order that `before` gives. */
export function bestOf({ docs, values }: Scored, k: number, before: Before): Int32Array {
  if (k <= FEW) return fewBest(docs, values, k, before);
  const top = new TopK(Math.min(k, docs.length), before);
  let { threshold } = top;
  for (let i = 0; i < docs.length; i++) {
    const value = values[i]!;
    if (value < threshold) continue;
    top.push(docs[i]!, value);
    threshold = top.threshold;
  }
  return top.sorted().items;
}

/** The same for a small k. Arrays of the engine's own: one of so few numbers is had at once. */
function fewBest(docs: Int32Array, values: Float64Array, k: number, before: Before): Int32Array {
  const [items, scores]: [number[], number[]] = [[], []];
  let threshold = k === 0 ? Infinity : -Infinity;
  for (let i = 0; i < docs.length; i++) {
    const value = values[i]!;
    if (value < threshold) continue;
    const document = docs[i]!;
    let at = items.length;
    if (at === k) {
      if (value === threshold && !before(document, items[at - 1]!)) continue;
      at--;
    }
    for (; at > 0; at--) {
      const above = scores[at - 1]!;
      if (value < above || (value === above && !before(document, items[at - 1]!))) break;
      items[at] = items[at - 1]!;
      scores[at] = above;
    }
    items[at] = document;
    scores[at] = value;
    if (items.length === k) threshold = scores[k - 1]!;
  }
  return Int32Array.from(items);
}

/** Hoare's selection; moves the values about. */
function kthBySelection(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i > j) break;
      const swap = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swap;
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else break;
  }
  return values[k - 1]!;
}
