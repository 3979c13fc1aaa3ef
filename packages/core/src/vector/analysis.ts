/** The mean of some vectors; zeros where there are none. */
export function meanVector(rows: Iterable<Float32Array>, dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions);
  let count = 0;
  for (const row of rows) {
    count++;
    for (let i = 0; i < dimensions; i++) sum[i]! += row[i]!;
  }
  return Float32Array.from(sum, (value) => (count === 0 ? 0 : value / count));
}

export interface VectorStatistics {
  count: number;
  dimensions: number;
  norms: { least: number; mean: number; most: number };
  mean: Float32Array;
  /** Variance of each component. */
  variance: Float32Array;
}

/** Norms, mean and variance of some vectors, in one pass (Welford). */
export function statisticsOfVectors(rows: Iterable<Float32Array>, dimensions: number): VectorStatistics {
  const mean = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  let count = 0;
  let least = Infinity;
  let most = 0;
  let total = 0;
  for (const row of rows) {
    count++;
    let square = 0;
    for (let i = 0; i < dimensions; i++) {
      const value = row[i]!;
      const before = value - mean[i]!;
      mean[i]! += before / count;
      squares[i]! += before * (value - mean[i]!);
      square += value * value;
    }
    const norm = Math.sqrt(square);
    total += norm;
    least = Math.min(least, norm);
    most = Math.max(most, norm);
  }
  return {
    count,
    dimensions,
    norms: { least: count === 0 ? 0 : least, mean: count === 0 ? 0 : total / count, most },
    mean: Float32Array.from(mean),
    variance: Float32Array.from(squares, (value) => (count === 0 ? 0 : value / count)),
  };
}

const ROUNDS = 60;

/**
 * The two directions in which the vectors differ most, and where each vector lies along them
 * (principal components by power iteration, the second with the first taken out).
 *
 * @returns count × 2 coordinates, row by row
 */
export function projectTo2d(rows: readonly Float32Array[], dimensions: number): Float32Array {
  const mean = meanVector(rows, dimensions);
  const axes: Float64Array[] = [];
  for (let axis = 0; axis < 2; axis++) axes.push(principalAxis(rows, mean, axes));
  const coordinates = new Float32Array(rows.length * 2);
  rows.forEach((row, at) => {
    axes.forEach((axis, component) => {
      let sum = 0;
      for (let i = 0; i < dimensions; i++) sum += (row[i]! - mean[i]!) * axis[i]!;
      coordinates[at * 2 + component] = sum;
    });
  });
  return coordinates;
}

function principalAxis(
  rows: readonly Float32Array[],
  mean: Float32Array,
  others: Float64Array[],
): Float64Array {
  // A fixed start, so that the same vectors always give the same picture.
  let axis: Float64Array = Float64Array.from(mean, (_, i) => Math.cos(i * 2.4 + others.length));
  unit(axis, others);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(mean.length);
    for (const row of rows) {
      let along = 0;
      for (let i = 0; i < next.length; i++) along += (row[i]! - mean[i]!) * axis[i]!;
      for (let i = 0; i < next.length; i++) next[i]! += along * (row[i]! - mean[i]!);
    }
    if (!unit(next, others)) break;
    axis = next;
  }
  return axis;
}

/** Makes a vector orthogonal to others and of length 1; false where nothing is left of it. */
function unit(vector: Float64Array, others: Float64Array[]): boolean {
  for (const other of others) {
    let along = 0;
    for (let i = 0; i < vector.length; i++) along += vector[i]! * other[i]!;
    for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
  }
  let square = 0;
  for (const value of vector) square += value * value;
  if (square < 1e-24) return false;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale;
  return true;
}
