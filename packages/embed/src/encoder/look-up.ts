import type { PackedModel, PackedTable } from './pack.ts';

/** Writes word and position embeddings of the tokens from `begin` to before `end` to their rows of `x`. */
export function lookUp(
  model: PackedModel,
  texts: readonly Int32Array[],
  x: number,
  begin: number,
  end: number,
): void {
  const { word, places, memory } = model;
  const { width } = word;
  const floats = (pointer: number, length: number): Float32Array =>
    new Float32Array(memory.buffer, pointer, length);
  const values = codesOf(word, memory);
  const scales = word.scales ? floats(word.scales, word.scaleCount) : undefined;
  const place = places ? floats(places.pointer, places.rows * width) : undefined;
  const row = new Float32Array(width);
  let first = 0;
  for (const ids of texts) {
    const stop = Math.min(ids.length, end - first);
    for (let p = Math.max(0, begin - first); p < stop; p++) {
      const from = ids[p]! * width;
      const scale = scales ? scales[scales.length === 1 ? 0 : ids[p]!]! : 1;
      for (let i = 0; i < width; i++) row[i] = (values[from + i]! - word.zero) * scale;
      if (place) {
        const start = places!.rows === 1 ? 0 : p * width;
        for (let i = 0; i < width; i++) row[i]! += place[start + i]!;
      }
      floats(x + (first + p) * width * 4, width).set(row);
    }
    first += ids.length;
  }
}

function codesOf(
  { kind, pointer, rows, width }: PackedTable,
  { buffer }: WebAssembly.Memory,
): Float32Array | Int8Array | Uint8Array {
  const length = rows * width;
  if (kind === 'f32') return new Float32Array(buffer, pointer, length);
  return kind === 'i8' ? new Int8Array(buffer, pointer, length) : new Uint8Array(buffer, pointer, length);
}
