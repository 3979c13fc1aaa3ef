/**
 * Cuts sequences into batches whose padded size stays within a budget. Padding costs as much as tokens do, so sequences go
 * together by length, longest first (a peak of memory shows at the start, and the end is made of small pieces).
 * @param lengths length of each sequence, in tokens
 * @param budget largest size of a batch: number of sequences × longest of them. A longer sequence is a batch alone.
 * @param most largest number of sequences in a batch
 * @returns indices into `lengths`, batch by batch; each index once
 */
export function batchByLength(
  lengths: ArrayLike<number>,
  budget: number,
  most: number = Infinity,
): Uint32Array[] {
  const order = Uint32Array.from({ length: lengths.length }, (_, i) => i).sort(
    (a, b) => lengths[b]! - lengths[a]! || a - b,
  );
  const batches: Uint32Array[] = [];
  for (let start = 0; start < order.length;) {
    const longest = Math.max(1, lengths[order[start]!]!);
    const size = Math.max(1, Math.min(most, Math.floor(budget / longest)));
    batches.push(order.subarray(start, start + size));
    start += size;
  }
  return batches;
}
