import type { OpenSearchOptions } from '@burrow/worker';

/** A model that the settings offer. */
export interface ModelChoice {
  id: string;
  name: string;
  /** What it is, in a sentence. */
  about: string;
  /** Bytes that are fetched when it is chosen; 0 where it is part of the first visit. */
  download: number;
  /** nDCG@10 of the vectors alone on Cranfield, and Spearman correlation on STS-B dev; see README. */
  retrieval: number;
  similarity: number;
  /** The model's data. */
  load(): Promise<NonNullable<OpenSearchOptions['model']>>;
}

export const MODELS: readonly ModelChoice[] = [
  {
    id: 'static-en',
    name: 'Static English',
    about: 'Comes with the app and answers at once, on any device.',
    download: 0,
    retrieval: 0.287,
    similarity: 0.814,
    load: async () => (await import('@burrow/model-static-en')).staticEn,
  },
  {
    id: 'use-lite',
    name: 'Universal Sentence Encoder lite',
    about:
      'A small transformer that reads word order and takes longer. Browsers without relaxed SIMD fetch 14 MB of ONNX Runtime too.',
    // Its weights as int8 and its vocabulary.
    download: 8_000_000,
    retrieval: 0.191,
    similarity: 0.784,
    load: async () => (await import('@burrow/model-use-lite')).useLite,
  },
];

/** The choice with this id, else the default. */
export function modelChoice(id: string): ModelChoice {
  return MODELS.find((model) => model.id === id) ?? (MODELS[0] as ModelChoice);
}
