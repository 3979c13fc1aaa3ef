// Exact vector scans over one contiguous block of rows. A higher score is always better: distances come out negative.
import { heapFloor, heapOffer } from './heap';
import { horizontalSum, intSums, madd, sums } from './simd';

const F32_DOT = 0;
const F32_EUCLIDEAN = 1;
const F32_MANHATTAN = 2;
const INT8_DOT = 3;
const INT8_EUCLIDEAN = 4;
const INT8_MANHATTAN = 5;
const HAMMING = 6;

let kind: i32 = 0;
let rows: usize = 0;
let stride: usize = 0;
let query: usize = 0;
let factors: usize = 0;
let cosines: usize = 0;
let scale: f32 = 1;
let square: f32 = 0;

/**
 * What the next scans compare. A row is `bytes` long, a multiple of 16, padded with zeros, as the query is.
 * F32_DOT: sum(row · query) · scale · factors[slot], factors 0 for none.
 * F32_EUCLIDEAN, F32_MANHATTAN: −distance (squared for Euclidean).
 * INT8_DOT: the query is i16; sum · scale · factors[slot].
 * INT8_EUCLIDEAN: −(square + |row|² − 2 · sum · scale · factors[slot]), |row| = factors[slot] / cosines[slot].
 * INT8_MANHATTAN: the query is f32; −sum |query − factors[slot] · row|.
 * HAMMING: −(number of different bits).
 */
export function scanPrepare(
  metric: i32, rowsPointer: usize, bytes: usize, queryPointer: usize,
  factorsPointer: usize, cosinesPointer: usize, queryScale: f32, querySquare: f32,
): void {
  kind = metric;
  rows = rowsPointer;
  stride = bytes;
  query = queryPointer;
  factors = factorsPointer;
  cosines = cosinesPointer;
  scale = queryScale;
  square = querySquare;
}

// @ts-ignore: decorator
@inline
function accumulate(metric: i32, row: v128, q: v128, sum: v128): v128 {
  const difference = f32x4.sub(row, q);
  if (metric == F32_EUCLIDEAN) return madd(difference, difference, sum);
  return f32x4.add(sum, f32x4.abs(difference));
}

/** The distance of one row in four lanes of partial sums. Rows are read one after another: memory is fastest as one stream. */
// @ts-ignore: decorator
@inline
function floatRow(metric: i32, row: usize): v128 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let q = query;
  const end = query + stride;
  const blocks = query + (stride & ~63);
  while (q < blocks) {
    s0 = accumulate(metric, v128.load(row), v128.load(q), s0);
    s1 = accumulate(metric, v128.load(row, 16), v128.load(q, 16), s1);
    s2 = accumulate(metric, v128.load(row, 32), v128.load(q, 32), s2);
    s3 = accumulate(metric, v128.load(row, 48), v128.load(q, 48), s3);
    q += 64;
    row += 64;
  }
  while (q < end) {
    s0 = accumulate(metric, v128.load(row), v128.load(q), s0);
    q += 16;
    row += 16;
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}

/**
 * The same for the dot product, 128 bytes at a time: with half as many the speed of the loop hung on where the engine happened
 * to put it (7 or 10 ms for 100,000 rows, from one process to the next).
 */
// @ts-ignore: decorator
@inline
function dotRow(row: usize): v128 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  let q = query;
  const end = query + stride;
  const blocks = query + (stride & ~127);
  while (q < blocks) {
    s0 = madd(v128.load(row), v128.load(q), s0);
    s1 = madd(v128.load(row, 16), v128.load(q, 16), s1);
    s2 = madd(v128.load(row, 32), v128.load(q, 32), s2);
    s3 = madd(v128.load(row, 48), v128.load(q, 48), s3);
    s4 = madd(v128.load(row, 64), v128.load(q, 64), s4);
    s5 = madd(v128.load(row, 80), v128.load(q, 80), s5);
    s6 = madd(v128.load(row, 96), v128.load(q, 96), s6);
    s7 = madd(v128.load(row, 112), v128.load(q, 112), s7);
    q += 128;
    row += 128;
  }
  while (q < end) {
    s0 = madd(v128.load(row), v128.load(q), s0);
    q += 16;
    row += 16;
  }
  const low = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  return f32x4.add(low, f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)));
}

// @ts-ignore: decorator
@inline
function floatRows(metric: i32, a: usize, b: usize, c: usize, d: usize): v128 {
  if (metric == F32_DOT) return sums(dotRow(a), dotRow(b), dotRow(c), dotRow(d));
  return sums(floatRow(metric, a), floatRow(metric, b), floatRow(metric, c), floatRow(metric, d));
}

// @ts-ignore: decorator
@inline
function intDot(row: usize, q: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(row), q));
}

// @ts-ignore: decorator
@inline
function intRow(row: usize): v128 {
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let q = query;
  const end = row + stride;
  const blocks = row + (stride & ~31);
  while (row < blocks) {
    s0 = intDot(row, v128.load(q), s0);
    s1 = intDot(row + 8, v128.load(q, 16), s1);
    s2 = intDot(row + 16, v128.load(q, 32), s2);
    s3 = intDot(row + 24, v128.load(q, 48), s3);
    q += 64;
    row += 32;
  }
  if (row < end) {
    s0 = intDot(row, v128.load(q), s0);
    s1 = intDot(row + 8, v128.load(q, 16), s1);
  }
  return i32x4.add(i32x4.add(s0, s1), i32x4.add(s2, s3));
}

// @ts-ignore: decorator
@inline
function intRows(a: usize, b: usize, c: usize, d: usize): v128 {
  return f32x4.convert_i32x4_s(intSums(intRow(a), intRow(b), intRow(c), intRow(d)));
}

/** sum |query − factor · row| of one int8 row, in four lanes. */
function intManhattan(row: usize, slot: u32): v128 {
  const factor = f32x4.splat(load<f32>(factors + ((<usize>slot) << 2)));
  let sum0 = f32x4.splat(0), sum1 = sum0;
  let q = query;
  for (let i: usize = 0; i < stride; i += 8) {
    const codes = v128.load8x8_s(row + i);
    const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(codes));
    const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(codes));
    sum0 = f32x4.add(sum0, f32x4.abs(f32x4.sub(v128.load(q), f32x4.mul(low, factor))));
    sum1 = f32x4.add(sum1, f32x4.abs(f32x4.sub(v128.load(q, 16), f32x4.mul(high, factor))));
    q += 32;
  }
  return f32x4.add(sum0, sum1);
}

// @ts-ignore: decorator
@inline
function bitRow(row: usize): v128 {
  let sum = i32x4.splat(0);
  for (let i: usize = 0; i < stride; i += 16) {
    const bits = i8x16.popcnt(v128.xor(v128.load(row + i), v128.load(query + i)));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bits)));
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function bitRows(a: usize, b: usize, c: usize, d: usize): v128 {
  return f32x4.neg(f32x4.convert_i32x4_s(intSums(bitRow(a), bitRow(b), bitRow(c), bitRow(d))));
}

// @ts-ignore: decorator
@inline
function gather(from: usize, a: u32, b: u32, c: u32, d: u32): v128 {
  let lanes = v128.load32_zero(from + ((<usize>a) << 2));
  lanes = v128.load_lane<f32>(from + ((<usize>b) << 2), lanes, 1);
  lanes = v128.load_lane<f32>(from + ((<usize>c) << 2), lanes, 2);
  return v128.load_lane<f32>(from + ((<usize>d) << 2), lanes, 3);
}

/** The scores of four rows. */
function score(a: u32, b: u32, c: u32, d: u32): v128 {
  const rowA = rows + <usize>a * stride, rowB = rows + <usize>b * stride;
  const rowC = rows + <usize>c * stride, rowD = rows + <usize>d * stride;
  if (kind == F32_DOT) {
    const dots = f32x4.mul(floatRows(F32_DOT, rowA, rowB, rowC, rowD), f32x4.splat(scale));
    return factors ? f32x4.mul(dots, gather(factors, a, b, c, d)) : dots;
  }
  if (kind == INT8_DOT || kind == INT8_EUCLIDEAN) {
    const weights = gather(factors, a, b, c, d);
    const dots = f32x4.mul(intRows(rowA, rowB, rowC, rowD), f32x4.mul(f32x4.splat(scale), weights));
    if (kind == INT8_DOT) return dots;
    const inverse = gather(cosines, a, b, c, d);
    const norms = v128.and(f32x4.div(weights, inverse), f32x4.ne(inverse, f32x4.splat(0)));
    return f32x4.sub(f32x4.add(dots, dots), madd(norms, norms, f32x4.splat(square)));
  }
  if (kind == HAMMING) return bitRows(rowA, rowB, rowC, rowD);
  if (kind == F32_EUCLIDEAN) return f32x4.neg(floatRows(F32_EUCLIDEAN, rowA, rowB, rowC, rowD));
  if (kind == F32_MANHATTAN) return f32x4.neg(floatRows(F32_MANHATTAN, rowA, rowB, rowC, rowD));
  return f32x4.neg(sums(intManhattan(rowA, a), intManhattan(rowB, b), intManhattan(rowC, c), intManhattan(rowD, d)));
}

// @ts-ignore: decorator
@inline
function offer(scores: v128, a: u32, b: u32, c: u32, d: u32, count: i32): void {
  // Every lane is offered that is not below the floor; ties are settled by the heap.
  if (!v128.any_true(f32x4.ge(scores, f32x4.splat(heapFloor())))) return;
  heapOffer(f32x4.extract_lane(scores, 0), a);
  if (count > 1) heapOffer(f32x4.extract_lane(scores, 1), b);
  if (count > 2) heapOffer(f32x4.extract_lane(scores, 2), c);
  if (count > 3) heapOffer(f32x4.extract_lane(scores, 3), d);
}

/**
 * Offers every row of [from, to) whose bit is set in `live` (and in `filter`, unless 0) to the heap.
 * Bit i of word w stands for slot 32 w + i; `from` is a multiple of 32.
 */
export function scanTop(from: u32, to: u32, live: usize, filter: usize): void {
  for (let slot = from; slot < to; slot += 32) {
    const at = (<usize>slot >> 5) << 2;
    let word = load<u32>(live + at);
    if (filter) word &= load<u32>(filter + at);
    if (to - slot < 32) word &= (1 << (to - slot)) - 1;
    if (word == 0xffffffff) {
      for (let i: u32 = slot; i < slot + 32; i += 4) offer(score(i, i + 1, i + 2, i + 3), i, i + 1, i + 2, i + 3, 4);
      continue;
    }
    while (word) {
      const count = min(popcnt(word), 4);
      const a: u32 = slot + ctz(word);
      word &= word - 1;
      const b: u32 = word ? slot + ctz(word) : a;
      word &= word - 1;
      const c: u32 = word ? slot + ctz(word) : a;
      word &= word - 1;
      const d: u32 = word ? slot + ctz(word) : a;
      word &= word - 1;
      offer(score(a, b, c, d), a, b, c, d, count);
    }
  }
}

/** Writes the score of every row of [from, to) to `out` (f32), four at a time: `out` has room for a multiple of 4. */
export function scanAll(from: u32, to: u32, out: usize): void {
  for (let slot = from; slot < to; slot += 4) {
    v128.store(out, score(slot, slot + 1, slot + 2, slot + 3));
    out += 16;
  }
}

/** Offers the listed rows (u32) to the heap. */
export function scanList(list: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = list + ((<usize>i) << 2);
    const left = count - i;
    offer(scoreListed(at, left), listed(at, left, 0), listed(at, left, 1), listed(at, left, 2), listed(at, left, 3), min(left, 4));
  }
}

/** Writes the score of every listed row (u32) to `out` (f32), four at a time: `out` has room for a multiple of 4. */
export function scoreList(list: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    v128.store(out + at, scoreListed(list + at, count - i));
  }
}

// @ts-ignore: decorator
@inline
function scoreListed(at: usize, left: i32): v128 {
  return score(listed(at, left, 0), listed(at, left, 1), listed(at, left, 2), listed(at, left, 3));
}

/** Entry `i` of a list; the first one where the list has ended. */
// @ts-ignore: decorator
@inline
function listed(at: usize, left: i32, i: i32): u32 {
  return load<u32>(left > i ? at + ((<usize>i) << 2) : at);
}

/** Sum of `bytes` bytes of f32, as fast as they can be read: what a scan is measured against. */
export function sumBlock(from: usize, bytes: usize): f32 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  const end = from + (bytes & ~63);
  while (from < end) {
    a = f32x4.add(a, v128.load(from));
    b = f32x4.add(b, v128.load(from, 16));
    c = f32x4.add(c, v128.load(from, 32));
    d = f32x4.add(d, v128.load(from, 48));
    from += 64;
  }
  return horizontalSum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}
