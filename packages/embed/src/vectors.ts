/** Scales each row of `data` (count × dimensions) to unit length, in place. Rows of zeros, and rows that are no numbers, become zeros. */
export function normalizeRows(data: Float32Array, dimensions: number): void {
  for (let start = 0; start < data.length; start += dimensions) {
    let sum = 0;
    for (let i = start; i < start + dimensions; i++) sum += data[i]! * data[i]!;
    const scale = sum > 0 && Number.isFinite(sum) ? 1 / Math.sqrt(sum) : 0;
    if (scale === 0) data.fill(0, start, start + dimensions);
    else for (let i = start; i < start + dimensions; i++) data[i]! *= scale;
  }
}

/** The first `to` of each row's `from` numbers (Matryoshka representation, Kusupati et al. 2022), not normalised. */
export function cutRows(data: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return data;
  const rows = data.length / from;
  const out = new Float32Array(rows * to);
  for (let row = 0; row < rows; row++) out.set(data.subarray(row * from, row * from + to), row * to);
  return out;
}

/** Cosine of row `row` of two matrices with rows of the same length; 0 where one of them is zero. */
export function rowCosine(a: Float32Array, b: Float32Array, row: number, dimensions: number): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = row * dimensions; i < (row + 1) * dimensions; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : 0;
}
