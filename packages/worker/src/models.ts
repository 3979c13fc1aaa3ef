import {
  CARD_FILE,
  clearCachedModel,
  downloadModel as download,
  type DownloadModelOptions as EmbedDownloadOptions,
  type Dtype,
  listCachedModels,
  type ModelCard,
} from '@burrow/embed';
import { modelFiles, storedModelFiles } from './model-files.ts';

export interface DownloadModelOptions extends Omit<EmbedDownloadOptions, 'hub'> {
  /** Addresses with `{model}`, `{revision}` and `{file}`, tried in turn. Default: the Hugging Face hub. */
  sources?: string[];
  /** For models that ask for one. Sent to every source. */
  token?: string;
}

/** A model of which something was downloaded, in one version. */
export interface StoredModel {
  id: string;
  revision: string;
  /**
   * Number formats that open without a network. None: a download that has not finished, or was cancelled; it goes on
   * where it was when the model is asked for again, and `removeModel` gives its space back.
   */
  dtypes: Dtype[];
  /** What it takes on this device, pieces of a download that has not finished included. */
  bytes: number;
  /** When it was last opened or downloaded, in milliseconds since 1970. */
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

/** Models of which something was downloaded to this origin, each in every version, the most recently used first. */
export async function listModels(): Promise<StoredModel[]> {
  const files = await storedModelFiles();
  const models = await listCachedModels(modelFiles);
  const stored = models.map(({ id, revision, dtypes }): StoredModel => {
    const prefix = `${id}@${revision}/`;
    const own = files.filter(({ key }) => key.startsWith(prefix));
    const bytes = own.reduce((sum, { size }) => sum + size, 0);
    // Its card is read by listings, too.
    const used = own.filter(({ key }) => key !== `${prefix}${CARD_FILE}`);
    return { id, revision, dtypes, bytes, usedAt: Math.max(0, ...used.map(({ usedAt }) => usedAt)) };
  });
  return stored.toSorted((a, b) => b.usedAt - a.usedAt);
}

/**
 * Deletes a downloaded model, finished or not: one version, or all of them. An index that is open with it goes on; the next opening
 * downloads it again.
 * @returns how many files were deleted.
 */
export function removeModel(id: string, revision?: string): Promise<number> {
  return clearCachedModel(id, { cache: modelFiles, ...(revision !== undefined && { revision }) });
}
