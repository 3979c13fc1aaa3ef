import { type DBSchema, type IDBPDatabase, deleteDB, openDB } from 'idb';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';

const BLOCK_LENGTH = 16 * 1024;
/** So much may wait in memory for a flush before it is written without one. */
const MOST_DIRTY_BLOCKS = 512;

interface Schema extends DBSchema {
  /** Size of each file. */
  files: { key: string; value: number };
  /** Content in blocks, by name and number. */
  blocks: { key: [string, number]; value: Uint8Array };
  /** `owner`: who may write. */
  meta: { key: string; value: string };
}

type Database = IDBPDatabase<Schema>;

/** Why IndexedDB cannot be used here; undefined if it can. */
export function missingIndexedDb(): string | undefined {
  return (globalThis as { indexedDB?: unknown }).indexedDB ? undefined : 'This browser has no IndexedDB.';
}

function databaseName(name: string): string {
  return `burrow/${name}`;
}

/** Whether there is a database for a store; false where the browser cannot list them. */
export async function hasIndexedDb(name: string): Promise<boolean> {
  if (missingIndexedDb() !== undefined || typeof indexedDB.databases !== 'function') return false;
  return (await indexedDB.databases()).some((database) => database.name === databaseName(name));
}

/** Opens the database of a store; where there are Web Locks, waits up to `lockTimeout` ms for another holder to go. */
export async function openIndexedDb(name: string, lockTimeout: number): Promise<FileSystem> {
  const release = await takeLock(name, lockTimeout);
  try {
    const database = await openDB<Schema>(databaseName(name), 1, {
      upgrade(created) {
        for (const store of ['files', 'blocks', 'meta'] as const) created.createObjectStore(store);
      },
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
      },
    });
    const owner = crypto.randomUUID();
    await database.put('meta', owner, 'owner');
    return new IndexedDbFileSystem(name, database, owner, release);
  } catch (error) {
    release();
    throw error;
  }
}

class IndexedDbFileSystem implements FileSystem {
  readonly kind = 'indexeddb';
  readonly #name: string;
  readonly #database: Database;
  readonly #owner: string;
  readonly #release: () => void;
  readonly #open = new Map<string, IndexedDbFile>();
  #closed = false;

  constructor(name: string, database: Database, owner: string, release: () => void) {
    this.#name = name;
    this.#database = database;
    this.#owner = owner;
    this.#release = release;
  }

  async list(): Promise<string[]> {
    const stored = await this.#database.getAllKeys('files');
    return [...new Set([...stored, ...this.#open.keys()])];
  }

  async open(name: string, create: boolean): Promise<StoreFile | undefined> {
    const known = this.#open.get(name);
    if (known) return known;
    const size = await this.#database.get('files', name);
    if (size === undefined && !create) return undefined;
    const file = this.#open.get(name) ?? new IndexedDbFile(name, this.#database, this.#owner, size ?? 0);
    this.#open.set(name, file);
    return file;
  }

  async sizeOf(name: string): Promise<number> {
    return this.#open.get(name)?.size() ?? (await this.#database.get('files', name)) ?? 0;
  }

  async remove(name: string): Promise<void> {
    this.#open.get(name)?.drop();
    this.#open.delete(name);
    await write(this.#database, this.#owner, async (transaction) => {
      await Promise.all([
        transaction.objectStore('files').delete(name),
        transaction.objectStore('blocks').delete(blocksOf(name, 0)),
      ]);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      for (const file of this.#open.values()) await file.flush();
    } finally {
      this.#database.close();
      this.#release();
    }
  }

  async destroy(): Promise<void> {
    this.#open.clear();
    this.#closed = true;
    this.#database.close();
    await deleteDB(databaseName(this.#name));
    this.#release();
  }
}

/** A file in blocks. What is written waits in memory until a flush puts it down in one transaction. */
class IndexedDbFile implements StoreFile {
  readonly #name: string;
  readonly #database: Database;
  readonly #owner: string;
  #size: number;
  #changed = true;
  #dropped = false;
  readonly #dirty = new Map<number, Uint8Array>();
  /** The block that was put down last: whoever appends needs it again at once. */
  #tail: { block: number; content: Uint8Array } | undefined;

  constructor(name: string, database: Database, owner: string, size: number) {
    this.#name = name;
    this.#database = database;
    this.#owner = owner;
    this.#size = size;
  }

  size(): number {
    return this.#size;
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const end = Math.min(at + length, this.#size);
    if (at >= end) return new Uint8Array(0);
    const bytes = new Uint8Array(end - at);
    const [first, last] = [Math.floor(at / BLOCK_LENGTH), Math.floor((end - 1) / BLOCK_LENGTH)];
    const stored = await this.#stored(first, last);
    for (let block = first; block <= last; block++) {
      const content = this.#dirty.get(block) ?? stored.get(block);
      if (!content) continue;
      const start = block * BLOCK_LENGTH;
      const from = Math.max(at - start, 0);
      const part = content.subarray(from, Math.min(end - start, content.length));
      if (part.length > 0) bytes.set(part, start + from - at);
    }
    return bytes;
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    const end = at + bytes.length;
    for (let position = at; position < end;) {
      const block = Math.floor(position / BLOCK_LENGTH);
      const start = block * BLOCK_LENGTH;
      const to = Math.min(end, start + BLOCK_LENGTH);
      const content = await this.#writable(block, to - start);
      content.set(bytes.subarray(position - at, to - at), position - start);
      position = to;
      this.#size = Math.max(this.#size, to);
      if (this.#dirty.size > MOST_DIRTY_BLOCKS) await this.#putDown('relaxed');
    }
    this.#size = Math.max(this.#size, end);
    this.#changed = true;
  }

  async truncate(size: number): Promise<void> {
    const kept = Math.ceil(size / BLOCK_LENGTH);
    if (size < this.#size && size % BLOCK_LENGTH > 0) {
      const content = await this.#writable(kept - 1, size % BLOCK_LENGTH);
      content.fill(0, size % BLOCK_LENGTH);
    }
    this.#tail = undefined;
    const shrinks = size < this.#size;
    this.#size = size;
    this.#changed = true;
    if (!shrinks) return;
    for (const block of this.#dirty.keys()) if (block >= kept) this.#dirty.delete(block);
    await write(this.#database, this.#owner, async (transaction) => {
      await Promise.all([
        transaction.objectStore('blocks').delete(blocksOf(this.#name, kept)),
        transaction.objectStore('files').put(size, this.#name),
      ]);
    });
  }

  async flush(): Promise<void> {
    if (this.#changed && !this.#dropped) await this.#putDown('strict');
  }

  /** The file is being removed: nothing of it is to be written any more. */
  drop(): void {
    this.#dropped = true;
    this.#dirty.clear();
  }

  async #putDown(durability: 'strict' | 'relaxed'): Promise<void> {
    const blocks = [...this.#dirty];
    const size = this.#size;
    await write(
      this.#database,
      this.#owner,
      async (transaction) => {
        const store = transaction.objectStore('blocks');
        await Promise.all([
          ...blocks.map(([block, content]) => store.put(content, [this.#name, block])),
          transaction.objectStore('files').put(size, this.#name),
        ]);
      },
      durability,
    );
    for (const [block, content] of blocks) {
      if (this.#dirty.get(block) === content) this.#dirty.delete(block);
      this.#tail = { block, content };
    }
    this.#changed = durability === 'relaxed';
  }

  async #writable(block: number, length: number): Promise<Uint8Array> {
    let content = this.#dirty.get(block) ?? (this.#tail?.block === block ? this.#tail.content : undefined);
    if (!content) {
      const stored =
        block * BLOCK_LENGTH < this.#size ? (await this.#stored(block, block)).get(block) : undefined;
      content = stored ?? new Uint8Array(0);
    }
    if (content.length < length) {
      // Blocks of a journal grow by small pieces: they are stored as long as they are, not padded.
      const grown = new Uint8Array(length);
      grown.set(content);
      content = grown;
    }
    this.#dirty.set(block, content);
    return content;
  }

  async #stored(first: number, last: number): Promise<Map<number, Uint8Array>> {
    const range = IDBKeyRange.bound([this.#name, first], [this.#name, last]);
    const [keys, values] = await Promise.all([
      this.#database.getAllKeys('blocks', range),
      this.#database.getAll('blocks', range),
    ]);
    return new Map(keys.map(([, block], i) => [block, values[i]!]));
  }
}

function blocksOf(name: string, from: number): IDBKeyRange {
  return IDBKeyRange.bound([name, from], [name, Infinity]);
}

type Transaction = ReturnType<typeof begin>;

function begin(database: Database, durability: 'strict' | 'relaxed') {
  return database.transaction(['files', 'blocks', 'meta'], 'readwrite', { durability });
}

/** One transaction, refused when another tab has opened the store since: without Web Locks that is the only fence. */
async function write(
  database: Database,
  owner: string,
  task: (transaction: Transaction) => Promise<void>,
  durability: 'strict' | 'relaxed' = 'strict',
): Promise<void> {
  const transaction = begin(database, durability);
  // Whoever awaits the work below hears of a failure there.
  transaction.done.catch(() => undefined);
  if ((await transaction.objectStore('meta').get('owner')) !== owner) {
    transaction.abort();
    const message =
      'Another tab or worker has opened this store since; close it there, or send your calls to it.';
    throw new StoreError('locked', message);
  }
  await task(transaction);
  await transaction.done;
}

async function takeLock(name: string, lockTimeout: number): Promise<() => void> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  if (!locks) return () => undefined;
  return new Promise((resolve, reject) => {
    const options = { signal: AbortSignal.timeout(Math.max(1, lockTimeout)) };
    locks
      .request(
        `burrow-store/${name}`,
        options,
        () => new Promise<void>((release) => resolve(() => release())),
      )
      .catch((cause: unknown) => {
        const message = `The store "${name}" is open in another tab or worker; close it there, or send your calls to it.`;
        reject(new StoreError('locked', message, { cause }));
      });
  });
}
