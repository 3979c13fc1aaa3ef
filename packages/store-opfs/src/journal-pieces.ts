/** What stands before all pieces of a record, and before the bytes of each. */
const HEADER_LENGTH = 8;
const PIECE_HEADER_LENGTH = 16;

/** Bytes of a blob segment that the journal holds until they are flushed in their own file, too. */
export interface BlobPiece {
  segment: number;
  /** Where they belong in the file. */
  at: number;
  bytes: Uint8Array;
}

/** Bytes that pieces take in a record. */
export function piecesLength(pieces: readonly BlobPiece[]): number {
  if (pieces.length === 0) return 0;
  return pieces.reduce((sum, { bytes }) => sum + PIECE_HEADER_LENGTH + bytes.length, HEADER_LENGTH);
}

/**
 * length of all pieces u32 | reserved u32 | for each: segment u32, length u32, place f64, bytes.
 *
 * @returns parts that follow each other; the bytes of the pieces are not copied
 */
export function encodePieces(pieces: readonly BlobPiece[]): Uint8Array[] {
  const header = new Uint8Array(HEADER_LENGTH);
  new DataView(header.buffer).setUint32(0, piecesLength(pieces), true);
  const parts: Uint8Array[] = [header];
  for (const piece of pieces) {
    const before = new Uint8Array(PIECE_HEADER_LENGTH);
    const view = new DataView(before.buffer);
    view.setUint32(0, piece.segment, true);
    view.setUint32(4, piece.bytes.length, true);
    view.setFloat64(8, piece.at, true);
    parts.push(before, piece.bytes);
  }
  return parts;
}

/** Bytes of all pieces together, read where they begin. */
export function readPiecesLength(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
}

/** The pieces between two places of a journal, whose checksum has been checked. */
export function decodePieces(journal: Uint8Array, from: number, to: number): BlobPiece[] {
  const view = new DataView(journal.buffer, journal.byteOffset, journal.length);
  const pieces: BlobPiece[] = [];
  for (let at = from + HEADER_LENGTH; at < to;) {
    const start = at + PIECE_HEADER_LENGTH;
    const length = view.getUint32(at + 4, true);
    pieces.push({
      segment: view.getUint32(at, true),
      at: view.getFloat64(at + 8, true),
      bytes: journal.slice(start, start + length),
    });
    at = start + length;
  }
  return pieces;
}
