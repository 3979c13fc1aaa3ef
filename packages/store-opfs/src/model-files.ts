import { type DBSchema, openDB } from 'idb';
import { missingIndexedDb } from './indexeddb-file-system.ts';

/** Facts that a host keeps with a file; `version` is compared by `get` and `match`. */
export type ModelMeta = Readonly<Record<string, string | number | boolean>>;

export interface ModelCacheEntry {
  key: string;
  version: string | undefined;
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970. */
  storedAt: number;
  usedAt: number;
  meta: ModelMeta;
}

/** An entry with what only the cache needs to know. */
export interface StoredEntry extends ModelCacheEntry {
  /** Names the chunks; new for every `put`, so that a reader of the old ones is not disturbed halfway. */
  id: string;
  chunks: number;
  checksum: Uint8Array;
}

/** Where the model cache keeps entries and chunks. `commit` is atomic. */
export interface ModelFiles {
  readonly kind: 'indexeddb' | 'memory';
  entries(): Promise<StoredEntry[]>;
  entry(key: string): Promise<StoredEntry | undefined>;
  begin(id: string): Promise<void>;
  writeChunk(id: string, index: number, bytes: Uint8Array): Promise<void>;
  readChunk(id: string, index: number): Promise<Uint8Array | undefined>;
  /** Makes the entry visible in place of the one with its key. */
  commit(entry: StoredEntry): Promise<void>;
  /** Removes the chunks of a file that was not committed. */
  abandon(id: string): Promise<void>;
  /** Writes a new time of use, unless the entry was replaced or removed meanwhile. */
  touch(key: string, id: string, usedAt: number): Promise<void>;
  /** Removes an entry if it still is this one. */
  remove(key: string, id: string): Promise<void>;
  close(): void;
}

/** A download that did not finish within this time will not any more. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

interface Schema extends DBSchema {
  entries: { key: string; value: StoredEntry };
  chunks: { key: [string, number]; value: Uint8Array };
  /** When files began that are not committed yet. */
  pending: { key: string; value: number };
}

/** Shared by all tabs and workers: IndexedDB's transactions keep them apart. */
export async function openModelFiles(name: string): Promise<ModelFiles> {
  if (missingIndexedDb() !== undefined) return memoryModelFiles();
  const database = await openDB<Schema>(`burrow-models/${name}`, 1, {
    upgrade(created) {
      for (const store of ['entries', 'chunks', 'pending'] as const) created.createObjectStore(store);
    },
  });
  const chunksOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Infinity]);
  const files: ModelFiles = {
    kind: 'indexeddb',
    entries: () => database.getAll('entries'),
    entry: (key) => database.get('entries', key),
    async begin(id) {
      await database.put('pending', Date.now(), id);
    },
    async writeChunk(id, index, bytes) {
      await database.put('chunks', bytes, [id, index]);
    },
    readChunk: (id, index) => database.get('chunks', [id, index]),
    async commit(entry) {
      const transaction = database.transaction(['entries', 'chunks', 'pending'], 'readwrite', {
        durability: 'strict',
      });
      const entries = transaction.objectStore('entries');
      const old = await entries.get(entry.key);
      await Promise.all([
        old && transaction.objectStore('chunks').delete(chunksOf(old.id)),
        entries.put(entry, entry.key),
        transaction.objectStore('pending').delete(entry.id),
        transaction.done,
      ]);
    },
    async abandon(id) {
      const transaction = database.transaction(['chunks', 'pending'], 'readwrite');
      await Promise.all([
        transaction.objectStore('chunks').delete(chunksOf(id)),
        transaction.objectStore('pending').delete(id),
        transaction.done,
      ]);
    },
    async touch(key, id, usedAt) {
      const transaction = database.transaction('entries', 'readwrite', { durability: 'relaxed' });
      const entry = await transaction.store.get(key);
      if (entry?.id === id) await transaction.store.put({ ...entry, usedAt }, key);
      await transaction.done;
    },
    async remove(key, id) {
      const transaction = database.transaction(['entries', 'chunks'], 'readwrite');
      const entry = await transaction.objectStore('entries').get(key);
      if (entry?.id === id) {
        await Promise.all([
          transaction.objectStore('entries').delete(key),
          transaction.objectStore('chunks').delete(chunksOf(id)),
        ]);
      }
      await transaction.done;
    },
    close: () => database.close(),
  };
  for (const id of await database.getAllKeys('pending')) {
    const begun = await database.get('pending', id);
    if (begun !== undefined && Date.now() - begun > ABANDONED_MS) await files.abandon(id);
  }
  return files;
}

/** For where there is no IndexedDB: gone with the worker. */
export function memoryModelFiles(): ModelFiles {
  const entries = new Map<string, StoredEntry>();
  const chunks = new Map<string, Uint8Array[]>();
  return {
    kind: 'memory',
    entries: async () => [...entries.values()],
    entry: async (key) => entries.get(key),
    async begin(id) {
      chunks.set(id, []);
    },
    async writeChunk(id, index, bytes) {
      chunks.get(id)![index] = bytes.slice();
    },
    readChunk: async (id, index) => chunks.get(id)?.[index],
    async commit(entry) {
      const old = entries.get(entry.key);
      if (old) chunks.delete(old.id);
      entries.set(entry.key, entry);
    },
    async abandon(id) {
      chunks.delete(id);
    },
    async touch(key, id, usedAt) {
      const entry = entries.get(key);
      if (entry?.id === id) entries.set(key, { ...entry, usedAt });
    },
    async remove(key, id) {
      if (entries.get(key)?.id !== id) return;
      entries.delete(key);
      chunks.delete(id);
    },
    close: () => undefined,
  };
}
