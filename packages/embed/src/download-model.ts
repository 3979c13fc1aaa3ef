import { EmbedError } from './errors.ts';
import { cacheKey } from './models/cache.ts';
import type { HubOptions } from './models/hub.ts';
import { filesOf } from './models/card-files.ts';
import { ModelFiles } from './models/model-files.ts';
import { resolveModel } from './models/resolve.ts';
import { notify } from './notify.ts';
import type { Dtype, LoadProgress, Model, ModelCard } from './types.ts';

export interface DownloadModelOptions {
  /** Where the model comes from, and where it is kept. */
  hub?: HubOptions;
  /** Number format of the weights. Default: the first that the model has of int8, fp32, fp16, as the CPU runs them. */
  dtype?: Dtype;
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * Fetches what a model needs to run (tokenizer, weights of one number format) into the cache, checked, without loading
 * it; `createEmbedder` with the same model, dtype and cache then asks no network. What is there already is not fetched
 * again, and a download that broke off goes on where it was. A model that comes as data needs no download.
 * @returns the model's card.
 * @throws EmbedError `unsupported` when there is no cache or the model has no such weights, `download-failed` when the
 * files could not be kept, and what downloading throws; the signal's reason when it was aborted.
 */
export async function downloadModel(
  source: string | Model,
  { hub = {}, dtype, signal, onProgress }: DownloadModelOptions = {},
): Promise<ModelCard> {
  signal?.throwIfAborted();
  const { model, cache } = await resolveModel(source, { ...hub, signal });
  const { card } = model;
  if (card.kind === 'hash' || typeof source !== 'string' || source === 'static-en') return card;
  if (!cache)
    throw new EmbedError('unsupported', 'There is no cache to keep the model in: pass one as `hub.cache`.');
  const names = filesOf(card, chooseDtype(card, dtype));
  let refused = '';
  const failure = new AbortController();
  const files = new ModelFiles(model, {
    signal: signal ? AbortSignal.any([signal, failure.signal]) : failure.signal,
    cache,
    token: hub.token,
    onProgress: (progress) => {
      if (progress.phase === 'notice') refused = progress.message;
      notify(onProgress, progress);
    },
  });
  const reading = names.map((name) => files.read(name));
  try {
    await Promise.all(reading);
  } catch (error) {
    // Nothing of it goes on after the call, not even the keeping of a file that came before.
    failure.abort(error);
    await Promise.allSettled(reading);
    throw error;
  } finally {
    files.release();
  }
  const kept = new Set(await cache.keys());
  const missing = names.filter((name) => !kept.has(cacheKey(card.id, card.revision, name)));
  if (missing.length > 0)
    throw new EmbedError(
      'download-failed',
      `${missing.join(', ')} of ${card.id} could not be kept. ${refused || 'Free some space and try again.'}`,
    );
  return card;
}

function chooseDtype({ id, files }: ModelCard, dtype: Dtype | undefined): Dtype {
  const chosen = dtype ?? (['int8', 'fp32', 'fp16'] as const).find((one) => files.weights[one] !== undefined);
  if (chosen !== undefined && files.weights[chosen] !== undefined) return chosen;
  const have = Object.keys(files.weights).join(', ') || 'none';
  throw new EmbedError('unsupported', `${id} has no ${dtype ?? ''} weights (it has ${have}).`);
}
