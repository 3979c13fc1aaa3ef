import type { Checksum } from './checksum.ts';
import { FORMAT_VERSION } from './envelope.ts';
import { StoreError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { MANIFEST_NAMES, type Manifest, type ManifestReading } from './manifest.ts';
import { SectionReader } from './sections.ts';
import type { RecoveryFinding } from './types.ts';

/** Sections up to this size together are kept from checking until they are first asked for. */
const MOST_KEPT_BYTES = 512 * 1024 * 1024;

/** A readable manifest and where it stands. */
export interface Candidate {
  slot: 0 | 1;
  manifest: Manifest;
  salt: Uint8Array;
}

/** Sections that can be read. */
interface CheckedSections {
  readers: Map<string, SectionReader>;
  /** Contents as they were checked, to save reading them again. */
  warm: Map<string, Uint8Array>;
}

/** Readable manifests, newest first; refuses what a newer version wrote. */
export function goodManifests(readings: ManifestReading[], dataVersion: number): Candidate[] {
  const candidates: Candidate[] = [];
  readings.forEach((reading, slot) => {
    const name = MANIFEST_NAMES[slot]!;
    if (reading.state === 'newer') refuseNewer(name, reading.version, 0, dataVersion);
    if (reading.state !== 'good') return;
    refuseNewer(name, 0, reading.manifest.dataVersion, dataVersion);
    candidates.push({ slot: slot as 0 | 1, manifest: reading.manifest, salt: reading.salt });
  });
  return candidates.sort((a, b) => b.manifest.generation - a.manifest.generation);
}

/** Throws `store-newer` for what this version cannot read. */
export function refuseNewer(
  file: string,
  version: number,
  dataVersion: number,
  ourDataVersion: number,
): void {
  if (version <= FORMAT_VERSION && dataVersion <= ourDataVersion) return;
  const what =
    version > FORMAT_VERSION
      ? `format ${version}, this version reads up to ${FORMAT_VERSION}`
      : `data version ${dataVersion}, this version reads up to ${ourDataVersion}`;
  throw new StoreError(
    'store-newer',
    `A newer version wrote this store (${file} has ${what}). Nothing was changed; reload to get the newer version.`,
    {
      details: { file, version, dataVersion },
    },
  );
}

/** The newest checkpoint whose sections all check; throws `store-damaged` when there is none. */
export async function firstWholeCheckpoint(
  fileSystem: FileSystem,
  checksum: Checksum,
  candidates: Candidate[],
  findings: RecoveryFinding[],
  salvage: boolean,
): Promise<Candidate & CheckedSections & { fellBack: boolean }> {
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      const sections = await checkSections(fileSystem, checksum, candidate.manifest);
      return { ...candidate, ...sections, fellBack: reasons.length > 0 };
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'section-damaged') throw error;
      reasons.push(error.message);
      const file = String(error.details['file']);
      const message = `Checkpoint ${candidate.manifest.generation} cannot be used: ${error.message}`;
      findings.push({ severity: 'note', file, bytes: 0, message });
    }
  }
  if (salvage)
    return { ...candidates[0]!, ...(await salvageSections(fileSystem, checksum, candidates[0]!, findings)) };
  throw new StoreError(
    'store-damaged',
    `The store cannot be opened: ${reasons.join(' ')} Nothing was changed; restore a backup, salvage or destroy the store.`,
    { details: { checkpoints: reasons.length } },
  );
}

async function checkSections(
  fileSystem: FileSystem,
  checksum: Checksum,
  manifest: Manifest,
): Promise<CheckedSections> {
  const readers = new Map<string, SectionReader>();
  const warm = new Map<string, Uint8Array>();
  let kept = 0;
  for (const entry of manifest.sections) {
    const reader = await SectionReader.open(fileSystem, checksum, entry);
    readers.set(entry.name, reader);
    if (kept + entry.length <= MOST_KEPT_BYTES) {
      warm.set(entry.name, await reader.read(0, entry.length));
      kept += entry.length;
    } else await reader.check();
  }
  return { readers, warm };
}

/** Takes what is good of a checkpoint. */
async function salvageSections(
  fileSystem: FileSystem,
  checksum: Checksum,
  { manifest }: Candidate,
  findings: RecoveryFinding[],
): Promise<CheckedSections & { fellBack: true }> {
  const readers = new Map<string, SectionReader>();
  for (const entry of manifest.sections) {
    try {
      const reader = await SectionReader.open(fileSystem, checksum, entry);
      readers.set(entry.name, reader);
      await reader.check();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const file = String(error.details['file']);
      findings.push({ severity: 'loss', file, bytes: entry.length, message: error.message });
    }
  }
  return { fellBack: true, readers, warm: new Map() };
}
