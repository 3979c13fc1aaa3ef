import { EmbedError, messageOf } from './errors.ts';
import type { LoadProgress, Model } from './types.ts';

/** Reads a model's files: from the page's origin, from disk, from wherever its addresses point. */
export class ModelFiles {
  private readonly model: Model;
  private readonly signal: AbortSignal | undefined;
  private readonly onProgress: ((progress: LoadProgress) => void) | undefined;

  constructor(
    model: Model,
    options: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
  ) {
    this.model = model;
    this.signal = options.signal;
    this.onProgress = options.onProgress;
  }

  async read(name: string): Promise<Uint8Array> {
    const url = this.model.urls[name];
    if (url === undefined)
      throw new EmbedError('invalid-model', `${this.model.card.id} names no address for ${name}.`);
    const bytes = await readUrl(Array.isArray(url) ? url[0]! : url, this.signal);
    this.onProgress?.({
      phase: 'download',
      file: name,
      loaded: bytes.byteLength,
      total: bytes.byteLength,
      allLoaded: bytes.byteLength,
      allTotal: undefined,
    });
    return bytes;
  }
}

async function readUrl(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (url.startsWith('file:') && typeof process === 'object') {
    const { readFile } = process.getBuiltinModule('node:fs/promises');
    return new Uint8Array(await readFile(new URL(url), { signal }));
  }
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EmbedError('download-failed', `${url} could not be fetched: ${messageOf(cause)}`, { cause });
  }
  if (!response.ok) throw new EmbedError('download-failed', `${url} answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}
