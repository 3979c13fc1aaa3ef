import type { Checksum } from './checksum.ts';
import { ENVELOPE_LENGTH, FORMAT_VERSION, FileKind, decodeEnvelope, encodeEnvelope } from './envelope.ts';

/** Where the JSON of a manifest starts: envelope, length u32, reserved u32, checksum 8. */
const BODY = ENVELOPE_LENGTH + 16;

/** The two places that manifests alternate between. */
export const MANIFEST_NAMES: readonly [string, string] = ['manifest-0', 'manifest-1'];

/** One section of a checkpoint. */
export interface SectionEntry {
  name: string;
  /** Number of the file that holds it. */
  file: number;
  /** Length of the content in bytes. */
  length: number;
  /** Checksum over the checksums of its blocks, in hex. */
  root: string;
}

/** What belongs to one generation of a store. */
export interface Manifest {
  generation: number;
  /** Version of the host's data. */
  dataVersion: number;
  /** Records up to this sequence number are in the sections. */
  through: number;
  /** Journals with a lower number are not needed. */
  firstJournal: number;
  /** Segments and section files from these numbers on were begun after this manifest. */
  nextSegment: number;
  nextSection: number;
  segments: number[];
  sections: SectionEntry[];
}

export type ManifestReading =
  | { state: 'missing' }
  | { state: 'damaged'; reason: string }
  | { state: 'newer'; version: number }
  | { state: 'good'; manifest: Manifest; salt: Uint8Array };

export function encodeManifest(checksum: Checksum, salt: Uint8Array, manifest: Manifest): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(manifest));
  const bytes = new Uint8Array(BODY + body.length);
  bytes.set(encodeEnvelope(checksum, FileKind.manifest, manifest.generation, salt));
  new DataView(bytes.buffer).setUint32(ENVELOPE_LENGTH, body.length, true);
  bytes.set(body, BODY);
  bytes.set(checksum.of(bytes.subarray(0, ENVELOPE_LENGTH + 8), body), ENVELOPE_LENGTH + 8);
  return bytes;
}

/** Reads a manifest and says why where it cannot; `bytes` is undefined when there is no such file. */
export function decodeManifest(checksum: Checksum, bytes: Uint8Array | undefined): ManifestReading {
  if (!bytes) return { state: 'missing' };
  if (bytes.length === 0) return { state: 'damaged', reason: 'it is empty' };
  const envelope = decodeEnvelope(checksum, bytes);
  if (envelope?.kind !== FileKind.manifest) return { state: 'damaged', reason: 'its header is unreadable' };
  if (envelope.version > FORMAT_VERSION) return { state: 'newer', version: envelope.version };
  if (bytes.length < BODY) return { state: 'damaged', reason: 'it is cut short' };
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(ENVELOPE_LENGTH, true);
  if (bytes.length < BODY + length) return { state: 'damaged', reason: 'it is cut short' };
  const body = bytes.subarray(BODY, BODY + length);
  if (!checksum.matches(bytes, ENVELOPE_LENGTH + 8, bytes.subarray(0, ENVELOPE_LENGTH + 8), body)) {
    return { state: 'damaged', reason: 'its checksum does not match' };
  }
  return {
    state: 'good',
    manifest: JSON.parse(new TextDecoder().decode(body)) as Manifest,
    salt: envelope.salt,
  };
}
