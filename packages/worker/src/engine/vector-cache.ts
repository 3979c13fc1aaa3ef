import { clearCachedModel, listCachedModels } from '@burrow/embed';
import type { Embedder, EmbedOptions } from '@burrow/embed';
import { openEmbeddingCache } from '@burrow/store-opfs';
import type { EmbeddingCache } from '@burrow/store-opfs';
import type { CacheStatus } from '../types.ts';
import { modelFiles } from '../model-files.ts';

/** Models that are faster than reading from disk. */
const NOT_WORTH_IT = new Set(['static', 'hash']);

/** Browsers hand out room in pieces of about a megabyte: to free less may not help. */
const LEAST_FREED = 4 << 20;

/** Vectors of texts that were embedded before: importing a folder again embeds only what changed. */
export class VectorCache {
  readonly #name: string;
  #cache: Promise<EmbeddingCache | undefined> | undefined;
  #opened: EmbeddingCache | undefined;
  #found = 0;
  #embedded = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Undefined while no model made it worth opening. */
  get counts(): CacheStatus | undefined {
    const cache = this.#opened;
    return (
      cache && { vectors: cache.count, bytes: cache.bytes, found: this.#found, embedded: this.#embedded }
    );
  }

  /** Vectors of documents' texts, row by row; those that are not there yet are embedded. */
  async embed(embedder: Embedder, texts: string[], options: EmbedOptions): Promise<Float32Array> {
    const { device, dtype } = embedder.backend;
    const cache = NOT_WORTH_IT.has(device) ? undefined : await this.#open();
    if (!cache) return (await embedder.embed(texts, options)).data;
    const space = { space: embedder.space, dtype };
    const { dimensions } = embedder;
    const data = new Float32Array(texts.length * dimensions);
    const missing: number[] = [];
    // A cache that fails is a cache that has nothing.
    const cached = await cache.get(space, texts).catch(() => []);
    texts.forEach((_, i) => {
      const row = cached[i];
      if (row?.length === dimensions * 4) new Uint8Array(data.buffer).set(row, i * dimensions * 4);
      else missing.push(i);
    });
    const known = texts.length - missing.length;
    this.#found += known;
    if (missing.length === 0) return data;
    const batch = await embedder.embed(
      missing.map((i) => texts[i]!),
      {
        ...options,
        onProgress: ({ done, total, tokens }) =>
          options.onProgress?.({ done: known + done, total: known + total, tokens }),
      },
    );
    this.#embedded += missing.length;
    const rows = missing.map((place, i) => {
      const row = batch.data.slice(i * dimensions, (i + 1) * dimensions);
      data.set(row, place * dimensions);
      return new Uint8Array(row.buffer);
    });
    const fresh = missing.map((i) => texts[i]!);
    await cache.put(space, fresh, rows).catch(() => {});
    return data;
  }

  /**
   * Frees what is less worth than data: vectors that can be computed again, then models that can be loaded again, but
   * for those in use.
   */
  async makeRoom(bytes: number, modelsInUse: ReadonlySet<string>): Promise<number> {
    const wanted = Math.max(bytes, LEAST_FREED);
    const freed = (await (await this.#open())?.evict(wanted).catch(() => 0)) ?? 0;
    if (freed >= bytes) return freed;
    const before = (await navigator.storage.estimate()).usage ?? 0;
    for (const { id, revision } of await listCachedModels(modelFiles).catch(() => []))
      if (!modelsInUse.has(id)) await clearCachedModel(id, { revision, cache: modelFiles }).catch(() => 0);
    return freed + Math.max(0, before - ((await navigator.storage.estimate()).usage ?? before));
  }

  async clear(): Promise<void> {
    // One that was filled by an earlier opening too.
    await (await this.#open())?.clear();
  }

  async close(): Promise<void> {
    await (await this.#cache)?.close();
  }

  #open(): Promise<EmbeddingCache | undefined> {
    // Where it cannot be opened, everything works without it.
    this.#cache ??= openEmbeddingCache(this.#name).then(
      (cache) => (this.#opened = cache),
      () => undefined,
    );
    return this.#cache;
  }
}
