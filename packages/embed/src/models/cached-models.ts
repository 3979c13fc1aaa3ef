import type { Dtype, ModelCard } from '../types.ts';
import { cacheKey, cacheStorage, type ModelCache } from './cache.ts';
import { filesOf } from './card-files.ts';
import { presets } from './presets.ts';

/** A model of which something is kept, in one version. */
export interface CachedModel {
  id: string;
  revision: string;
  /** Names of complete files. */
  files: string[];
  /**
   * Number formats of which all files are there, so that they open without a network. None: a download that has not
   * finished, or was cancelled; it goes on where it was when the model is asked for again.
   */
  dtypes: Dtype[];
}

/** Name under which a cache keeps the card of a model, so that it is found again without a network. */
export const CARD_FILE = 'card.json';

/** Models of which something is kept, each in every version. */
export async function listCachedModels(
  cache: ModelCache | undefined = cacheStorage(),
): Promise<CachedModel[]> {
  const models = new Map<string, CachedModel>();
  for (const key of (await cache?.keys()) ?? []) {
    const match = /^(.+?)@([^/]+)\/([^#]+)(#?)/.exec(key);
    if (!match) continue;
    const [, id, revision, file, piece] = match as unknown as [string, string, string, string, string];
    const name = `${id}@${revision}`;
    const model = models.get(name) ?? { id, revision, files: [], dtypes: [] };
    if (!piece) model.files.push(file);
    models.set(name, model);
  }
  for (const model of models.values())
    model.dtypes = completeDtypes(await cardOf(model, cache!), model.files);
  return [...models.values()];
}

async function cardOf({ id, revision }: CachedModel, cache: ModelCache): Promise<ModelCard | undefined> {
  const preset = Object.values(presets).find((card) => card.id === id);
  if (preset) return preset;
  try {
    const bytes = await cache.match(cacheKey(id, revision, CARD_FILE));
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as ModelCard);
  } catch {
    return undefined;
  }
}

/** Without its card a model does not open, whatever else is there. */
function completeDtypes(card: ModelCard | undefined, files: string[]): Dtype[] {
  if (!card) return [];
  const dtypes = Object.keys(card.files.weights) as Dtype[];
  return dtypes.filter((dtype) => filesOf(card, dtype).every((name) => files.includes(name)));
}

/** Deletes what is kept of a model, also of a download that did not finish: one version, or all. Gives the number of files deleted. */
export async function clearCachedModel(
  id: string,
  options: { revision?: string; cache?: ModelCache } = {},
): Promise<number> {
  const { revision, cache = cacheStorage() } = options;
  const start = revision === undefined ? `${id}@` : `${id}@${revision}/`;
  let deleted = 0;
  for (const key of (await cache?.keys()) ?? []) {
    if (key.startsWith(start) && (await cache!.delete(key)) && !key.includes('#')) deleted++;
  }
  return deleted;
}
