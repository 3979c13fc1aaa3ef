import { createBlock } from './block.ts';

/** Rounds of Lloyd's algorithm; the last ones move the centres next to nothing. */
const ROUNDS = 6;

/**
 * Centres of `rows` (count × dimensions), by Lloyd's k-means from evenly spread rows. Always `k` of them: where there are
 * fewer different rows, some centres are the same.
 *
 * @param spherical whether centres have unit length, as the rows of a cosine index do
 */
export function kMeans(rows: Float32Array, dimensions: number, k: number, spherical: boolean): Float32Array {
  const count = rows.length / dimensions;
  const row = (at: number): Float32Array => rows.subarray(at * dimensions, (at + 1) * dimensions);
  const centres = new Float32Array(k * dimensions);
  const centre = (at: number): Float32Array => centres.subarray(at * dimensions, (at + 1) * dimensions);
  if (count === 0) return centres;
  const block = createBlock(dimensions, 'f32', 'euclidean');
  for (let c = 0; c < k; c++) {
    centre(c).set(row(Math.floor((c * count) / k)));
    block.add(centre(c));
  }
  const sums = new Float64Array(k * dimensions);
  const sizes = new Int32Array(k);
  for (let round = 0; round < ROUNDS; round++) {
    sums.fill(0);
    sizes.fill(0);
    for (let at = 0; at < count; at++) {
      const own = row(at);
      const best = highest(block.scores(own));
      sizes[best]!++;
      const to = best * dimensions;
      for (let i = 0; i < dimensions; i++) sums[to + i]! += own[i]!;
    }
    for (let c = 0; c < k; c++) {
      const target = centre(c);
      // An empty centre starts again from some row.
      if (sizes[c] === 0) target.set(row((c * 7919 + round * 104729) % count));
      else for (let i = 0; i < dimensions; i++) target[i] = sums[c * dimensions + i]! / sizes[c]!;
      if (spherical) normalise(target);
      block.set(c, target);
    }
  }
  block.dispose();
  return centres;
}

/** Place of the highest number. */
export function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Gives a vector unit length; a zero vector stays as it is. */
export function normalise(vector: Float32Array): void {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += vector[i]! * vector[i]!;
  if (square === 0) return;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
}
