/**
 * The k documents with the highest scores, in no particular order; of equals at the edge, those that
 * `before` puts first. Linear in the number of documents (Hoare's selection on the scores).
 */
export function selectBest(
  docs: Int32Array,
  score: (document: number) => number,
  k: number,
  before: (a: number, b: number) => boolean,
): Int32Array {
  if (docs.length <= k) return docs;
  if (k === 0) return new Int32Array(0);
  const scores = new Float64Array(docs.length);
  for (let i = 0; i < docs.length; i++) scores[i] = score(docs[i]!);
  const edge = kthLargest(scores.slice(), k);
  const best = new Int32Array(k);
  const ties: number[] = [];
  let count = 0;
  for (let i = 0; i < docs.length; i++) {
    if (scores[i]! > edge) best[count++] = docs[i]!;
    else if (scores[i] === edge) ties.push(docs[i]!);
  }
  if (count + ties.length > k) ties.sort((a, b) => (before(a, b) ? -1 : 1));
  for (let i = 0; count < k; i++) best[count++] = ties[i]!;
  return best;
}

function kthLargest(values: Float64Array, k: number): number {
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
