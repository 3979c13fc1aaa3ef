import { CHECKSUM_LENGTH, type Checksum } from './checksum.ts';
import { FileKind, decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { type BlobPiece, encodePieces, piecesLength, readPiecesLength } from './journal-pieces.ts';

/** A journal file begins with two equal copies of its header, so that one bad byte there costs nothing. */
const HEADER_COPY_LENGTH = 64;
export const JOURNAL_HEADER_LENGTH: number = 2 * HEADER_COPY_LENGTH;

/** What stands before the payload of every record. */
export const FRAME_LENGTH = 32;

const MARK: Uint8Array = Uint8Array.of(0xf5, 0x9d, 0x52, 0xec, 0x0a, 0xb7, 0x1c, 0xd3);
const FIRST_OF_BATCH = 1;
const LAST_OF_BATCH = 2;
const COMMIT = 4;
/** The payload begins with pieces of blob segments; the record itself follows. */
const WITH_PIECES = 8;

export interface JournalHeader {
  /** Sequence number of the first record; records of earlier journals from here on are void. */
  firstSequence: number;
  /** Version of the host's data. */
  dataVersion: number;
  /** Version of the file format. */
  version: number;
}

/** A whole record found in a journal. */
export interface JournalRecord {
  sequence: number;
  /** Where the record itself starts in the file. */
  offset: number;
  length: number;
  /** Where the pieces of blob segments start that came with it; they end at `offset`. */
  pieces?: number;
  /** Begins a batch that is acknowledged as a whole. */
  first: boolean;
  /** Ends it. */
  last: boolean;
}

export interface JournalScan {
  records: JournalRecord[];
  /** Ranges of bytes that are no record; `before` counts the records found in front of each. */
  gaps: { from: number; to: number; before: number }[];
  /** The highest sequence number known to have been flushed, 0 for none. */
  flushedThrough: number;
}

/** What ties frames to their place: copies of a frame elsewhere never pass for records. */
export interface JournalPlace {
  salt: Uint8Array;
  id: number;
}

export function encodeJournalHeader(
  checksum: Checksum,
  { salt, id }: JournalPlace,
  header: Omit<JournalHeader, 'version'>,
): Uint8Array {
  const copy = new Uint8Array(HEADER_COPY_LENGTH);
  const view = new DataView(copy.buffer);
  copy.set(encodeEnvelope(checksum, FileKind.journal, id, salt));
  writeUint48(view, 32, header.firstSequence);
  view.setUint32(40, header.dataVersion, true);
  copy.set(checksum.of(copy.subarray(0, 48)), 48);
  const bytes = new Uint8Array(JOURNAL_HEADER_LENGTH);
  bytes.set(copy);
  bytes.set(copy, HEADER_COPY_LENGTH);
  return bytes;
}

/** Undefined when neither copy of the header is good. */
export function decodeJournalHeader(checksum: Checksum, bytes: Uint8Array): JournalHeader | undefined {
  for (const at of [0, HEADER_COPY_LENGTH]) {
    const copy = bytes.subarray(at, at + HEADER_COPY_LENGTH);
    const envelope = decodeEnvelope(checksum, copy);
    if (envelope?.kind !== FileKind.journal) continue;
    if (!checksum.matches(copy, 48, copy.subarray(0, 48))) continue;
    const view = new DataView(copy.buffer, copy.byteOffset, copy.length);
    return {
      version: envelope.version,
      firstSequence: readUint48(view, 32),
      dataVersion: view.getUint32(40, true),
    };
  }
  return undefined;
}

/** Bytes that a batch takes in the journal, with pieces that travel with it. */
export function batchLength(records: Uint8Array[], pieces: readonly BlobPiece[] = []): number {
  return records.reduce((sum, record) => sum + FRAME_LENGTH + record.length, piecesLength(pieces));
}

/**
 * Writes one batch into `target` at `at`; `fileOffset` is where `target` begins in the file. Pieces go into the frame of
 * the first record: it is never there without them.
 */
export function encodeBatch(
  checksum: Checksum,
  place: JournalPlace,
  records: Uint8Array[],
  firstSequence: number,
  target: Uint8Array,
  at: number,
  fileOffset: number,
  pieces: readonly BlobPiece[] = [],
): number {
  records.forEach((record, index) => {
    const payload = index === 0 && pieces.length > 0 ? [...encodePieces(pieces), record] : [record];
    const flags =
      (index === 0 ? FIRST_OF_BATCH : 0) |
      (index === records.length - 1 ? LAST_OF_BATCH : 0) |
      (payload.length > 1 ? WITH_PIECES : 0);
    const frame = { flags, sequence: firstSequence + index, payload };
    at = encodeFrame(checksum, place, frame, target, at, fileOffset);
  });
  return at;
}

/** A frame without payload that says: everything up to `sequence` has been flushed. */
export function encodeCommit(
  checksum: Checksum,
  place: JournalPlace,
  sequence: number,
  fileOffset: number,
): Uint8Array {
  const bytes = new Uint8Array(FRAME_LENGTH);
  encodeFrame(checksum, place, { flags: COMMIT, sequence, payload: [] }, bytes, 0, fileOffset);
  return bytes;
}

/** Finds every whole record of a journal file; after a bad one it goes on at the next mark. */
export function scanJournal(checksum: Checksum, place: JournalPlace, bytes: Uint8Array): JournalScan {
  const scan: JournalScan = { records: [], gaps: [], flushedThrough: 0 };
  let at = Math.min(JOURNAL_HEADER_LENGTH, bytes.length);
  let gapFrom = -1;
  while (at < bytes.length) {
    const frame = decodeFrame(checksum, place, bytes, at);
    if (!frame) {
      if (gapFrom < 0) gapFrom = at;
      at = nextMark(bytes, at + 1);
      continue;
    }
    if (gapFrom >= 0) scan.gaps.push({ from: gapFrom, to: at, before: scan.records.length });
    gapFrom = -1;
    const { flags, sequence, length } = frame;
    if (flags & COMMIT) scan.flushedThrough = Math.max(scan.flushedThrough, sequence);
    else {
      const [first, last] = [(flags & FIRST_OF_BATCH) !== 0, (flags & LAST_OF_BATCH) !== 0];
      const start = at + FRAME_LENGTH;
      if (flags & WITH_PIECES) {
        const offset = start + readPiecesLength(bytes, start);
        scan.records.push({ sequence, offset, length: start + length - offset, first, last, pieces: start });
      } else scan.records.push({ sequence, offset: start, length, first, last });
    }
    at += FRAME_LENGTH + length;
  }
  if (gapFrom >= 0) scan.gaps.push({ from: gapFrom, to: bytes.length, before: scan.records.length });
  return scan;
}

interface Frame {
  flags: number;
  sequence: number;
  /** Parts that follow each other. */
  payload: Uint8Array[];
}

/**
 * mark 8 | length u32 | flags u16 | sequence u48 | check of the header u32 | checksum of the payload 8.
 * The header has a check of its own, so that a false length is found before anything is read by it.
 */
function encodeFrame(
  checksum: Checksum,
  place: JournalPlace,
  { flags, sequence, payload }: Frame,
  target: Uint8Array,
  at: number,
  fileOffset: number,
): number {
  const view = new DataView(target.buffer, target.byteOffset + at, FRAME_LENGTH);
  target.set(MARK, at);
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  view.setUint32(8, length, true);
  view.setUint16(12, flags, true);
  view.setUint16(14, Math.floor(sequence / 2 ** 32), true);
  view.setUint32(16, sequence >>> 0, true);
  target.set(headerCheck(checksum, place, target.subarray(at, at + 20), fileOffset + at), at + 20);
  target.set(checksum.of(place.salt, ...payload), at + 24);
  let end = at + FRAME_LENGTH;
  for (const part of payload) {
    target.set(part, end);
    end += part.length;
  }
  return end;
}

function decodeFrame(
  checksum: Checksum,
  place: JournalPlace,
  bytes: Uint8Array,
  at: number,
): { flags: number; sequence: number; length: number } | undefined {
  if (at + FRAME_LENGTH > bytes.length) return undefined;
  for (let i = 0; i < MARK.length; i++) if (bytes[at + i] !== MARK[i]) return undefined;
  const check = headerCheck(checksum, place, bytes.subarray(at, at + 20), at);
  for (let i = 0; i < check.length; i++) if (bytes[at + 20 + i] !== check[i]) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_LENGTH);
  const length = view.getUint32(8, true);
  const start = at + FRAME_LENGTH;
  if (start + length > bytes.length) return undefined;
  const payload = bytes.subarray(start, start + length);
  if (!checksum.matches(bytes, at + FRAME_LENGTH - CHECKSUM_LENGTH, place.salt, payload)) return undefined;
  return {
    flags: view.getUint16(12, true),
    sequence: view.getUint16(14, true) * 2 ** 32 + view.getUint32(16, true),
    length,
  };
}

function headerCheck(
  checksum: Checksum,
  { salt, id }: JournalPlace,
  header: Uint8Array,
  offset: number,
): Uint8Array {
  const position = new Uint8Array(16);
  const view = new DataView(position.buffer);
  view.setUint32(0, id, true);
  writeUint48(view, 8, offset);
  return checksum.of(salt, position, header).subarray(0, 4);
}

function nextMark(bytes: Uint8Array, from: number): number {
  const [lead] = MARK;
  for (let at = bytes.indexOf(lead!, from); at >= 0; at = bytes.indexOf(lead!, at + 1)) {
    let i = 1;
    while (i < MARK.length && bytes[at + i] === MARK[i]) i++;
    if (i === MARK.length) return at;
  }
  return bytes.length;
}

function writeUint48(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

function readUint48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
