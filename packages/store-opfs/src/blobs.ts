import { CHECKSUM_LENGTH, type Checksum } from './checksum.ts';
import { ENVELOPE_LENGTH, FORMAT_VERSION, FileKind, decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { StoreError, isQuotaError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import type { BlobPiece } from './journal-pieces.ts';
import { Mutex } from './mutex.ts';
import type { BlobRef } from './types.ts';
import { UnflushedPieces } from './unflushed.ts';

/** What stands before each blob: length u32, reserved u32, checksum 8. */
export const FRAME_LENGTH: number = 8 + CHECKSUM_LENGTH;

/** So many bytes may wait for a flush in their own file; they are in memory until then. */
const MOST_UNFLUSHED = 4 * 1024 * 1024;

export function segmentFileName(segment: number): string {
  return `blobs-${segment}`;
}

export interface SegmentCensus {
  recent: Set<number>;
  existing: number[];
  next: number;
}

/** Append-only files of blobs, rolled at a size. */
export class BlobSegments {
  readonly #fileSystem: FileSystem;
  readonly #checksum: Checksum;
  readonly #salt: Uint8Array;
  readonly #rollAt: number;
  readonly #mostInline: number;
  readonly #mutex = new Mutex();
  /** Sizes of all segments on disk. */
  readonly #sizes: Map<number, number>;
  /** Segments that got blobs since the last checkpoint began: never taken for unused. */
  #recent = new Set<number>();
  #next: number;
  #current: { segment: number; file: StoreFile } | undefined;
  readonly #unflushed = new UnflushedPieces();

  constructor(
    fileSystem: FileSystem,
    checksum: Checksum,
    salt: Uint8Array,
    state: { sizes: Map<number, number>; next: number; rollAt: number; mostInline: number },
  ) {
    this.#fileSystem = fileSystem;
    this.#checksum = checksum;
    this.#salt = salt;
    this.#sizes = state.sizes;
    this.#next = state.next;
    this.#rollAt = state.rollAt;
    this.#mostInline = state.mostInline;
  }

  get sizes(): ReadonlyMap<number, number> {
    return this.#sizes;
  }

  /**
   * Takes in, at opening, what the journal has of segments and their files perhaps have not. It stays in memory until the
   * next flush, so that a store can be read where there is no room to write; much is flushed at once, if it can be.
   */
  async adopt(pieces: AsyncIterable<BlobPiece>): Promise<void> {
    let last: { segment: number; file: StoreFile } | undefined;
    for await (const { segment, at, bytes } of pieces) {
      if (last?.segment !== segment)
        last = { segment, file: (await this.#fileSystem.open(segmentFileName(segment), true))! };
      this.#unflushed.add({ segment, at, bytes, file: last.file, written: false });
      this.#unflushed.noteJournaled(this.#unflushed.loose());
      this.#sizes.set(segment, Math.max(this.#sizes.get(segment) ?? 0, at + bytes.length));
      this.#next = Math.max(this.#next, segment + 1);
      if (this.#unflushed.bytes <= MOST_UNFLUSHED) continue;
      await this.#unflushed.flush().catch((error: unknown) => {
        if (!isQuotaError(error)) throw error;
      });
    }
  }

  put(blobs: Uint8Array[]): Promise<BlobRef[]> {
    return this.#mutex.run(async () => {
      const refs: BlobRef[] = [];
      for (let from = 0; from < blobs.length;) {
        if (this.#unflushed.bytes > MOST_UNFLUSHED) await this.#unflushed.flush();
        const { segment, file } = await this.#writable();
        const at = this.#sizes.get(segment)!;
        // At least one blob goes in, however large; then as many as fit.
        let to = from + 1;
        let length = FRAME_LENGTH + blobs[from]!.length;
        while (to < blobs.length && at + length + FRAME_LENGTH + blobs[to]!.length <= this.#rollAt) {
          length += FRAME_LENGTH + blobs[to++]!.length;
        }
        const bytes = new Uint8Array(length);
        let end = 0;
        for (const blob of blobs.slice(from, to)) {
          refs.push([segment, at + end, blob.length]);
          this.#encode(segment, at + end, blob, bytes, end);
          end += FRAME_LENGTH + blob.length;
        }
        // What may travel with the journal is written later, with others.
        const written = length > this.#mostInline;
        try {
          if (written) await file.write(at, bytes);
        } catch (error) {
          // Whatever part arrived is never referred to; later blobs go elsewhere.
          this.#current = undefined;
          throw error;
        }
        this.#sizes.set(segment, at + length);
        this.#recent.add(segment);
        this.#unflushed.add({ file, segment, at, bytes, written });
        from = to;
      }
      return refs;
    });
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    const [segment, offset, length] = ref;
    const bytes = this.#unflushed.read(segment, offset, FRAME_LENGTH + length) ?? (await this.#read(ref));
    if (bytes.length < FRAME_LENGTH + length) throw damaged(ref, 'its segment is cut short');
    const blob = bytes.subarray(FRAME_LENGTH);
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) !== length) {
      throw damaged(ref, 'another length is stored there');
    }
    if (!this.#checksum.matches(bytes, 8, this.#place(segment, offset, length), blob)) {
      throw damaged(ref, 'its checksum does not match');
    }
    return blob;
  }

  async #read(ref: BlobRef): Promise<Uint8Array> {
    const [segment, offset, length] = ref;
    const file = await this.#fileSystem.open(segmentFileName(segment), false);
    if (!file) throw damaged(ref, 'its segment is gone');
    return file.read(offset, FRAME_LENGTH + length);
  }

  /** Returns when all blobs put so far are on the device. */
  flush(): Promise<void> {
    return this.#mutex.run(() => this.#unflushed.flush());
  }

  /**
   * What is neither on the device nor in the journal yet, for the journal to take along with the next record: one flush
   * then serves both. Where it is much, it is flushed here, and nothing is left to take.
   */
  loose(): Promise<BlobPiece[]> {
    return this.#mutex.run(async () => {
      if (this.#unflushed.looseBytes > this.#mostInline) await this.#unflushed.flush();
      return this.#unflushed.loose();
    });
  }

  /** See `UnflushedPieces.noteJournaled`. */
  noteJournaled(pieces: readonly BlobPiece[]): void {
    this.#unflushed.noteJournaled(pieces);
  }

  /** Later blobs go to a new segment, so that this one only shrinks in use. */
  seal(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#current = undefined;
    });
  }

  /**
   * Begins a checkpoint: says which segments there are, which of them got blobs since the last one began, and from
   * which number on they are newer. A segment that is not in `used` gets no more blobs.
   */
  beginCheckpoint(used: ReadonlySet<number> | undefined): Promise<SegmentCensus> {
    return this.#mutex.run(async () => {
      const recent = this.#recent;
      this.#recent = new Set();
      if (this.#current && used && !used.has(this.#current.segment)) this.#current = undefined;
      return { recent, existing: [...this.#sizes.keys()], next: this.#next };
    });
  }

  /** The checkpoint did not come about: what was recent still is. */
  abandonCheckpoint(recent: Set<number>): void {
    for (const segment of recent) this.#recent.add(segment);
  }

  /** Removes a segment; its refs answer `blob-damaged` from now on. */
  remove(segment: number): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#current?.segment === segment) this.#current = undefined;
      this.#recent.delete(segment);
      this.#unflushed.drop(segment);
      this.#sizes.delete(segment);
      await this.#fileSystem.remove(segmentFileName(segment));
    });
  }

  async #writable(): Promise<{ segment: number; file: StoreFile }> {
    if (this.#current && this.#sizes.get(this.#current.segment)! < this.#rollAt) return this.#current;
    // The number is used up even if this fails: a number never stands for two contents.
    const segment = this.#next++;
    const file = (await this.#fileSystem.open(segmentFileName(segment), true))!;
    const header = encodeEnvelope(this.#checksum, FileKind.segment, segment, this.#salt);
    await file.truncate(0);
    this.#sizes.set(segment, ENVELOPE_LENGTH);
    this.#unflushed.add({ file, segment, at: 0, bytes: header, written: false });
    this.#current = { segment, file };
    return this.#current;
  }

  /** Goes on in the last segment after opening, if it is a whole one of this version. */
  async resume(segment: number): Promise<void> {
    const size = this.#sizes.get(segment) ?? this.#rollAt;
    if (size >= this.#rollAt) return;
    const file = await this.#fileSystem.open(segmentFileName(segment), false);
    const header =
      this.#unflushed.read(segment, 0, ENVELOPE_LENGTH) ?? (await file?.read(0, ENVELOPE_LENGTH));
    const envelope = header && decodeEnvelope(this.#checksum, header);
    if (envelope?.kind === FileKind.segment && envelope.version === FORMAT_VERSION)
      this.#current = { segment, file: file! };
  }

  #encode(segment: number, offset: number, blob: Uint8Array, target: Uint8Array, at: number): void {
    new DataView(target.buffer).setUint32(at, blob.length, true);
    target.set(this.#checksum.of(this.#place(segment, offset, blob.length), blob), at + 8);
    target.set(blob, at + FRAME_LENGTH);
  }

  /** Salt, segment and offset go into the checksum: a ref never finds the bytes of another place. */
  #place(segment: number, offset: number, length: number): Uint8Array {
    const place = new Uint8Array(24);
    const view = new DataView(place.buffer);
    place.set(this.#salt);
    view.setUint32(8, segment, true);
    view.setUint32(12, length, true);
    view.setFloat64(16, offset, true);
    return place;
  }
}

function damaged([segment, offset, length]: BlobRef, reason: string): StoreError {
  return new StoreError(
    'blob-damaged',
    `The stored text of ${length} bytes at ${segment}:${offset} is damaged: ${reason}.`,
    {
      details: { segment, offset, length },
    },
  );
}
