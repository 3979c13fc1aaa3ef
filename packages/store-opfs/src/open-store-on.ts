import { journaledPieces } from './blob-recovery.ts';
import { BlobSegments } from './blobs.ts';
import { type Checksum, loadChecksum } from './checksum.ts';
import { Checkpoints } from './checkpoint.ts';
import { FORMAT_VERSION } from './envelope.ts';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import { Journal } from './journal.ts';
import { journalFileName } from './journal-writer.ts';
import { MANIFEST_NAMES } from './manifest.ts';
import { explain } from './quota.ts';
import { type Recovered, recover } from './recovery.ts';
import { writeReport } from './report.ts';
import { BurrowStore } from './store.ts';
import type { Store, StoreOptions } from './types.ts';

type Settings = Required<Omit<StoreOptions, 'kind' | 'makeRoom'>> & Pick<StoreOptions, 'makeRoom'>;

export const STORE_DEFAULTS: Settings = {
  durability: 'strict',
  version: 1,
  lockTimeout: 2000,
  flushDelay: 200,
  salvage: false,
  segmentBytes: 16 * 1024 * 1024,
  journalBytes: 8 * 1024 * 1024,
  inlineBlobBytes: 64 * 1024,
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
    return await startStore(name, fileSystem, checksum, recovered, settings, kindReasons);
  } catch (error) {
    await Promise.resolve(fileSystem.close()).catch(() => undefined);
    throw await explain(error, `opening the store "${name}"`, 4096);
  }
}

async function startStore(
  name: string,
  fileSystem: FileSystem,
  checksum: Checksum,
  recovered: Recovered,
  settings: Settings,
  kindReasons: string[],
): Promise<Store> {
  const { salt, assembled, segmentSizes } = recovered;
  const newestJournal = recovered.journals.at(-1);
  // Found whole, but perhaps never flushed, if the process was killed: what is built upon must not vanish later.
  if (recovered.outcome !== 'created')
    await (await openFile(fileSystem, MANIFEST_NAMES[recovered.slot]))?.flush();
  if (!assembled.flushed) await (await openFile(fileSystem, journalFileName(newestJournal!.id)))?.flush();
  const blobs = new BlobSegments(fileSystem, checksum, salt, {
    sizes: segmentSizes,
    next: recovered.nextSegment,
    rollAt: settings.segmentBytes,
    mostInline: settings.inlineBlobBytes,
  });
  await blobs.adopt(journaledPieces(fileSystem, assembled.records));
  await blobs.resume(Math.max(0, ...segmentSizes.keys()));
  const header = newestJournal?.header;
  const canResume =
    assembled.cleanEnd && header?.dataVersion === settings.version && header.version === FORMAT_VERSION;
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
      looseBlobs: () => blobs.loose(),
      noteJournaled: (pieces) => blobs.noteJournaled(pieces),
    },
  );
  const checkpoints = new Checkpoints(fileSystem, checksum, recovered, blobs, journal, settings.version);
  if (!recovered.fellBack) await checkpoints.collectGarbage();
  const report = writeReport(recovered, fileSystem.kind, kindReasons);
  const { makeRoom } = settings;
  return new BurrowStore({
    name,
    fileSystem,
    checksum,
    recovered,
    blobs,
    journal,
    checkpoints,
    report,
    makeRoom,
  });
}

async function openFile(fileSystem: FileSystem, name: string): Promise<StoreFile | undefined> {
  return fileSystem.open(name, false);
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
