import { EmbedError, messageOf } from '../errors.ts';
import type { Dtype, LoadProgress, Model, ModelCard } from '../types.ts';
import { cacheKey, type ModelCache } from './cache.ts';
import { download, type DownloadOptions } from './download.ts';

export interface ModelFilesOptions {
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
  /** Where downloads are kept. Without one, each start downloads (or takes what the browser's own cache has). */
  cache?: ModelCache;
  token?: string;
  wait?: DownloadOptions['wait'];
}

/** Name under which the checksums of a model's files are kept. */
const CHECKSUMS = 'checksums.json';

/** Reads a model's files: from disk, from a cache, from where its addresses point; checked before they are given out. */
export class ModelFiles {
  private readonly model: Model;
  private readonly options: ModelFilesOptions;
  private readonly files = new Map<string, Promise<Uint8Array>>();
  private keeping: Promise<void> = Promise.resolve();
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

  private async load(name: string): Promise<Uint8Array> {
    const { card, urls } = this.model;
    const entry = urls[name];
    const addresses = Array.isArray(entry) ? entry : entry === undefined ? [] : [entry];
    if (addresses.length === 0)
      throw new EmbedError('invalid-model', `${card.id} names no address for ${name}.`);
    const kept = await this.fromCache(name);
    if (kept) return kept;
    let failure: unknown;
    for (const address of addresses) {
      try {
        const bytes = await this.fetch(name, address);
        const checksum = await this.check(name, bytes, address);
        await this.keep(name, bytes, checksum);
        return bytes;
      } catch (error) {
        this.options.signal?.throwIfAborted();
        failure ??= error;
      }
    }
    throw failure;
  }

  private async fetch(name: string, address: string): Promise<Uint8Array> {
    const { signal, token, wait, cache } = this.options;
    const onProgress = (loaded: number, total: number | undefined): void =>
      this.progress(name, loaded, total);
    if (address.startsWith('file:') && typeof process === 'object') {
      const bytes = await readFile(address, signal);
      onProgress(bytes.byteLength, bytes.byteLength);
      return bytes;
    }
    const pieces = cache && { cache, key: this.key(name) };
    return download(address, { signal, token, wait, onProgress, pieces });
  }

  /** @throws EmbedError `integrity` when the file is not the one that the card, or the first download, says. */
  private async check(name: string, bytes: Uint8Array, address: string): Promise<string | undefined> {
    const { card } = this.model;
    const dtype = Object.entries(card.files.weights).find(([, file]) => file === name)?.[0] as
      | 'fp32'
      | undefined;
    const size = dtype && card.bytes[dtype];
    if (size !== undefined && size !== bytes.byteLength) {
      throw new EmbedError(
        'integrity',
        `${address} has ${bytes.byteLength} bytes, the card of ${card.id} says ${size}.`,
      );
    }
    const checksum = await sha256(bytes);
    const expected = card.hashes?.[name] ?? (await this.checksums())[name];
    if (checksum !== undefined && expected !== undefined && checksum !== expected) {
      throw new EmbedError(
        'integrity',
        `${address} is not the file that was expected: its SHA-256 is ${checksum}, not ${expected}.`,
      );
    }
    return checksum;
  }

  private async fromCache(name: string): Promise<Uint8Array | undefined> {
    const { cache } = this.options;
    const bytes = await cache?.match(this.key(name)).catch(() => undefined);
    if (!bytes) return undefined;
    try {
      await this.check(name, bytes, this.key(name));
    } catch {
      // Damaged where it was kept: as good as absent.
      await cache!.delete(this.key(name)).catch(() => false);
      return undefined;
    }
    this.progress(name, bytes.byteLength, bytes.byteLength);
    return bytes;
  }

  /** One file after the other: the list of checksums is read, changed and written. */
  private keep(name: string, bytes: Uint8Array, checksum: string | undefined): Promise<void> {
    return (this.keeping = this.keeping.then(() => this.keepNow(name, bytes, checksum)));
  }

  private async keepNow(name: string, bytes: Uint8Array, checksum: string | undefined): Promise<void> {
    const { cache, onProgress } = this.options;
    if (!cache) return;
    try {
      await cache.put(this.key(name), bytes);
      if (checksum === undefined || this.model.card.hashes?.[name]) return;
      const checksums = { ...(await this.checksums()), [name]: checksum };
      await cache.put(this.key(CHECKSUMS), new TextEncoder().encode(JSON.stringify(checksums)));
    } catch (error) {
      onProgress?.({
        phase: 'notice',
        message: `${name} is used, but could not be kept: ${messageOf(error)}`,
      });
    }
  }

  private async checksums(): Promise<Record<string, string>> {
    try {
      const bytes = await this.options.cache?.match(this.key(CHECKSUMS));
      return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>) : {};
    } catch {
      return {};
    }
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

/** Names of the files that a model needs in a number format. */
export function filesOf({ kind, files }: ModelCard, dtype: Dtype): string[] {
  if (kind === 'hash') return [];
  const { tokenizer, tokenizerConfig, weights, external = {} } = files;
  const names = [tokenizer, tokenizerConfig, weights[dtype], ...(external[dtype] ?? [])];
  return names.filter((name) => name !== undefined);
}

/** SHA-256 in hexadecimal; undefined on pages that are not secure, where there is no Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function readFile(address: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return new Uint8Array(await readFile(new URL(address), { signal }));
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EmbedError('not-found', `${address} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
