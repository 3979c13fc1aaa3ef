import { TopK } from '../vector/top-k.ts';

/** Which of two documents comes first where their scores are equal. */
export type Before = (a: number, b: number) => boolean;

/** Documents with their scores: `values[i]` is that of `docs[i]`. */
export interface Scored {
  docs: Int32Array;
  values: Float64Array;
}

const BUCKETS = 1024;
const counts = new Int32Array(BUCKETS);

/** The scores of some documents, in their order. */
export function gather(
  docs: Int32Array,
  scores: Float64Array | Float32Array,
  into: Float64Array,
): Float64Array {
  for (let i = 0; i < docs.length; i++) into[i] = scores[docs[i]!]!;
  return into.subarray(0, docs.length);
}

/**
 * The k documents with the highest scores, in no particular order; of equals at the edge, those that
 * `before` puts first. Linear in the number of documents.
 */
export function selectBest({ docs, values }: Scored, k: number, before: Before): Scored {
  if (docs.length <= k) return { docs, values: values.slice() };
  if (k === 0) return { docs: new Int32Array(0), values: new Float64Array(0) };
  const edge = kthLargest(values, k);
  const best: Scored = { docs: new Int32Array(k), values: new Float64Array(k).fill(edge) };
  const ties: number[] = [];
  let count = 0;
  for (let i = 0; i < docs.length; i++) {
    const value = values[i]!;
    if (value > edge) {
      best.docs[count] = docs[i]!;
      best.values[count++] = value;
    } else if (value === edge) ties.push(docs[i]!);
  }
  if (count + ties.length > k) ties.sort((a, b) => (before(a, b) ? -1 : 1));
  for (let i = 0; count < k; i++) best.docs[count++] = ties[i]!;
  return best;
}

/** The k best of some documents, best first, equals in the order that `before` gives. */
export function bestOf({ docs, values }: Scored, k: number, before: Before): Int32Array {
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

/** Counts the values in even steps between least and most, and looks closely only into the step with the k-th. */
function kthLargest(values: Float64Array, k: number): number {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = (BUCKETS - 1) / (most - least);
  // Equal or infinite values have no steps between them.
  if (!(scale > 0 && scale < Infinity)) return kthBySelection(values.slice(), k);
  counts.fill(0);
  for (let i = 0; i < values.length; i++) counts[((values[i]! - least) * scale) | 0]!++;
  let above = 0;
  let bucket = BUCKETS - 1;
  while (above + counts[bucket]! < k) above += counts[bucket--]!;
  const close = new Float64Array(counts[bucket]!);
  let count = 0;
  for (let i = 0; i < values.length; i++)
    if ((((values[i]! - least) * scale) | 0) === bucket) close[count++] = values[i]!;
  return kthBySelection(close, k - above);
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
