import { EmbedError } from '../errors.ts';
import type { LoadProgress, Model } from '../types.ts';
import { cacheKey, type ModelCache } from './cache.ts';
import type { DownloadOptions } from './download.ts';
import { type FileEvent, type FileRequest, identify, loadFile } from './load-file.ts';
import { workFor } from './shared-work.ts';

export interface ModelFilesOptions {
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
  /** Where downloads are kept. Without one, each start downloads (or takes what the browser's own cache has). */
  cache?: ModelCache;
  token?: string;
  wait?: DownloadOptions['wait'];
}

/** Reads a model's files: from disk, from a cache, from where its addresses point; checked before they are given out. */
export class ModelFiles {
  private readonly model: Model;
  private readonly options: ModelFilesOptions;
  private readonly files = new Map<string, Promise<Uint8Array>>();
  private readonly loaded = new Map<string, { loaded: number; total: number | undefined }>();

  constructor(model: Model, options: ModelFilesOptions = {}) {
    this.model = model;
    this.options = options;
  }

  /** A file's bytes. They are shared by all who ask, until `release`. */
  read(name: string): Promise<Uint8Array> {
    let bytes = this.files.get(name);
    if (!bytes) {
      bytes = this.load(name);
      this.files.set(name, bytes);
      bytes.catch(() => this.files.delete(name));
    }
    return bytes;
  }

  /** Lets go of the bytes that were read. */
  release(): void {
    this.files.clear();
  }

  /** Something that was worked out from the model and is kept beside it, such as the CPU's own vectors. */
  async recall(name: string): Promise<Uint8Array | undefined> {
    return this.options.cache?.match(this.key(name)).catch(() => undefined);
  }

  async remember(name: string, bytes: Uint8Array): Promise<void> {
    await this.options.cache?.put(this.key(name), bytes).catch(() => {});
  }

  private load(name: string): Promise<Uint8Array> {
    const { card, urls } = this.model;
    const { cache, token, wait, signal, onProgress } = this.options;
    const entry = urls[name];
    const addresses = entry === undefined ? [] : [entry].flat();
    if (addresses.length === 0)
      return Promise.reject(new EmbedError('invalid-model', `${card.id} names no address for ${name}.`));
    const file: FileRequest = { card, name, addresses, cache, token, wait };
    const onEvent = (event: FileEvent): void => {
      if ('notice' in event) onProgress?.({ phase: 'notice', message: event.notice });
      else this.progress(name, event.loaded, event.total);
    };
    return workFor(cache).join(identify(file), { signal, onEvent }, (signal, tell) =>
      loadFile(file, signal, tell),
    );
  }

  private key(name: string): string {
    return cacheKey(this.model.card.id, this.model.card.revision, name);
  }

  private progress(file: string, loaded: number, total: number | undefined): void {
    this.loaded.set(file, { loaded, total });
    const all = [...this.loaded.values()];
    const allTotal = all.every(({ total }) => total !== undefined)
      ? all.reduce((sum, { total }) => sum + total!, 0)
      : undefined;
    const allLoaded = all.reduce((sum, { loaded }) => sum + loaded, 0);
    this.options.onProgress?.({ phase: 'download', file, loaded, total, allLoaded, allTotal });
  }
}
