import { KernelsError } from './errors.ts';

/** How a component is kept: f32 in 4 bytes, int8 in one with a scale for each vector, binary its sign in a bit. */
export type VectorPrecision = 'f32' | 'int8' | 'binary';

/** `euclidean` is squared. Distances are returned negative, so that a higher score is always better. */
export type VectorMetric = 'cosine' | 'dot' | 'euclidean' | 'manhattan' | 'hamming';

/** Numbers of the kinds of scan in assembly/scan.ts. */
export const KIND: Record<VectorPrecision, Partial<Record<VectorMetric, number>>> = {
  f32: { dot: 0, cosine: 0, euclidean: 1, manhattan: 2 },
  int8: { dot: 3, cosine: 3, euclidean: 4, manhattan: 5 },
  binary: { hamming: 6 },
};

/** Numbers kept beside each row: its cosine weight, and for int8 its scale. */
export const PLANES: Record<VectorPrecision, number> = { f32: 1, int8: 2, binary: 0 };

/** Bytes of a row: padded to 16, as the kernels read 16 at a time. */
export function rowBytes(precision: VectorPrecision, dimensions: number): number {
  const perBlock = precision === 'f32' ? 4 : precision === 'int8' ? 16 : 128;
  return Math.ceil(dimensions / perBlock) * 16;
}

export interface EncodedRow {
  /** What a dot product with the row is multiplied by to give the cosine with a unit query; 0 for a zero row. */
  cosine: number;
  /** Size of one step of an int8 code. */
  scale: number;
}

/** Writes a vector into a row (whose padding is zero, or becomes it). */
export function encodeRow(precision: VectorPrecision, vector: Float32Array, row: Uint8Array): EncodedRow {
  if (precision === 'f32') {
    new Float32Array(row.buffer, row.byteOffset, row.length / 4).set(vector);
    const norm = Math.sqrt(sumOfSquares(vector));
    return { cosine: norm > 0 ? 1 / norm : 0, scale: 1 };
  }
  if (precision === 'binary') {
    row.fill(0);
    for (let i = 0; i < vector.length; i++) if (vector[i]! > 0) row[i >> 3]! |= 1 << (i & 7);
    return { cosine: 0, scale: 1 };
  }
  const codes = new Int8Array(row.buffer, row.byteOffset, row.length);
  const scale = Math.fround(largest(vector) / 127);
  if (!(scale > 0)) {
    codes.fill(0);
    return { cosine: 0, scale: 0 };
  }
  let squares = 0;
  for (let i = 0; i < vector.length; i++) {
    const code = Math.max(-127, Math.min(127, Math.round(vector[i]! / scale)));
    codes[i] = code;
    squares += code * code;
  }
  return { cosine: 1 / Math.sqrt(squares), scale };
}

/** The vector that a row stands for; a binary row gives ±1. */
export function decodeRow(
  precision: VectorPrecision,
  row: Uint8Array,
  scale: number,
  dimensions: number,
): Float32Array {
  const vector = new Float32Array(dimensions);
  if (precision === 'f32') vector.set(new Float32Array(row.buffer, row.byteOffset, dimensions));
  else if (precision === 'int8') {
    const codes = new Int8Array(row.buffer, row.byteOffset, dimensions);
    for (let i = 0; i < dimensions; i++) vector[i] = codes[i]! * scale;
  } else for (let i = 0; i < dimensions; i++) vector[i] = row[i >> 3]! & (1 << (i & 7)) ? 1 : -1;
  return vector;
}

export interface PreparedQuery {
  bytes: Uint8Array;
  /** Every dot product is multiplied by it. */
  scale: number;
  /** Squared length of the query, for the Euclidean distance to int8 rows. */
  square: number;
}

/**
 * The query in the form that the kernel compares with rows. Against int8 rows it keeps 16 bits, fewer when a
 * sum over the row could pass 32: the loss of int8 is then the row's alone.
 */
export function prepareQuery(
  precision: VectorPrecision,
  metric: VectorMetric,
  query: Float32Array,
  bytes: number,
): PreparedQuery {
  if (KIND[precision][metric] === undefined) {
    const known = Object.keys(KIND[precision]).join(', ');
    throw new KernelsError(
      'invalid-argument',
      `A ${precision} block has no metric ${metric}; it has ${known}.`,
    );
  }
  const norm = Math.sqrt(sumOfSquares(query));
  const unit = metric === 'cosine' ? (norm > 0 ? 1 / norm : 0) : 1;
  if (precision === 'binary') {
    const bits = new Uint8Array(bytes);
    encodeRow('binary', query, bits);
    return { bytes: bits, scale: 1, square: 0 };
  }
  if (precision === 'f32' || metric === 'manhattan') {
    const floats = new Float32Array(precision === 'f32' ? bytes / 4 : bytes);
    floats.set(query);
    return { bytes: new Uint8Array(floats.buffer), scale: unit, square: 0 };
  }
  const codes = new Int16Array(bytes);
  const steps = Math.min(32767, Math.floor(0x7fffffff / (127 * bytes)));
  const scale = largest(query) / steps;
  if (scale > 0) for (let i = 0; i < query.length; i++) codes[i] = Math.round(query[i]! / scale);
  return { bytes: new Uint8Array(codes.buffer), scale: scale * unit, square: norm * norm };
}

function sumOfSquares(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return sum;
}

function largest(vector: Float32Array): number {
  let most = 0;
  for (let i = 0; i < vector.length; i++) most = Math.max(most, Math.abs(vector[i]!));
  return most;
}
