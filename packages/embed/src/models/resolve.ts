import { staticEn } from '@burrow/model-static-en';
import { hashModel } from '../backends/hash.ts';
import { EmbedError } from '../errors.ts';
import type { Model, ModelCard } from '../types.ts';
import { cacheKey, cacheStorage, type ModelCache } from './cache.ts';
import { CARD_FILE } from './cached-models.ts';
import { checkModel } from './check.ts';
import type { DownloadOptions } from './download.ts';
import { HUB_SOURCE, type HubOptions, modelAt } from './hub.ts';
import { HubReader } from './hub-reader.ts';
import { presets } from './presets.ts';
import { readCard } from './read-card.ts';
import { workFor } from './shared-work.ts';

/** A model that was found. */
export interface ResolvedModel {
  model: Model;
  /** Where its files are kept; undefined for models that are not downloaded from a hub. */
  cache?: ModelCache;
}

type ResolveOptions = HubOptions & Pick<DownloadOptions, 'signal' | 'wait'>;

/**
 * Finds a model: one that is given as data; `static-en` and `hash`, which come with the package; a preset's name; a hub id,
 * with `@revision` behind it if wanted; or the address of a folder (http:, https:, file:) in the layout of a hub.
 * @throws EmbedError `unknown-model`, `invalid-model`, and what downloading throws.
 */
export async function resolveModel(
  model: string | Model | undefined,
  options: ResolveOptions = {},
): Promise<ResolvedModel> {
  if (model === undefined) return { model: staticEn as Model };
  if (typeof model !== 'string') return { model: checkModel(model) };
  switch (model.replace(/^burrow\//, '')) {
    case 'static-en':
      return { model: staticEn as Model };
    case 'hash':
      return { model: hashModel };
    case 'use-lite':
      throw new EmbedError(
        'unknown-model',
        'use-lite is a package of its own: pass `useLite` of @burrow/model-use-lite.',
      );
  }
  const { sources = [HUB_SOURCE], cache = cacheStorage() } = options;
  const found = { sources, cache: cache === false ? undefined : cache };
  if (/^(https?|file):/.test(model)) {
    const folder = model.replace(/\/+$/, '');
    if (folder.startsWith('file:')) found.cache = undefined;
    return readModel(folder, 'folder', { ...found, sources: [`${folder}/{file}`] }, options);
  }
  const [name, revision] = model.split('@') as [string, string | undefined];
  const preset = presets[name] ?? Object.values(presets).find(({ id }) => id === name);
  if (preset) {
    const card = revision === undefined ? preset : { ...preset, revision };
    return { model: modelAt(card, sources, card.id, card.revision), cache: found.cache };
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    const known = ['static-en', 'hash', ...Object.keys(presets)].join(', ');
    throw new EmbedError(
      'unknown-model',
      `There is no model "${model}". Use one of ${known}, or a hub id like owner/name.`,
    );
  }
  return readModel(name, revision ?? 'main', found, options);
}

/** The card that was kept, else the one that the model's own files give, which is then kept. */
async function readModel(
  id: string,
  revision: string,
  { sources, cache }: { sources: string[]; cache: ModelCache | undefined },
  { token, signal, wait }: ResolveOptions,
): Promise<ResolvedModel> {
  const key = cacheKey(id, revision, CARD_FILE);
  try {
    const kept = await cache?.match(key);
    if (kept) {
      const card = JSON.parse(new TextDecoder().decode(kept)) as ModelCard;
      return { model: checkModel(modelAt(card, sources, id, revision)), cache };
    }
  } catch {
    // Damaged, or of another version: read it anew.
  }
  const name = JSON.stringify([key, sources, token]);
  const model = await workFor(cache).join(name, { signal }, async (signal) => {
    const reader = new HubReader(id, revision, { sources, token, signal, wait });
    const model = checkModel(modelAt(await readCard(id, revision, reader), sources, id, revision));
    await cache?.put(key, new TextEncoder().encode(JSON.stringify(model.card))).catch(() => {});
    return model;
  });
  return { model, cache };
}
