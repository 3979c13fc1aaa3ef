import type { Checksum } from './checksum.ts';

/** Version of the format that this code writes. */
export const FORMAT_VERSION = 2;

/** Length of what every file of a store begins with. */
export const ENVELOPE_LENGTH = 32;

/** Length of the random bytes that tell one store's records from another's. */
export const SALT_LENGTH = 8;

const MAGIC: Uint8Array = Uint8Array.of(0x42, 0x55, 0x52, 0x52, 0x4f, 0x57, 0x0d, 0x0a); // "BURROW\r\n"

export const FileKind = { manifest: 1, journal: 2, section: 3, segment: 4, cache: 5 } as const;
export type FileKind = (typeof FileKind)[keyof typeof FileKind];

/** The first 32 bytes of every file; this layout never changes, so that a version can always be told from damage. */
export interface Envelope {
  version: number;
  kind: number;
  /** Number of the file within its kind, a generation for manifests. */
  number: number;
  salt: Uint8Array;
}

export function encodeEnvelope(
  checksum: Checksum,
  kind: FileKind,
  number: number,
  salt: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(8, FORMAT_VERSION, true);
  view.setUint16(10, kind, true);
  view.setUint32(12, number, true);
  bytes.set(salt, 16);
  bytes.set(checksum.of(bytes.subarray(0, 24)), 24);
  return bytes;
}

/** Undefined when magic or checksum do not fit. A version is believed only under a right checksum. */
export function decodeEnvelope(checksum: Checksum, bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < ENVELOPE_LENGTH) return undefined;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[i] !== MAGIC[i]) return undefined;
  if (!checksum.matches(bytes, 24, bytes.subarray(0, 24))) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, ENVELOPE_LENGTH);
  return {
    version: view.getUint16(8, true),
    kind: view.getUint16(10, true),
    number: view.getUint32(12, true),
    salt: bytes.slice(16, 24),
  };
}
