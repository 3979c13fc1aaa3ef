import { CHECKSUM_LENGTH, type Checksum } from './checksum.ts';
import { ENVELOPE_LENGTH, FORMAT_VERSION, FileKind, decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import { Mutex } from './mutex.ts';
import type { BlobRef } from './types.ts';

/** What stands before each blob: length u32, reserved u32, checksum 8. */
export const FRAME_LENGTH: number = 8 + CHECKSUM_LENGTH;

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
  readonly #mutex = new Mutex();
  /** Sizes of all segments on disk. */
  readonly #sizes: Map<number, number>;
  /** Segments that got blobs since the last checkpoint began: never taken for unused. */
  #recent = new Set<number>();
  #next: number;
  #current: { segment: number; file: StoreFile } | undefined;
  /** What was written since the last flush, kept until that succeeds: a failed flush may have lost it. */
  #unflushed: { file: StoreFile; segment: number; at: number; bytes: Uint8Array }[] = [];
  #mustRewrite = false;

  constructor(
    fileSystem: FileSystem,
    checksum: Checksum,
    salt: Uint8Array,
    state: { sizes: Map<number, number>; next: number; rollAt: number },
  ) {
    this.#fileSystem = fileSystem;
    this.#checksum = checksum;
    this.#salt = salt;
    this.#sizes = state.sizes;
    this.#next = state.next;
    this.#rollAt = state.rollAt;
  }

  get sizes(): ReadonlyMap<number, number> {
    return this.#sizes;
  }

  put(blobs: Uint8Array[]): Promise<BlobRef[]> {
    return this.#mutex.run(async () => {
      const refs: BlobRef[] = [];
      for (let from = 0; from < blobs.length;) {
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
        try {
          await file.write(at, bytes);
        } catch (error) {
          // Whatever part arrived is never referred to; later blobs go elsewhere.
          this.#current = undefined;
          throw error;
        }
        this.#sizes.set(segment, at + length);
        this.#recent.add(segment);
        this.#unflushed.push({ file, segment, at, bytes });
        from = to;
      }
      return refs;
    });
  }

  async get(ref: BlobRef): Promise<Uint8Array> {
    const [segment, offset, length] = ref;
    const file = await this.#fileSystem.open(segmentFileName(segment), false);
    if (!file) throw damaged(ref, 'its segment is gone');
    const bytes = await file.read(offset, FRAME_LENGTH + length);
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

  /** Returns when all blobs put so far are on the device. */
  flush(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#unflushed.length === 0) return;
      try {
        if (this.#mustRewrite) for (const { file, at, bytes } of this.#unflushed) await file.write(at, bytes);
        for (const file of new Set(this.#unflushed.map((piece) => piece.file))) await file.flush();
      } catch (error) {
        this.#mustRewrite = true;
        throw error;
      }
      this.#mustRewrite = false;
      this.#unflushed = [];
    });
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
      this.#unflushed = this.#unflushed.filter((piece) => piece.segment !== segment);
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
    await file.write(0, header);
    this.#sizes.set(segment, ENVELOPE_LENGTH);
    this.#unflushed.push({ file, segment, at: 0, bytes: header });
    this.#current = { segment, file };
    return this.#current;
  }

  /** Goes on in the last segment after opening, if it is a whole one of this version. */
  async resume(segment: number): Promise<void> {
    const size = this.#sizes.get(segment) ?? this.#rollAt;
    if (size >= this.#rollAt) return;
    const file = await this.#fileSystem.open(segmentFileName(segment), false);
    const envelope = file && decodeEnvelope(this.#checksum, await file.read(0, ENVELOPE_LENGTH));
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
