import type { Model, ModelCard } from '../types.ts';
import type { ModelCache } from './cache.ts';
import { namesOf } from './card-files.ts';

/** Where a hub's files are: `{model}`, `{revision}` and `{file}` are filled in. A plain folder needs only `{file}`. */
export const HUB_SOURCE = 'https://huggingface.co/{model}/resolve/{revision}/{file}';

export interface HubOptions {
  /** Addresses with `{model}`, `{revision}` and `{file}`, tried in turn. Default: the Hugging Face hub. */
  sources?: string[];
  /** For models that ask for one. Sent to every source. */
  token?: string;
  /** Where downloads are kept. Default: the Cache API where there is one; `false`: nowhere. */
  cache?: ModelCache | false;
}

/** An address of each source. */
export function addressesOf(sources: string[], model: string, revision: string, file: string): string[] {
  return sources.map((source) =>
    source
      .replaceAll('{model}', model)
      .replaceAll('{revision}', encodeURIComponent(revision))
      .replaceAll('{file}', file.split('/').map(encodeURIComponent).join('/')),
  );
}

/** A card's files at those sources. */
export function modelAt(card: ModelCard, sources: string[], id: string, revision: string): Model {
  const urls = namesOf(card).map((name) => [name, addressesOf(sources, id, revision, name)] as const);
  return { card, urls: Object.fromEntries(urls) };
}
