import type { Dtype, ModelCard } from './types.ts';
import { rowCosine } from './vectors.ts';

/** Texts and the vectors that a correct backend gives them. */
export interface Reference {
  texts: string[];
  vectors: Float32Array;
}

export interface Verdict {
  correct: boolean;
  cosine?: { mean: number; least: number };
  reason: string;
}

/** The reference vectors of a card, when it has some. */
export function referenceOf(card: ModelCard): Reference | undefined {
  if (!card.reference) return undefined;
  const bytes = Uint8Array.from(atob(card.reference.vectors), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const vectors = Float32Array.from(
    { length: bytes.length / 2 },
    (_, i) => view.getInt16(i * 2, true) / 32767,
  );
  return { texts: card.reference.texts, vectors };
}

/**
 * Whether vectors agree with the reference: cosine of at least 0.999 for each text; for int8 transformers, whose
 * activations are rounded too, 0.97 in the mean and 0.93 for each.
 */
export function verify(card: ModelCard, dtype: Dtype, reference: Reference, vectors: Float32Array): Verdict {
  const cosines = reference.texts.map((_, row) =>
    rowCosine(vectors, reference.vectors, row, card.dimensions),
  );
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  const least = Math.min(...cosines);
  const rounded = dtype === 'int8' && card.kind === 'onnx';
  const correct = rounded ? mean >= 0.97 && least >= 0.93 : least >= 0.999;
  const measured = `cosine to the reference: mean ${mean.toFixed(4)}, least ${least.toFixed(4)}`;
  return {
    correct,
    cosine: { mean, least },
    reason: correct ? `correct (${measured})` : `wrong vectors (${measured})`,
  };
}

/** Without a reference: whether vectors are numbers at all, and not all the same. */
export function sane(vectors: Float32Array, dimensions: number): Verdict {
  const rows = vectors.length / dimensions;
  for (let row = 0; row < rows; row++) {
    const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions);
    if (!vector.every(Number.isFinite) || vector.every((value) => value === 0)) {
      return { correct: false, reason: `reference text ${row} has no vector` };
    }
  }
  const same = vectors.every((value, i) => value === vectors[i % dimensions]);
  if (rows > 1 && same) return { correct: false, reason: 'all texts have the same vector' };
  return { correct: true, reason: 'plausible; the card has no reference vectors to compare with' };
}
