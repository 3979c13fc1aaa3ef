import { StoreError, toStoreError } from './errors.ts';
import type { FileSystem, StoreKind } from './file-system.ts';
import { hasIndexedDb, missingIndexedDb, openIndexedDb } from './indexeddb-file-system.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { hasOpfsFolder, missingOpfs, openOpfs } from './opfs-file-system.ts';
import { STORE_DEFAULTS, openStoreOn } from './open-store-on.ts';
import type { Store, StoreOptions } from './types.ts';

/** File names have at most 255 bytes; the rest is for what caches append. */
const LONGEST_NAME = 200;

/**
 * Opens the store `name` of this origin, or creates it. Runs in a dedicated worker; elsewhere there is no OPFS. One
 * holder at a time: throws `locked` when another does not let go within `lockTimeout`. What was found and mended is
 * in `store.report`. Throws `store-newer` and `store-damaged` without having changed anything, `unsupported` when
 * the kind asked for is not there.
 */
export async function openStore(name: string, options: StoreOptions = {}): Promise<Store> {
  checkName(name);
  const { fileSystem, reasons } = await openFileSystem(name, options);
  return openStoreOn(name, fileSystem, options, reasons);
}

/** Removes a store without opening it, a damaged one too; throws `locked` where it is open. One that is not there is no error. */
export async function destroyStore(
  name: string,
  options: Pick<StoreOptions, 'kind' | 'lockTimeout'> = {},
): Promise<void> {
  checkName(name);
  const { fileSystem } = await openFileSystem(name, options);
  try {
    await fileSystem.destroy();
  } catch (error) {
    throw toStoreError(error, `removing the store "${name}"`);
  }
}

/** Opens the best kind of storage there is, and says why not a better one. */
export async function openFileSystem(
  name: string,
  { kind = 'auto', lockTimeout = STORE_DEFAULTS.lockTimeout }: Pick<StoreOptions, 'kind' | 'lockTimeout'>,
): Promise<{ fileSystem: FileSystem; reasons: string[] }> {
  try {
    if (kind !== 'auto') return { fileSystem: await openKind(name, kind, lockTimeout), reasons: [] };
    const reasons: string[] = [];
    const chosen = await chooseKind(name, reasons);
    try {
      return { fileSystem: await openKind(name, chosen, lockTimeout), reasons };
    } catch (error) {
      if (chosen !== 'indexeddb' || !isRefusal(error)) throw error;
      reasons.push(`IndexedDB is refused here (${(error as Error).message}).`);
      return { fileSystem: new MemoryFileSystem(), reasons };
    }
  } catch (error) {
    throw toStoreError(error, `opening the store "${name}"`);
  }
}

async function openKind(name: string, kind: StoreKind, lockTimeout: number): Promise<FileSystem> {
  if (kind === 'memory') return new MemoryFileSystem();
  const missing = kind === 'opfs' ? missingOpfs() : missingIndexedDb();
  if (missing !== undefined) throw new StoreError('unsupported', missing);
  return kind === 'opfs' ? openOpfs(name, lockTimeout) : openIndexedDb(name, lockTimeout);
}

function checkName(name: string): void {
  let encoded = '';
  try {
    encoded = encodeURIComponent(name);
  } catch {
    // A lone surrogate: refused below.
  }
  if (typeof name === 'string' && encoded.length > 0 && encoded.length <= LONGEST_NAME) return;
  const message = `A store needs a name of 1 to ${LONGEST_NAME} characters, counted percent-encoded.`;
  throw new StoreError('invalid-argument', message);
}

/** A store stays where it was begun; falling back must never make it look empty. */
async function chooseKind(name: string, reasons: string[]): Promise<StoreKind> {
  const noOpfs = missingOpfs();
  let inOpfs = false;
  try {
    inOpfs = await hasOpfsFolder(name);
  } catch (error) {
    if (noOpfs === undefined && !isRefusal(error)) throw error;
    reasons.push(noOpfs ?? `The origin private file system is refused here (${(error as Error).message}).`);
    return chooseWithoutOpfs(reasons);
  }
  if (noOpfs === undefined) {
    if (inOpfs || !(await hasIndexedDb(name))) return 'opfs';
    reasons.push('This store was begun in IndexedDB, and stays there.');
    return 'indexeddb';
  }
  if (inOpfs) {
    const message = `The store "${name}" is kept in the origin private file system. ${noOpfs} Open it in a dedicated worker.`;
    throw new StoreError('unsupported', message);
  }
  reasons.push(noOpfs);
  return chooseWithoutOpfs(reasons);
}

function chooseWithoutOpfs(reasons: string[]): StoreKind {
  const noIndexedDb = missingIndexedDb();
  if (noIndexedDb === undefined) return 'indexeddb';
  reasons.push(noIndexedDb);
  return 'memory';
}

/** Whether storage is switched off for this page, as in some private windows, rather than failing. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && ['SecurityError', 'NotSupportedError', 'NotAllowedError'].includes(error.name)
  );
}
