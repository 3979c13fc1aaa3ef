import { BlobSegments, segmentFileName } from './blobs.ts';
import { type Checksum, loadChecksum } from './checksum.ts';
import { Checkpoints } from './checkpoint.ts';
import { compactBlobs } from './compact.ts';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreFile, StoreKind } from './file-system.ts';
import { Journal, journalFileName } from './journal.ts';
import { estimateOrigin, explain, requestPersistence } from './quota.ts';
import { type Recovered, recover } from './recovery.ts';
import { writeReport } from './report.ts';
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

export const STORE_DEFAULTS: Required<Omit<StoreOptions, 'kind'>> = {
  durability: 'strict',
  version: 1,
  lockTimeout: 2000,
  flushDelay: 200,
  salvage: false,
  segmentBytes: 16 * 1024 * 1024,
  journalBytes: 8 * 1024 * 1024,
};

/** Opens a store on a file system that is already locked; takes it over, and closes it where opening fails. */
export async function openStoreOn(
  name: string,
  fileSystem: FileSystem,
  options: StoreOptions = {},
  kindReasons: string[] = [],
): Promise<Store> {
  const settings = { ...STORE_DEFAULTS, ...definedOnly(options) };
  try {
    if (!Number.isInteger(settings.version) || settings.version < 0 || settings.version > 2 ** 31) {
      throw new StoreError('invalid-argument', `version must be a whole number, got ${settings.version}.`);
    }
    const checksum = await loadChecksum();
    const recovered = await recover(fileSystem, checksum, settings);
    return await BurrowStore.start(name, fileSystem, checksum, recovered, settings, kindReasons);
  } catch (error) {
    await Promise.resolve(fileSystem.close()).catch(() => undefined);
    throw await explain(error, `opening the store "${name}"`, 4096);
  }
}

interface Parts {
  name: string;
  fileSystem: FileSystem;
  checksum: Checksum;
  recovered: Recovered;
  blobs: BlobSegments;
  journal: Journal;
  checkpoints: Checkpoints;
  report: RecoveryReport;
}

class BurrowStore implements Store {
  readonly name: string;
  readonly kind: StoreKind;
  readonly report: RecoveryReport;
  readonly dataVersion: number | undefined;
  readonly #parts: Parts;
  #open = true;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.name;
    this.kind = parts.fileSystem.kind;
    this.report = parts.report;
    this.dataVersion = parts.recovered.dataVersion;
  }

  static async start(
    name: string,
    fileSystem: FileSystem,
    checksum: Checksum,
    recovered: Recovered,
    settings: typeof STORE_DEFAULTS,
    kindReasons: string[],
  ): Promise<Store> {
    const { salt, assembled, segmentSizes } = recovered;
    const blobs = new BlobSegments(fileSystem, checksum, salt, {
      sizes: segmentSizes,
      next: recovered.nextSegment,
      rollAt: settings.segmentBytes,
    });
    const newestSegment = Math.max(0, ...segmentSizes.keys());
    await blobs.resume(newestSegment);
    const newestJournal = recovered.journals.at(-1);
    if (!assembled.flushed) {
      // Found whole, but perhaps never flushed: what replay shows must not vanish later.
      await (await openFile(fileSystem, segmentFileName(newestSegment)))?.flush();
      await (await openFile(fileSystem, journalFileName(newestJournal!.id)))?.flush();
    }
    const canResume = assembled.cleanEnd && newestJournal?.header?.dataVersion === settings.version;
    const journal = new Journal(
      fileSystem,
      checksum,
      salt,
      {
        lastId: recovered.lastJournal,
        resume: canResume ? await openFile(fileSystem, journalFileName(newestJournal!.id)) : undefined,
        sequence: assembled.sequence,
        files: recovered.journals.map(({ id, size, header, scan }) => ({
          id,
          size,
          firstSequence: header?.firstSequence ?? scan.records[0]?.sequence ?? assembled.sequence + 1,
        })),
      },
      {
        durability: settings.durability,
        flushDelay: settings.flushDelay,
        journalBytes: settings.journalBytes,
        dataVersion: settings.version,
        flushBlobs: () => blobs.flush(),
      },
    );
    const checkpoints = new Checkpoints(fileSystem, checksum, recovered, blobs, journal, settings.version);
    if (!recovered.fellBack) await checkpoints.collectGarbage();
    const report = writeReport(recovered, fileSystem.kind, kindReasons);
    return new BurrowStore({ name, fileSystem, checksum, recovered, blobs, journal, checkpoints, report });
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

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
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
      throw await explain(error, doing, neededBytes);
    }
  }

  #check(): void {
    if (!this.#open) throw new StoreError('closed', `The store "${this.name}" is closed; open it again.`);
  }
}

async function openFile(fileSystem: FileSystem, name: string): Promise<StoreFile | undefined> {
  return fileSystem.open(name, false);
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
