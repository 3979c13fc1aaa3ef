import { createXXHash64 } from 'hash-wasm';
import { StoreError, isQuotaError, toStoreError } from './errors.ts';
import {
  type ModelCacheEntry,
  type ModelFiles,
  type ModelMeta,
  type StoredEntry,
  openModelFiles,
} from './model-files.ts';
import { explain } from './quota.ts';

export interface ModelCacheOptions {
  /** Bytes at which the least recently used files go. @default 2 GiB */
  maxBytes?: number;
}

/** What `put` takes. */
export type ModelData = Uint8Array | Blob | ReadableStream<Uint8Array>;

/**
 * Files of models by key (a URL, say), shared by all tabs and workers of the origin. Fits where `@burrow/embed` asks
 * for a cache. A cache: a damaged file is a miss and is removed.
 */
export interface ModelCache {
  readonly kind: 'indexeddb' | 'memory';
  /** A whole file; undefined when it is not there, or has another version than asked for. */
  get(key: string, version?: string): Promise<{ bytes: Uint8Array; meta: ModelMeta } | undefined>;
  /** The same as a stream, which fails with `cache-damaged` at its end if the bytes are not what was put. */
  match(
    key: string,
    version?: string,
  ): Promise<(ModelCacheEntry & { stream(): ReadableStream<Uint8Array> }) | undefined>;
  /** Keeps a file in place of the one with this key; whoever reads meanwhile sees the old one or the new one. */
  put(key: string, data: ModelData, meta?: ModelMeta): Promise<void>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** All files, the most recently used first. */
  list(): Promise<ModelCacheEntry[]>;
  /** Removes files until at least `bytes` are free, the least recently used first; gives how many were freed. */
  evict(bytes: number): Promise<number>;
  clear(): Promise<void>;
  close(): void;
}

export const MODEL_CACHE_DEFAULTS: Required<ModelCacheOptions> = { maxBytes: 2 * 1024 ** 3 };

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Opens the model cache of `name`, in IndexedDB, or in memory where there is none. Works on pages and in workers. */
export async function openModelCache(name = 'default', options: ModelCacheOptions = {}): Promise<ModelCache> {
  try {
    return modelCacheOn(await openModelFiles(name), options);
  } catch (error) {
    throw toStoreError(error, 'opening the model cache');
  }
}

/** The cache over files that are already open. */
export function modelCacheOn(
  files: ModelFiles,
  { maxBytes = MODEL_CACHE_DEFAULTS.maxBytes }: ModelCacheOptions = {},
): ModelCache {
  const find = async (key: string, version: string | undefined): Promise<StoredEntry | undefined> => {
    const entry = await files.entry(key);
    if (!entry || (version !== undefined && entry.version !== version)) return undefined;
    // A failed note of use costs its order only.
    await files.touch(key, entry.id, Date.now()).catch(() => undefined);
    return entry;
  };
  const evict = async (bytes: number, spared?: string): Promise<number> => {
    const entries = (await files.entries()).sort((a, b) => a.usedAt - b.usedAt || a.storedAt - b.storedAt);
    let freed = 0;
    for (const entry of entries) {
      if (freed >= bytes) break;
      if (entry.key === spared) continue;
      await files.remove(entry.key, entry.id);
      freed += entry.size;
    }
    return freed;
  };
  const cache: ModelCache = {
    kind: files.kind,
    async get(key, version) {
      const entry = await find(key, version);
      if (!entry) return undefined;
      const bytes = new Uint8Array(entry.size);
      let at = 0;
      try {
        for await (const chunk of readChunks(files, entry)) {
          bytes.set(chunk, at);
          at += chunk.length;
        }
      } catch (error) {
        if (error instanceof StoreError && error.code === 'cache-damaged') return undefined;
        throw error;
      }
      return { bytes, meta: entry.meta };
    },
    async match(key, version) {
      const entry = await find(key, version);
      return entry && { ...publicEntry(entry), stream: () => toStream(readChunks(files, entry)) };
    },
    async put(key, data, meta = {}) {
      const id = crypto.randomUUID();
      const keep = async (chunk: Uint8Array, index: number): Promise<void> => {
        try {
          await files.writeChunk(id, index, chunk);
        } catch (error) {
          if (!isQuotaError(error) || (await evict(Math.max(chunk.length * 2, maxBytes / 16), key)) === 0)
            throw error;
          await files.writeChunk(id, index, chunk);
        }
      };
      await files.begin(id);
      try {
        const { size, chunks, checksum } = await writeChunks(data, keep);
        const old = await files.entry(key);
        const total =
          (await files.entries()).reduce((sum, entry) => sum + entry.size, size) - (old?.size ?? 0);
        if (total > maxBytes) await evict(total - maxBytes, key);
        const version = meta['version'] === undefined ? undefined : String(meta['version']);
        const now = Date.now();
        await files.commit({ key, id, version, size, chunks, checksum, meta, storedAt: now, usedAt: now });
      } catch (error) {
        await files.abandon(id).catch(() => undefined);
        throw error;
      }
    },
    async delete(key) {
      const entry = await files.entry(key);
      if (entry) await files.remove(key, entry.id);
      return entry !== undefined;
    },
    async list() {
      return (await files.entries()).sort((a, b) => b.usedAt - a.usedAt).map(publicEntry);
    },
    evict: (bytes) => evict(bytes),
    async clear() {
      for (const entry of await files.entries()) await files.remove(entry.key, entry.id);
    },
    close: () => files.close(),
  };
  return withTypedErrors(cache);
}

function publicEntry({ key, version, size, storedAt, usedAt, meta }: StoredEntry): ModelCacheEntry {
  return { key, version, size, storedAt, usedAt, meta };
}

async function* readChunks(files: ModelFiles, entry: StoredEntry): AsyncGenerator<Uint8Array> {
  const hasher = await createXXHash64();
  let size = 0;
  for (let index = 0; index < entry.chunks; index++) {
    const chunk = await files.readChunk(entry.id, index);
    if (!chunk) break;
    hasher.update(chunk);
    size += chunk.length;
    if (size > entry.size) break;
    yield chunk;
  }
  const checksum = hasher.digest('binary');
  if (size === entry.size && checksum.every((byte, i) => byte === entry.checksum[i])) return;
  await files.remove(entry.key, entry.id);
  throw new StoreError(
    'cache-damaged',
    `The cached file "${entry.key}" is damaged and was removed; fetch it again.`,
  );
}

async function writeChunks(
  data: ModelData,
  keep: (chunk: Uint8Array, index: number) => Promise<void>,
): Promise<{ size: number; chunks: number; checksum: Uint8Array }> {
  const hasher = await createXXHash64();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let [filled, size, chunks] = [0, 0, 0];
  const pass = async (): Promise<void> => {
    const chunk = buffer.slice(0, filled);
    hasher.update(chunk);
    await keep(chunk, chunks++);
    filled = 0;
  };
  for await (const piece of piecesOf(data)) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + CHUNK_BYTES - filled);
      buffer.set(part, filled);
      filled += part.length;
      size += part.length;
      at += part.length;
      if (filled === CHUNK_BYTES) await pass();
    }
  }
  if (filled > 0) await pass();
  return { size, chunks, checksum: hasher.digest('binary') };
}

async function* piecesOf(data: ModelData): AsyncGenerator<Uint8Array> {
  if (data instanceof Uint8Array) {
    yield data;
    return;
  }
  // Not every browser iterates streams.
  const reader = (data instanceof Blob ? data.stream() : data).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

function toStream(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

/** Errors of the platform come out as `StoreError`. */
function withTypedErrors(cache: ModelCache): ModelCache {
  const typed = async <T>(doing: string, neededBytes: number, task: Promise<T>): Promise<T> => {
    try {
      return await task;
    } catch (error) {
      throw await explain(error, doing, neededBytes);
    }
  };
  return {
    ...cache,
    get: (key, version) => typed('reading a cached model', 0, cache.get(key, version)),
    match: (key, version) => typed('reading a cached model', 0, cache.match(key, version)),
    put: (key, data, meta) => {
      const bytes = data instanceof Uint8Array ? data.length : data instanceof Blob ? data.size : CHUNK_BYTES;
      return typed('caching a model', bytes, cache.put(key, data, meta));
    },
    delete: (key) => typed('removing a cached model', 0, cache.delete(key)),
    list: () => typed('listing cached models', 0, cache.list()),
    evict: (bytes) => typed('evicting cached models', 0, cache.evict(bytes)),
    clear: () => typed('clearing cached models', 0, cache.clear()),
  };
}
