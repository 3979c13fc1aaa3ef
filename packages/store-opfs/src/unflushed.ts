import type { StoreFile } from './file-system.ts';
import type { BlobPiece } from './journal-pieces.ts';

/** A piece of a segment that may still be lost, or is in memory alone. */
export interface UnflushedPiece extends BlobPiece {
  file: StoreFile;
  /** Whether the file has it, though perhaps not on the device. */
  written: boolean;
}

/** So many bytes are written at once. */
const LONGEST_WRITE = 1024 * 1024;

/**
 * What blob segments got since the last flush, kept until that succeeds: a failed flush may have lost it. Small pieces are
 * written only then, many with one call. Each piece is *loose* until it is flushed, or a record of the journal has it, too.
 * The caller sees to it that nothing is added while a flush runs.
 */
export class UnflushedPieces {
  /** In the order of segments and places. */
  #pieces: UnflushedPiece[] = [];
  /** So many of them, from the first, are in the journal. */
  #journaled = 0;
  #bytes = 0;
  #looseBytes = 0;

  /** Bytes that are kept in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those of them that are in the journal neither. */
  get looseBytes(): number {
    return this.#looseBytes;
  }

  loose(): BlobPiece[] {
    return this.#pieces.slice(this.#journaled);
  }

  add(piece: UnflushedPiece): void {
    this.#pieces.push(piece);
    this.#bytes += piece.bytes.length;
    this.#looseBytes += piece.bytes.length;
  }

  /** The journal has these pieces now, which `loose` gave: they are as safe as the record they came with. */
  noteJournaled(pieces: readonly BlobPiece[]): void {
    const last = pieces.at(-1);
    // Flushed meanwhile: then it is not there.
    const end = last ? this.#pieces.indexOf(last as UnflushedPiece, this.#journaled) + 1 : 0;
    for (; this.#journaled < end; this.#journaled++)
      this.#looseBytes -= this.#pieces[this.#journaled]!.bytes.length;
  }

  /** A copy of bytes of a segment, if they are here. */
  read(segment: number, at: number, length: number): Uint8Array | undefined {
    // The last piece that begins at or before that place.
    let [low, high] = [0, this.#pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle]!;
      if (piece.segment < segment || (piece.segment === segment && piece.at <= at)) low = middle + 1;
      else high = middle;
    }
    const piece = this.#pieces[low - 1];
    if (piece?.segment !== segment || piece.at + piece.bytes.length < at + length) return undefined;
    return piece.bytes.slice(at - piece.at, at - piece.at + length);
  }

  /** Forgets the pieces of a segment that is removed. */
  drop(segment: number): void {
    const kept = (piece: BlobPiece): boolean => piece.segment !== segment;
    this.#journaled = this.#pieces.slice(0, this.#journaled).filter(kept).length;
    this.#pieces = this.#pieces.filter(kept);
    this.#bytes = lengthOf(this.#pieces);
    this.#looseBytes = lengthOf(this.loose());
  }

  /** Returns when everything is on the device; after a failure everything is written again at the next try. */
  async flush(): Promise<void> {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    try {
      await writeRuns(pieces.filter(({ written }) => !written));
      for (const file of new Set(pieces.map(({ file }) => file))) await file.flush();
    } catch (error) {
      for (const piece of pieces) piece.written = false;
      throw error;
    }
    this.#pieces = [];
    this.#journaled = this.#bytes = this.#looseBytes = 0;
  }
}

/** Writes pieces; those that follow each other with one call. */
async function writeRuns(pieces: UnflushedPiece[]): Promise<void> {
  for (let from = 0; from < pieces.length;) {
    const first = pieces[from]!;
    let to = from + 1;
    let length = first.bytes.length;
    for (let next = pieces[to]; next; next = pieces[++to]) {
      if (next.file !== first.file || next.at !== first.at + length || length > LONGEST_WRITE) break;
      length += next.bytes.length;
    }
    const run = pieces.slice(from, to);
    await first.file.write(first.at, run.length === 1 ? first.bytes : joined(run, length));
    for (const piece of run) piece.written = true;
    from = to;
  }
}

function joined(run: UnflushedPiece[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const piece of run) bytes.set(piece.bytes, piece.at - run[0]!.at);
  return bytes;
}

function lengthOf(pieces: readonly BlobPiece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
