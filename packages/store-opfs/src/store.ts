import type { BlobSegments } from './blobs.ts';
import type { Checksum } from './checksum.ts';
import type { Checkpoints } from './checkpoint.ts';
import { compactBlobs } from './compact.ts';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreKind } from './file-system.ts';
import type { Journal } from './journal.ts';
import { estimateOrigin, explain, requestPersistence } from './quota.ts';
import type { Recovered } from './recovery.ts';
import { replayRecords } from './replay.ts';
import type {
  BlobRef,
  CheckpointOptions,
  CompactOptions,
  RecoveryReport,
  Store,
  StoreEstimate,
  StoreOptions,
} from './types.ts';

/** What an open store is made of. */
export interface StoreParts {
  name: string;
  fileSystem: FileSystem;
  checksum: Checksum;
  recovered: Recovered;
  blobs: BlobSegments;
  journal: Journal;
  checkpoints: Checkpoints;
  report: RecoveryReport;
  makeRoom: StoreOptions['makeRoom'];
}

/** An open store: checks that it is open, names errors, and leaves the work to its parts. */
export class BurrowStore implements Store {
  readonly name: string;
  readonly kind: StoreKind;
  readonly report: RecoveryReport;
  readonly dataVersion: number | undefined;
  readonly #parts: StoreParts;
  #open = true;
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.kind = parts.fileSystem.kind;
    this.report = parts.report;
    this.dataVersion = parts.recovered.dataVersion;
  }

  get sequence(): number {
    return this.#parts.journal.sequence;
  }

  get journalBytes(): number {
    return this.#parts.journal.bytes;
  }

  get segments(): ReadonlyMap<number, number> {
    return this.#parts.blobs.sizes;
  }

  putBlobs(blobs: Uint8Array[]): Promise<BlobRef[]> {
    const bytes = blobs.reduce((sum, blob) => sum + blob.length, 0);
    return this.#run('storing texts', bytes, () => this.#parts.blobs.put(blobs));
  }

  getBlob(ref: BlobRef): Promise<Uint8Array> {
    return this.#run('reading a text', 0, () => this.#parts.blobs.get(ref));
  }

  append(records: Uint8Array[]): Promise<number> {
    const bytes = records.reduce((sum, record) => sum + record.length, 0);
    this.#parts.checkpoints.releaseWarm();
    return this.#run('appending to the journal', bytes, () => this.#parts.journal.append(records));
  }

  flush(): Promise<void> {
    return this.#run('flushing the journal', 0, () => this.#parts.journal.flush());
  }

  async *replay(): AsyncIterableIterator<Uint8Array> {
    this.#check();
    const { fileSystem, checksum, recovered, journal, checkpoints } = this.#parts;
    await this.#run('reading the journal', 0, () => journal.flush());
    try {
      yield* replayRecords(fileSystem, checksum, recovered.salt, {
        through: checkpoints.manifest.through,
        last: journal.sequence,
        lost: recovered.assembled.lost,
        files: journal.files,
        check: () => this.#check(),
      });
    } catch (error) {
      throw await explain(error, 'reading the journal', 0);
    }
  }

  checkpoint(sections: ReadonlyMap<string, Uint8Array>, options: CheckpointOptions = {}): Promise<void> {
    const bytes = [...sections.values()].reduce((sum, section) => sum + section.length, 0);
    return this.#run('writing a checkpoint', bytes, () => this.#parts.checkpoints.write(sections, options));
  }

  sections(): ReadonlyMap<string, number> {
    this.#check();
    return this.#parts.checkpoints.lengths();
  }

  section(name: string): Promise<Uint8Array | undefined> {
    return this.#run('reading a section', 0, () => this.#parts.checkpoints.section(name));
  }

  readSection(name: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    return this.#run('reading a section', 0, () => this.#parts.checkpoints.readSection(name, offset, length));
  }

  compactBlobs(live: BlobRef[], options: CompactOptions = {}): Promise<BlobRef[]> {
    return this.#run('compacting texts', 0, () => compactBlobs(this.#parts.blobs, live, options));
  }

  estimate(): Promise<StoreEstimate> {
    return this.#run('estimating', 0, async () => ({
      stored: await this.#parts.checkpoints.storedBytes(),
      ...(await estimateOrigin()),
    }));
  }

  persist(): Promise<boolean> {
    return requestPersistence();
  }

  close(): Promise<void> {
    this.#open = false;
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const { journal, checkpoints, fileSystem, name } = this.#parts;
    try {
      await checkpoints.idle();
      await journal.close();
    } catch (error) {
      throw await explain(error, `closing the store "${name}"`, 0);
    } finally {
      await fileSystem.close();
    }
  }

  async destroy(): Promise<void> {
    const { journal, checkpoints, fileSystem, name } = this.#parts;
    this.#open = false;
    await this.#closing?.catch(() => undefined);
    this.#closing = Promise.resolve();
    await checkpoints.idle();
    await journal.close().catch(() => undefined);
    try {
      await fileSystem.destroy();
    } catch (error) {
      throw await explain(error, `removing the store "${name}"`, 0);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run<T>(doing: string, neededBytes: number, task: () => Promise<T>): Promise<T> {
    this.#check();
    try {
      return await task();
    } catch (error) {
      const explained = await explain(error, doing, neededBytes);
      if (!(await this.#madeRoom(explained))) throw explained;
      this.#check();
    }
    try {
      return await task();
    } catch (error) {
      throw await explain(error, doing, neededBytes);
    }
  }

  /** Data comes before caches: where the host can free room, it is asked to, once. */
  async #madeRoom(error: Error): Promise<boolean> {
    if (!(error instanceof StoreError) || error.code !== 'quota-exceeded') return false;
    const freed = await this.#parts.makeRoom?.(Number(error.details['missingBytes'])).catch(() => 0);
    return freed !== undefined && freed > 0;
  }

  #check(): void {
    if (!this.#open) throw new StoreError('closed', `The store "${this.name}" is closed; open it again.`);
  }
}
