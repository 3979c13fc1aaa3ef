import { type Dictionary, letterSet } from './dictionary.ts';

// Of the word at hand, as a new array for each costs more than filling one (rank/scratch.ts).
let target = new Uint16Array(64);
let rows = new Uint8Array(1024);

/**
 * Words within `maxEdits` of a word (insertions, deletions, substitutions, swaps of neighbours), in
 * the order of their spelling. One edit brings in at most one new letter and takes at most one away, so
 * the sets of letters rule out nearly all words before any distance is worked out.
 *
 * @param maxEdits 1 or 2
 */
export function wordsWithin(
  words: Dictionary,
  word: string,
  maxEdits: number,
): { word: number; edits: number }[] {
  const found: { word: number; edits: number }[] = [];
  const n = word.length;
  const cells = (n + 1) * (n + maxEdits + 1);
  if (target.length < n) target = new Uint16Array(n * 2);
  if (rows.length < cells) rows = new Uint8Array(cells * 2);
  for (let i = 0; i < n; i++) target[i] = word.charCodeAt(i);
  for (let j = 0; j <= n; j++) rows[j] = j;
  const own = letterSet(target, 0, n);
  const { units, starts } = words.views;
  const letters = words.letterSets();
  const { count } = words;
  for (let candidate = 0; candidate < count; candidate++) {
    const set = letters[candidate]!;
    let added = set & ~own;
    let missing = own & ~set;
    // Each step takes one letter out of a set.
    added &= added - 1;
    missing &= missing - 1;
    if (maxEdits > 1) {
      added &= added - 1;
      missing &= missing - 1;
    }
    if ((added | missing) !== 0) continue;
    const from = starts[candidate]!;
    const length = starts[candidate + 1]! - from;
    if (length > n + maxEdits || length < n - maxEdits) continue;
    const edits = distanceTo(target, n, units, from, length, rows, maxEdits);
    if (edits > 0 && edits <= maxEdits) found.push({ word: candidate, edits });
  }
  return found.sort((a, b) => words.compare(a.word, b.word));
}

/** Edits between the target and a word; any number above `maxEdits` where there are more. */
function distanceTo(
  target: Uint16Array,
  n: number,
  units: Uint16Array,
  from: number,
  length: number,
  rows: Uint8Array,
  maxEdits: number,
): number {
  const width = n + 1;
  for (let row = 1; row <= length; row++)
    if (fillRow(rows, width, row, units, from, target, n, maxEdits) > maxEdits) return maxEdits + 1;
  return rows[length * width + n]!;
}

/**
 * One more row of the distance matrix; returns its least value. Only cells within `maxEdits` of the diagonal can be
 * that small (Ukkonen, 1985); those beside them are set to more than that.
 */
function fillRow(
  rows: Uint8Array,
  width: number,
  row: number,
  units: Uint16Array,
  start: number,
  target: Uint16Array,
  n: number,
  maxEdits: number,
): number {
  const unit = units[start + row - 1]!;
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
    if (row > 1 && j > 1 && target[j - 2] === unit && target[j - 1] === units[start + row - 2]) {
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
