import { segmentFileName } from './blobs.ts';
import type { Checksum } from './checksum.ts';
import { firstWholeCheckpoint, goodManifests, refuseNewer } from './checkpoint-recovery.ts';
import { ENVELOPE_LENGTH, SALT_LENGTH, decodeEnvelope } from './envelope.ts';
import { StoreError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { type AssembledRecords, type ScannedJournal, assembleRecords } from './journal-recovery.ts';
import { journalFileName } from './journal-writer.ts';
import { decodeJournalHeader, scanJournal } from './journal-format.ts';
import {
  MANIFEST_NAMES,
  type Manifest,
  type ManifestReading,
  decodeManifest,
  encodeManifest,
} from './manifest.ts';
import type { SectionReader } from './sections.ts';
import type { RecoveryFinding } from './types.ts';

/** Everything that opening a store finds out. */
export interface Recovered {
  outcome: 'created' | 'clean' | 'recovered';
  salt: Uint8Array;
  manifest: Manifest;
  /** Place of that manifest; the next one goes to the other. */
  slot: 0 | 1;
  /** The manifest in the other place, if it can be used. */
  previous: Manifest | undefined;
  /** An older checkpoint had to be used: nothing may be removed before the next one is complete. */
  fellBack: boolean;
  readers: Map<string, SectionReader>;
  /** Contents of sections as they were checked, to save reading them again. */
  warm: Map<string, Uint8Array>;
  journals: ScannedJournal[];
  assembled: AssembledRecords;
  segmentSizes: Map<number, number>;
  nextSegment: number;
  nextSection: number;
  lastJournal: number;
  dataVersion: number | undefined;
  findings: RecoveryFinding[];
}

/** Reads a store, or creates one where there is nothing at all. Writes nothing unless it creates. */
export async function recover(
  fileSystem: FileSystem,
  checksum: Checksum,
  { version: dataVersion, salvage }: { version: number; salvage: boolean },
): Promise<Recovered> {
  const names = new Set(await fileSystem.list());
  const readings = await Promise.all(
    MANIFEST_NAMES.map(async (name) => decodeManifest(checksum, await readAll(fileSystem, name))),
  );
  const findings: RecoveryFinding[] = [];
  const candidates = goodManifests(readings, dataVersion);
  if (candidates.length === 0) {
    const data = [...names].filter((name) => /^(journal|section|blobs)-/.test(name));
    if (data.length > 0) {
      const reasons = readings
        .map((reading, i) => `${MANIFEST_NAMES[i]} is ${describe(reading)}`)
        .join(' and ');
      throw new StoreError(
        'store-damaged',
        `The store cannot be opened: ${reasons}, though there are ${data.length} files of data. Nothing was changed; restore a backup or destroy the store.`,
        { details: { files: data.length } },
      );
    }
    return create(fileSystem, checksum, dataVersion);
  }
  readings.forEach((reading, i) => {
    if (reading.state !== 'damaged') return;
    const file = MANIFEST_NAMES[i]!;
    const message = `${file} is unreadable (${reading.reason}); a checkpoint was interrupted there or it was damaged, and the other one is used.`;
    findings.push({ severity: 'note', file, bytes: 0, message });
  });
  const chosen = await firstWholeCheckpoint(fileSystem, checksum, candidates, findings, salvage);
  const { manifest, salt } = chosen;
  const other = candidates.find((candidate) => candidate.slot !== chosen.slot);

  const segmentSizes = new Map<number, number>();
  for (const segment of numbersOf(names, 'blobs')) {
    const size = (await (await fileSystem.open(segmentFileName(segment), false))?.size()) ?? 0;
    // One that was just being begun holds nothing; it is no part of the next checkpoint, and goes with it.
    if (size >= ENVELOPE_LENGTH || manifest.segments.includes(segment)) segmentSizes.set(segment, size);
  }
  for (const segment of manifest.segments) {
    if ((segmentSizes.get(segment) ?? 0) >= ENVELOPE_LENGTH) continue;
    const file = segmentFileName(segment);
    const message = `${file} is missing; the texts in it are lost, except those that the journal has.`;
    findings.push({ severity: 'loss', file, bytes: 0, message });
  }

  const journalIds = numbersOf(names, 'journal').filter((id) => id >= manifest.firstJournal);
  const journals: ScannedJournal[] = [];
  let found = manifest.dataVersion;
  for (const id of journalIds) {
    const bytes = (await readAll(fileSystem, journalFileName(id)))!;
    const header = decodeJournalHeader(checksum, bytes);
    refuseNewer(
      journalFileName(id),
      decodeEnvelope(checksum, bytes)?.version ?? 0,
      header?.dataVersion ?? 0,
      dataVersion,
    );
    found = Math.max(found, header?.dataVersion ?? 0);
    journals.push({ id, size: bytes.length, header, scan: scanJournal(checksum, { salt, id }, bytes) });
  }
  const assembled = assembleRecords(journals, manifest.through);
  findings.push(...assembled.findings);
  return {
    outcome: findings.length === 0 ? 'clean' : 'recovered',
    salt,
    manifest,
    slot: chosen.slot,
    previous: other && other.manifest.generation < manifest.generation ? other.manifest : undefined,
    fellBack: chosen.fellBack || readings.some((reading) => reading.state === 'damaged'),
    readers: chosen.readers,
    warm: chosen.warm,
    journals,
    assembled,
    segmentSizes,
    nextSegment: nextNumber(
      names,
      'blobs',
      candidates.map((candidate) => candidate.manifest.nextSegment),
    ),
    nextSection: nextNumber(
      names,
      'section',
      candidates.map((candidate) => candidate.manifest.nextSection),
    ),
    lastJournal:
      nextNumber(
        names,
        'journal',
        candidates.map((candidate) => candidate.manifest.firstJournal),
      ) - 1,
    dataVersion: found,
    findings,
  };
}

/** Numbers of all files of a kind, in order. */
export function numbersOf(names: Iterable<string>, kind: 'journal' | 'section' | 'blobs'): number[] {
  const numbers: number[] = [];
  for (const name of names) {
    const match = /^([a-z]+)-(\d+)$/.exec(name);
    if (match?.[1] === kind) numbers.push(Number(match[2]));
  }
  return numbers.sort((a, b) => a - b);
}

export async function readAll(fileSystem: FileSystem, name: string): Promise<Uint8Array | undefined> {
  const file = await fileSystem.open(name, false);
  return file && file.read(0, await file.size());
}

async function create(fileSystem: FileSystem, checksum: Checksum, dataVersion: number): Promise<Recovered> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const manifest: Manifest = {
    generation: 1,
    dataVersion,
    through: 0,
    firstJournal: 1,
    nextSegment: 1,
    nextSection: 1,
    segments: [],
    sections: [],
  };
  const slot = 1;
  const file = (await fileSystem.open(MANIFEST_NAMES[slot], true))!;
  await file.truncate(0);
  await file.write(0, encodeManifest(checksum, salt, manifest));
  await file.flush();
  return {
    outcome: 'created',
    salt,
    manifest,
    slot,
    previous: undefined,
    fellBack: false,
    readers: new Map(),
    warm: new Map(),
    journals: [],
    assembled: { records: [], lost: [], findings: [], sequence: 0, cleanEnd: true, flushed: true },
    segmentSizes: new Map(),
    nextSegment: 1,
    nextSection: 1,
    lastJournal: 0,
    dataVersion: undefined,
    findings: [],
  };
}

function nextNumber(names: Iterable<string>, kind: 'journal' | 'section' | 'blobs', known: number[]): number {
  return Math.max(1, ...known, ...numbersOf(names, kind).map((number) => number + 1));
}

function describe(reading: ManifestReading): string {
  return reading.state === 'damaged' ? `unreadable (${reading.reason})` : reading.state;
}
