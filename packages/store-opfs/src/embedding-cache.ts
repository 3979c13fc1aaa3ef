import { CacheSegments } from './cache-segments.ts';
import { loadChecksum } from './checksum.ts';
import { toStoreError } from './errors.ts';
import type { FileSystem, StoreKind } from './file-system.ts';
import { KeyTable } from './key-table.ts';
import { openFileSystem } from './open-store.ts';
import { SegmentedCache, loadKeyHash } from './segmented-cache.ts';

/** What a vector depends on besides its text. */
export interface EmbeddingSpace {
  /** Key of model, revision, dimensions, pooling and prefixes (`embedder.space`). */
  space: string;
  /** Precision of the weights, which changes the vectors a little. */
  dtype: string;
}

export interface EmbeddingCacheOptions {
  /** Bytes on disk at which the least recently used vectors go. @default 256 MiB */
  maxBytes?: number;
  /** Size in bytes at which a file is closed and the next one begun. @default 4 MiB */
  segmentBytes?: number;
  /** @default 'auto' */
  kind?: 'auto' | StoreKind;
  /** How long to wait for another holder to go, in ms. @default 2000 */
  lockTimeout?: number;
}

/** Vectors by text: importing a folder again embeds only what changed. A cache: it may forget, never lie. */
export interface EmbeddingCache {
  readonly kind: StoreKind;
  /** Vectors kept. */
  readonly count: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** The vector of each text, undefined for those that are not there. */
  get(space: EmbeddingSpace, texts: string[]): Promise<(Uint8Array | undefined)[]>;
  /** Keeps the vectors of texts; the least recently used give way. Without room on the device, it keeps none. */
  put(space: EmbeddingSpace, texts: string[], vectors: Uint8Array[]): Promise<void>;
  /** Frees at least `bytes` on disk if it has them, least recently used first; gives how many. */
  evict(bytes: number): Promise<number>;
  clear(): Promise<void>;
  close(): Promise<void>;
  /** Removes the cache with its files. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const EMBEDDING_CACHE_DEFAULTS: { maxBytes: number; segmentBytes: number } = {
  maxBytes: 256 * 1024 * 1024,
  segmentBytes: 4 * 1024 * 1024,
};

/** Opens the embedding cache of `name`. Like a store, it has one holder at a time (`locked`). */
export async function openEmbeddingCache(
  name: string,
  { kind, lockTimeout, ...options }: EmbeddingCacheOptions = {},
): Promise<EmbeddingCache> {
  const { fileSystem } = await openFileSystem(`${name}/embeddings`, { kind, lockTimeout });
  return openEmbeddingCacheOn(fileSystem, options);
}

/** Opens the cache on a file system that is already locked, and takes it over. */
export async function openEmbeddingCacheOn(
  fileSystem: FileSystem,
  options: Pick<EmbeddingCacheOptions, 'maxBytes' | 'segmentBytes'> = {},
): Promise<EmbeddingCache> {
  const {
    maxBytes = EMBEDDING_CACHE_DEFAULTS.maxBytes,
    segmentBytes = EMBEDDING_CACHE_DEFAULTS.segmentBytes,
  } = options;
  try {
    const [checksum, hashKey] = await Promise.all([loadChecksum(), loadKeyHash()]);
    const segments = new CacheSegments(fileSystem, checksum, segmentBytes);
    const table = new KeyTable();
    const clock = await segments.load(table);
    return new SegmentedCache({ fileSystem, segments, table, clock, hashKey, maxBytes });
  } catch (error) {
    await Promise.resolve(fileSystem.close()).catch(() => undefined);
    throw toStoreError(error, 'opening the embedding cache');
  }
}
