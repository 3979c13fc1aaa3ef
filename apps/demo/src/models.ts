import type { Model } from '@burrow/embed';

/** A model that the settings offer. */
export interface ModelChoice {
  id: string;
  name: string;
  /** What it is, in a sentence. */
  about: string;
  /** Bytes that are fetched when it is chosen; 0 where it is part of the first visit. */
  download: number;
  /** Whether the download leaves this origin. */
  remote: boolean;
  /** nDCG@10 of the vectors alone on Cranfield, and Spearman correlation on STS-B dev; see README. */
  retrieval: number;
  similarity: number;
  /** The model's data, or its id at the hub. */
  load(): Promise<Model | string>;
}

export const MODELS: readonly ModelChoice[] = [
  {
    id: 'static-en',
    name: 'Static English',
    about: 'Comes with the app and answers at once, on any device.',
    download: 0,
    remote: false,
    retrieval: 0.287,
    similarity: 0.814,
    load: async () => (await import('@burrow/model-static-en')).staticEn,
  },
  {
    id: 'use-lite',
    name: 'Universal Sentence Encoder lite',
    about: 'A small transformer from this origin; reads word order, takes longer.',
    download: 27_000_000,
    remote: false,
    retrieval: 0.191,
    similarity: 0.784,
    load: async () => (await import('@burrow/model-use-lite')).useLite,
  },
  {
    id: 'minilm',
    name: 'MiniLM L6',
    about: 'Finds the most by meaning. The only choice that downloads from another site, huggingface.co.',
    download: 23_000_000,
    remote: true,
    retrieval: 0.372,
    similarity: 0.866,
    load: () => Promise.resolve('Xenova/all-MiniLM-L6-v2'),
  },
];

/** The choice with this id, else the default. */
export function modelChoice(id: string): ModelChoice {
  return MODELS.find((model) => model.id === id) ?? (MODELS[0] as ModelChoice);
}
