// A bounded min-heap of (score, slot): its root is the worst of the best k. Of equal scores the larger slot
// is the worse one, so the result does not depend on the order in which rows are seen.

let scores: usize = 0;
let slots: usize = 0;
let limit: i32 = 0;
let size: i32 = 0;

/** Empties the heap and sets where it lives: k scores (f32), k slots (u32). */
export function heapReset(scoresPointer: usize, slotsPointer: usize, k: i32): void {
  scores = scoresPointer;
  slots = slotsPointer;
  limit = k;
  size = 0;
}

export function heapSize(): i32 {
  return size;
}

// @ts-ignore: decorator
@inline
function worse(scoreA: f32, slotA: u32, scoreB: f32, slotB: u32): bool {
  return scoreA < scoreB || (scoreA == scoreB && slotA > slotB);
}

/** The score that a row must reach to be looked at. */
// @ts-ignore: decorator
@inline
export function heapFloor(): f32 {
  return size < limit ? -Infinity : load<f32>(scores);
}

/** Offers a row to the heap. NaN never enters. */
export function heapOffer(score: f32, slot: u32): void {
  if (score != score) return;
  if (size < limit) {
    let i = size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const parentScore = load<f32>(scores + (parent << 2));
      const parentSlot = load<u32>(slots + (parent << 2));
      if (!worse(score, slot, parentScore, parentSlot)) break;
      store<f32>(scores + (i << 2), parentScore);
      store<u32>(slots + (i << 2), parentSlot);
      i = parent;
    }
    store<f32>(scores + (i << 2), score);
    store<u32>(slots + (i << 2), slot);
    return;
  }
  if (limit == 0 || !worse(load<f32>(scores), load<u32>(slots), score, slot)) return;
  sink(score, slot);
}

/** Puts a row where the root was and lets it sink. */
function sink(score: f32, slot: u32): void {
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= size) break;
    let childScore = load<f32>(scores + (child << 2));
    let childSlot = load<u32>(slots + (child << 2));
    if (child + 1 < size) {
      const rightScore = load<f32>(scores + ((child + 1) << 2));
      const rightSlot = load<u32>(slots + ((child + 1) << 2));
      if (worse(rightScore, rightSlot, childScore, childSlot)) {
        child++;
        childScore = rightScore;
        childSlot = rightSlot;
      }
    }
    if (!worse(childScore, childSlot, score, slot)) break;
    store<f32>(scores + (i << 2), childScore);
    store<u32>(slots + (i << 2), childSlot);
    i = child;
  }
  store<f32>(scores + (i << 2), score);
  store<u32>(slots + (i << 2), slot);
}

/** Sorts the heap in place, best row first, and returns how many rows it holds. */
export function heapSort(): i32 {
  const count = size;
  while (size > 1) {
    const last = size - 1;
    const rootScore = load<f32>(scores);
    const rootSlot = load<u32>(slots);
    const lastScore = load<f32>(scores + (last << 2));
    const lastSlot = load<u32>(slots + (last << 2));
    size = last;
    sink(lastScore, lastSlot);
    store<f32>(scores + (last << 2), rootScore);
    store<u32>(slots + (last << 2), rootSlot);
  }
  size = count;
  return count;
}
