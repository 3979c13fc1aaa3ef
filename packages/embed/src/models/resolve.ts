import { staticEn } from '@burrow/model-static-en';
import { hashModel } from '../backends/hash.ts';
import { EmbedError } from '../errors.ts';
import type { Model } from '../types.ts';
import { checkModel } from './check.ts';
import type { DownloadOptions } from './download.ts';
import { HUB_SOURCE, type HubOptions, modelAt, readHubModel } from './hub.ts';
import { presets } from './presets.ts';

/** A model that was found, and whether its files come from a hub and are worth keeping. */
export interface ResolvedModel {
  model: Model;
  remote: boolean;
}

/**
 * Finds a model: one that is given as data; `static-en` and `hash`, which come with the package; a preset's name; a hub id,
 * with `@revision` behind it if wanted; or the address of a folder (http:, https:, file:) in the layout of a hub.
 * @throws EmbedError `unknown-model`, `invalid-model`, and what downloading throws.
 */
export async function resolveModel(
  model: string | Model | undefined,
  { sources = [HUB_SOURCE], ...options }: HubOptions & Pick<DownloadOptions, 'signal' | 'wait'> = {},
): Promise<ResolvedModel> {
  if (model === undefined) return { model: staticEn as Model, remote: false };
  if (typeof model !== 'string') return { model: checkModel(model), remote: false };
  switch (model.replace(/^burrow\//, '')) {
    case 'static-en':
      return { model: staticEn as Model, remote: false };
    case 'hash':
      return { model: hashModel, remote: false };
    case 'use-lite':
      throw new EmbedError(
        'unknown-model',
        'use-lite is a package of its own: pass `useLite` of @burrow/model-use-lite.',
      );
  }
  if (/^(https?|file):/.test(model)) {
    const folder = model.replace(/\/+$/, '');
    const read = await readHubModel(folder, 'folder', { sources: [`${folder}/{file}`], ...options });
    return { model: checkModel(read), remote: !folder.startsWith('file:') };
  }
  const [name, revision] = model.split('@') as [string, string | undefined];
  const preset = presets[name] ?? Object.values(presets).find(({ id }) => id === name);
  if (preset) {
    const card = revision === undefined ? preset : { ...preset, revision };
    return { model: modelAt(card, sources, card.id, card.revision), remote: true };
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    const known = ['static-en', 'hash', ...Object.keys(presets)].join(', ');
    throw new EmbedError(
      'unknown-model',
      `There is no model "${model}". Use one of ${known}, or a hub id like owner/name.`,
    );
  }
  const read = await readHubModel(name, revision ?? 'main', { sources, ...options });
  return { model: checkModel(read), remote: true };
}
