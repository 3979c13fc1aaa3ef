import type { Metric } from '../types.ts';

/**
 * Similarity of the row at `at` to the query, higher is nearer. Cosine and dot are the inner product
 * (rows of a cosine index have unit length); distances are turned into 1 / (1 + distance).
 */
export function similarityF32(
  block: Float32Array,
  at: number,
  dimensions: number,
  query: Float32Array,
  metric: Metric,
): number {
  if (metric === 'cosine' || metric === 'dot') {
    // Four sums, so that the additions do not wait for each other.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i + 3 < dimensions; i += 4) {
      a += block[at + i]! * query[i]!;
      b += block[at + i + 1]! * query[i + 1]!;
      c += block[at + i + 2]! * query[i + 2]!;
      d += block[at + i + 3]! * query[i + 3]!;
    }
    for (; i < dimensions; i++) a += block[at + i]! * query[i]!;
    return a + b + (c + d);
  }
  let sum = 0;
  if (metric === 'euclidean') {
    for (let i = 0; i < dimensions; i++) {
      const difference = block[at + i]! - query[i]!;
      sum += difference * difference;
    }
    return 1 / (1 + Math.sqrt(sum));
  }
  for (let i = 0; i < dimensions; i++) sum += Math.abs(block[at + i]! - query[i]!);
  return 1 / (1 + sum);
}

/** The distance that a similarity stands for: 1 - cosine, or what was inverted above. */
export function distanceOf(similarity: number, metric: Metric): number {
  if (metric === 'cosine') return 1 - similarity;
  return metric === 'dot' ? -similarity : 1 / similarity - 1;
}
