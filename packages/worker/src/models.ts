import {
  clearCachedModel,
  downloadModel as download,
  type DownloadModelOptions as EmbedDownloadOptions,
  type ModelCard,
} from '@burrow/embed';
import { modelFiles, storedModelFiles } from './model-files.ts';

export interface DownloadModelOptions extends Omit<EmbedDownloadOptions, 'hub'> {
  /** Addresses with `{model}`, `{revision}` and `{file}`, tried in turn. Default: the Hugging Face hub. */
  sources?: string[];
  /** For models that ask for one. Sent to every source. */
  token?: string;
}

/** A downloaded model, in one version. */
export interface StoredModel {
  id: string;
  revision: string;
  /** What its files take on this device. */
  bytes: number;
  /** When it was last read, in milliseconds since 1970. */
  usedAt: number;
}

/**
 * Fetches a hub model into this origin's storage, from where every index opens it without a network. Needs no index and
 * no worker: a page that may speak to the hub can fetch what another page of the origin, which may not, then uses.
 * A download that broke off goes on where it was.
 * @throws EmbedError `unknown-model`, `download-failed`, `unauthorized`, `rate-limited`, `integrity`, …; the signal's
 * reason when it was aborted.
 */
export function downloadModel(model: string, options: DownloadModelOptions = {}): Promise<ModelCard> {
  const { sources, token, ...others } = options;
  const hub = { cache: modelFiles, ...(sources && { sources }), ...(token && { token }) };
  return download(model, { ...others, hub });
}

/** Models that were downloaded to this origin, each in every version, the most recently used first. */
export async function listModels(): Promise<StoredModel[]> {
  const models = new Map<string, StoredModel>();
  for (const { key, size, usedAt } of await storedModelFiles()) {
    const [, id, revision] = /^(.+?)@([^/]+)\//.exec(key) ?? [];
    if (id === undefined || revision === undefined) continue;
    const known = models.get(`${id}@${revision}`) ?? { id, revision, bytes: 0, usedAt: 0 };
    known.bytes += size;
    known.usedAt = Math.max(known.usedAt, usedAt);
    models.set(`${id}@${revision}`, known);
  }
  return [...models.values()].sort((a, b) => b.usedAt - a.usedAt);
}

/**
 * Deletes a downloaded model: one version, or all of them. An index that is open with it goes on; the next opening
 * downloads it again.
 * @returns how many files were deleted.
 */
export function removeModel(id: string, revision?: string): Promise<number> {
  return clearCachedModel(id, { cache: modelFiles, ...(revision !== undefined && { revision }) });
}
