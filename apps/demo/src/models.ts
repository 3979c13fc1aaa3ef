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
  quality?: { retrieval: number; similarity: number };
  /** Id on the hub, for a model that is fetched from there when a person chooses it. */
  hub?: string;
  /** The model's data. */
  load(): Promise<NonNullable<OpenSearchOptions['model']>>;
}

export const MODELS: readonly ModelChoice[] = [
  {
    id: 'static-en',
    name: 'Static English',
    about: 'Comes with the app and answers at once, on any device.',
    download: 0,
    quality: { retrieval: 0.287, similarity: 0.814 },
    load: async () => (await import('@burrow/model-static-en')).staticEn,
  },
  {
    id: 'use-lite',
    name: 'Universal Sentence Encoder lite',
    about:
      'A small transformer that reads word order and takes longer. Browsers without relaxed SIMD fetch 14 MB of ONNX Runtime too.',
    // Its weights as int8 and its vocabulary.
    download: 8_000_000,
    quality: { retrieval: 0.191, similarity: 0.784 },
    load: async () => (await import('@burrow/model-use-lite')).useLite,
  },
  {
    id: 'all-MiniLM-L6-v2',
    name: 'MiniLM',
    about:
      'A transformer for English that ranks by meaning a third better than what comes with the app. Slower to index.',
    download: 24_000_000,
    quality: { retrieval: 0.374, similarity: 0.866 },
    hub: 'Xenova/all-MiniLM-L6-v2',
    load: async () => 'all-MiniLM-L6-v2',
  },
  {
    id: 'multilingual-e5-small',
    name: 'Multilingual E5 small',
    about: 'A transformer for about a hundred languages; finds across them too. The slowest.',
    download: 135_000_000,
    hub: 'Xenova/multilingual-e5-small',
    load: async () => 'multilingual-e5-small',
  },
];

/** Models from the hub run in the number format that was fetched. */
export function dtypeOf(model: ModelChoice): 'auto' | 'int8' {
  return model.hub === undefined ? 'auto' : 'int8';
}

/** The choice with this id, else the default. */
export function modelChoice(id: string): ModelChoice {
  return MODELS.find((model) => model.id === id) ?? (MODELS[0] as ModelChoice);
}
