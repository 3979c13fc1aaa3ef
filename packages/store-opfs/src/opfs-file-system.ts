import { StoreError } from './errors.ts';
import type { FileSystem, MaybePromise, StoreFile } from './file-system.ts';
import { answerWithin } from './patience.ts';

/** Folder of the origin's private file system that holds all stores. */
const ROOT = 'burrow';
const LOCK_FILE = 'lock';
const RETRY_MS = 25;
/** Safari allows 252 open handles to an origin; the least recently used ones are closed long before. */
const MOST_HANDLES = 96;

/** Why sync access handles cannot be used here; undefined if they can. */
export function missingOpfs(): string | undefined {
  const storage = (globalThis.navigator as { storage?: Partial<StorageManager> } | undefined)?.storage;
  if (typeof storage?.getDirectory !== 'function') return 'This browser has no origin private file system.';
  const prototype = (globalThis as { FileSystemFileHandle?: { prototype: object } }).FileSystemFileHandle
    ?.prototype;
  if (prototype && 'createSyncAccessHandle' in prototype) return undefined;
  return 'Files cannot be written synchronously here; that needs a dedicated worker.';
}

/** A name that is safe as a file name, and different for different names. */
function folderName(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E').replaceAll('*', '%2A');
}

async function rootFolder(create: boolean): Promise<FileSystemDirectoryHandle> {
  const origin = await navigator.storage.getDirectory();
  return origin.getDirectoryHandle(ROOT, { create });
}

/** Whether there is a folder for a store; throws where the file system cannot be used. */
export async function hasOpfsFolder(name: string): Promise<boolean> {
  try {
    const root = await rootFolder(false);
    await root.getDirectoryHandle(folderName(name));
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false;
    throw error;
  }
}

/** Opens the folder of a store and takes its lock, waiting up to `lockTimeout` ms for another holder to go. */
export async function openOpfs(name: string, lockTimeout: number): Promise<FileSystem> {
  const root = await rootFolder(true);
  const folder = await root.getDirectoryHandle(folderName(name), { create: true });
  const deadline = performance.now() + lockTimeout;
  const lock = await openHandle(folder, LOCK_FILE, true, deadline, name);
  return new OpfsFileSystem(name, root, folder, lock!, lockTimeout);
}

class OpfsFileSystem implements FileSystem {
  readonly kind = 'opfs';
  readonly #name: string;
  readonly #root: FileSystemDirectoryHandle;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #lock: FileSystemSyncAccessHandle;
  readonly #lockTimeout: number;
  /** One object for each file, for good: two handles on one file would lock each other out. */
  readonly #files = new Map<string, Promise<OpfsFile | undefined>>();
  /** Files with an open handle in order of use, the least recent first. */
  readonly #open = new Set<OpfsFile>();
  #closed = false;

  constructor(
    name: string,
    root: FileSystemDirectoryHandle,
    folder: FileSystemDirectoryHandle,
    lock: FileSystemSyncAccessHandle,
    lockTimeout: number,
  ) {
    this.#name = name;
    this.#root = root;
    this.#folder = folder;
    this.#lock = lock;
    this.#lockTimeout = lockTimeout;
  }

  async list(): Promise<string[]> {
    const names: string[] = [];
    const entries = this.#folder.entries();
    for (;;) {
      const { done, value } = await answerWithin(entries.next(), 'list the files of the store');
      if (done) return names;
      const [name, handle] = value;
      if (handle.kind === 'file' && name !== LOCK_FILE) names.push(name);
    }
  }

  async open(name: string, create: boolean): Promise<StoreFile | undefined> {
    const known = await this.#files.get(name);
    if (known) return known;
    const opening = this.#files.get(name) ?? this.#start(name, create);
    this.#files.set(name, opening);
    try {
      const file = await opening;
      if (file) return file;
    } catch (error) {
      this.#files.delete(name);
      throw error;
    }
    this.#files.delete(name);
    return create ? this.open(name, create) : undefined;
  }

  async sizeOf(name: string): Promise<number> {
    const open = (await this.#files.get(name)?.catch(() => undefined))?.openSize;
    if (open !== undefined) return open;
    const measured = this.#folder
      .getFileHandle(name)
      .then((handle) => handle.getFile())
      .then(
        ({ size }) => size,
        (error: unknown) => {
          if (error instanceof DOMException && error.name === 'NotFoundError') return 0;
          throw error;
        },
      );
    return answerWithin(measured, `tell the size of ${name}`);
  }

  async remove(name: string): Promise<void> {
    const file = await this.#files.get(name);
    this.#files.delete(name);
    if (file) {
      file.close();
      this.#open.delete(file);
    }
    try {
      await answerWithin(this.#folder.removeEntry(name), `remove ${name}`);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      for (const file of this.#open) file.close();
    } finally {
      this.#open.clear();
      this.#lock.close();
    }
  }

  async destroy(): Promise<void> {
    await this.close();
    await this.#root.removeEntry(folderName(this.#name), { recursive: true });
  }

  #handle(name: string, create: boolean): Promise<FileSystemSyncAccessHandle | undefined> {
    if (this.#closed) throw new StoreError('closed', `The store "${this.#name}" is closed; open it again.`);
    return openHandle(this.#folder, name, create, performance.now() + this.#lockTimeout, this.#name);
  }

  async #start(name: string, create: boolean): Promise<OpfsFile | undefined> {
    const file: OpfsFile = new OpfsFile(
      (mayCreate) => this.#handle(name, mayCreate),
      () => this.#touch(file),
    );
    return (await file.start(create)) ? file : undefined;
  }

  /** Puts a file last in the order of use and closes the handles of the first ones. */
  #touch(file: OpfsFile): void {
    this.#open.delete(file);
    this.#open.add(file);
    for (const idle of this.#open) {
      if (this.#open.size <= MOST_HANDLES) return;
      idle.close();
      this.#open.delete(idle);
    }
  }
}

/** A file whose handle may be closed when others are needed more, and is opened again at the next use. */
class OpfsFile implements StoreFile {
  readonly #reopen: (create: boolean) => Promise<FileSystemSyncAccessHandle | undefined>;
  readonly #used: () => void;
  #handle: FileSystemSyncAccessHandle | undefined;
  #opening: Promise<FileSystemSyncAccessHandle | undefined> | undefined;
  #dirty = false;

  constructor(
    reopen: (create: boolean) => Promise<FileSystemSyncAccessHandle | undefined>,
    used: () => void,
  ) {
    this.#reopen = reopen;
    this.#used = used;
  }

  async start(create: boolean): Promise<boolean> {
    this.#handle = await this.#reopen(create);
    if (this.#handle) this.#used();
    return this.#handle !== undefined;
  }

  /** Its size where it can be told without opening it again. */
  get openSize(): number | undefined {
    return this.#handle?.getSize();
  }

  async size(): Promise<number> {
    return (await this.#get()).getSize();
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const handle = await this.#get();
    const bytes = new Uint8Array(Math.max(0, Math.min(length, handle.getSize() - at)));
    const count = bytes.length === 0 ? 0 : handle.read(bytes, { at });
    return count === bytes.length ? bytes : bytes.slice(0, count);
  }

  write(at: number, bytes: Uint8Array): MaybePromise<void> {
    const handle = this.#ready();
    if (handle) this.#writeTo(handle, at, bytes);
    else return this.#get().then((opened) => this.#writeTo(opened, at, bytes));
  }

  #writeTo(handle: FileSystemSyncAccessHandle, at: number, bytes: Uint8Array): void {
    this.#dirty = true;
    const count = handle.write(bytes as Uint8Array<ArrayBuffer>, { at });
    if (count === bytes.length) return;
    // Chromium writes what fits and says so by the count.
    throw new DOMException(`Only ${count} of ${bytes.length} bytes were written.`, 'QuotaExceededError');
  }

  async truncate(size: number): Promise<void> {
    const handle = await this.#get();
    this.#dirty = true;
    handle.truncate(size);
  }

  flush(): MaybePromise<void> {
    if (!this.#handle && !this.#dirty) return;
    const handle = this.#ready();
    if (handle) this.#flushTo(handle);
    else return this.#get().then((opened) => this.#flushTo(opened));
  }

  #flushTo(handle: FileSystemSyncAccessHandle): void {
    handle.flush();
    this.#dirty = false;
  }

  close(): void {
    const handle = this.#handle;
    if (!handle) return;
    this.#handle = undefined;
    try {
      if (this.#dirty) handle.flush();
      this.#dirty = false;
    } finally {
      handle.close();
    }
  }

  /** The handle, where it is open: most calls need no wait. */
  #ready(): FileSystemSyncAccessHandle | undefined {
    if (this.#handle) this.#used();
    return this.#handle;
  }

  async #get(): Promise<FileSystemSyncAccessHandle> {
    const ready = this.#ready();
    if (ready) return ready;
    this.#used();
    this.#opening ??= this.#reopen(false).finally(() => (this.#opening = undefined));
    this.#handle = await this.#opening;
    if (!this.#handle) throw new StoreError('io', 'A file of the store was removed while it was in use.');
    return this.#handle;
  }
}

/** A dead worker's handles are freed a little late, so a lock is worth waiting for. */
async function openHandle(
  folder: FileSystemDirectoryHandle,
  file: string,
  create: boolean,
  deadline: number,
  store: string,
): Promise<FileSystemSyncAccessHandle | undefined> {
  for (;;) {
    try {
      const handle = await answerWithin(folder.getFileHandle(file, { create }), `find ${file}`);
      return await answerWithin(handle.createSyncAccessHandle(), `open ${file}`, (late) => late.close());
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (error.name === 'NotFoundError' && !create) return undefined;
      if (error.name !== 'NoModificationAllowedError') throw error;
      if (performance.now() >= deadline) {
        const message = `The store "${store}" is open in another tab or worker; close it there, or send your calls to it.`;
        throw new StoreError('locked', message, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
