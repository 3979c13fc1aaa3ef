import type { Dictionary } from './dictionary.ts';

/**
 * Words within `maxEdits` of a word (insertions, deletions, substitutions, swaps of neighbours), in
 * the order of the word list. Walks the sorted words as if they were a trie: rows of the distance
 * matrix are shared between words with a common start, and a start that is already too far away
 * takes all its words with it.
 */
export function wordsWithin(
  words: Dictionary,
  sorted: Uint32Array,
  word: string,
  maxEdits: number,
): { word: number; edits: number }[] {
  const found: { word: number; edits: number }[] = [];
  const n = word.length;
  const width = n + 1;
  const target = Uint16Array.from({ length: n }, (_, i) => word.charCodeAt(i));
  const maxLength = n + maxEdits;
  const rows = new Uint8Array(width * (maxLength + 1));
  for (let j = 0; j <= n; j++) rows[j] = j;
  const path = new Uint16Array(maxLength + 1);
  const { units, starts } = words.views;
  let depth = 0; // rows 1..depth hold for path[0..depth)
  let dead = -1; // depth at which the current path became hopeless
  for (let s = 0; s < sorted.length; s++) {
    const candidate = sorted[s]!;
    const from = starts[candidate]!;
    const length = starts[candidate + 1]! - from;
    let shared = 0;
    const limit = Math.min(depth, length);
    while (shared < limit && units[from + shared] === path[shared]) shared++;
    if (dead >= 0 && shared >= dead) continue; // same hopeless start as before
    dead = -1;
    depth = shared;
    let row = shared;
    while (row < length) {
      if (row >= maxLength) {
        dead = row;
        break;
      }
      const unit = units[from + row]!;
      path[row] = unit;
      row++;
      depth = row;
      if (fillRow(rows, width, row, unit, path, target, n, maxEdits) > maxEdits) {
        dead = row;
        break;
      }
    }
    if (dead < 0 && row === length && Math.abs(length - n) <= maxEdits) {
      const edits = rows[length * width + n]!;
      if (edits <= maxEdits && edits > 0) found.push({ word: candidate, edits });
    }
  }
  return found;
}

/**
 * One more row of the distance matrix; returns its least value. Only cells within `maxEdits` of the diagonal can be
 * that small (Ukkonen, 1985); those beside them are set to more than that.
 */
function fillRow(
  rows: Uint8Array,
  width: number,
  row: number,
  unit: number,
  path: Uint16Array,
  target: Uint16Array,
  n: number,
  maxEdits: number,
): number {
  const at = row * width;
  const above = at - width;
  const from = Math.max(1, row - maxEdits);
  const to = Math.min(n, row + maxEdits);
  let least = from === 1 ? row : maxEdits + 1;
  rows[at + from - 1] = least;
  if (to < n) rows[at + to + 1] = maxEdits + 1;
  for (let j = from; j <= to; j++) {
    let cost = rows[above + j - 1]! + (target[j - 1] === unit ? 0 : 1);
    const up = rows[above + j]! + 1;
    if (up < cost) cost = up;
    const left = rows[at + j - 1]! + 1;
    if (left < cost) cost = left;
    if (row > 1 && j > 1 && target[j - 2] === unit && target[j - 1] === path[row - 2]) {
      const swapped = rows[above - width + j - 2]! + 1;
      if (swapped < cost) cost = swapped;
    }
    rows[at + j] = cost;
    if (cost < least) least = cost;
  }
  return least;
}

/** Typing errors allowed for a word of this length: none below 4 letters, one below 8, else two. */
export function typoBudget(length: number): number {
  return length < 4 ? 0 : length < 8 ? 1 : 2;
}
