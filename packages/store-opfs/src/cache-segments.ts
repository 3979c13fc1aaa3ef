import { CHECKSUM_LENGTH, type Checksum } from './checksum.ts';
import {
  ENVELOPE_LENGTH,
  FORMAT_VERSION,
  FileKind,
  SALT_LENGTH,
  decodeEnvelope,
  encodeEnvelope,
} from './envelope.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import { KEY_LENGTH, type KeyTable } from './key-table.ts';

/** key 16 | offset u32 | length u32 | last use u32 | reserved u32 | checksum 8. */
export const KEY_FRAME: number = KEY_LENGTH + 16 + CHECKSUM_LENGTH;
/** Before each value stands its checksum. */
export const VALUE_FRAME: number = CHECKSUM_LENGTH;

const keysName = (segment: number): string => `keys-${segment}`;
const valuesName = (segment: number): string => `values-${segment}`;

interface OpenSegment {
  segment: number;
  salt: Uint8Array;
  keys: StoreFile;
  values: StoreFile;
  keysSize: number;
  valuesSize: number;
}

/**
 * Pairs of files: values one after another, and their keys with places, which alone are read at opening. Nothing is
 * flushed: what a crash spoils fails its checksum and is a miss.
 */
export class CacheSegments {
  readonly #fileSystem: FileSystem;
  readonly #checksum: Checksum;
  readonly #rollAt: number;
  readonly #segments = new Map<number, OpenSegment>();
  #current: OpenSegment | undefined;
  #next = 1;

  constructor(fileSystem: FileSystem, checksum: Checksum, rollAt: number) {
    this.#fileSystem = fileSystem;
    this.#checksum = checksum;
    this.#rollAt = rollAt;
  }

  get numbers(): number[] {
    return [...this.#segments.keys()];
  }

  /** Bytes of a segment on disk. */
  bytesOf(segment: number): number {
    const open = this.#segments.get(segment);
    return open ? open.keysSize + open.valuesSize : 0;
  }

  /** Bytes of all segments on disk. */
  get bytes(): number {
    return this.numbers.reduce((sum, segment) => sum + this.bytesOf(segment), 0);
  }

  /** Reads all keys into the table; files that cannot be used are removed. Gives the latest use. */
  async load(table: KeyTable): Promise<number> {
    let clock = 0;
    const names = await this.#fileSystem.list();
    const numbers = names.map((name) => Number(/^(?:keys|values)-(\d+)$/.exec(name)?.[1] ?? -1));
    for (const segment of [...new Set(numbers)].filter((number) => number > 0).sort((a, b) => a - b)) {
      this.#next = Math.max(this.#next, segment + 1);
      const open = await this.#openSegment(segment);
      if (!open) {
        await this.remove(segment);
        continue;
      }
      clock = Math.max(clock, await this.#loadKeys(open, table));
      this.#segments.set(segment, open);
    }
    return clock;
  }

  /** Appends values and puts them into the table. */
  async append(
    table: KeyTable,
    items: { key: Uint8Array; value: Uint8Array; used: number }[],
  ): Promise<void> {
    for (let from = 0; from < items.length;) {
      const open = await this.#writable();
      let to = from;
      let length = 0;
      while (to < items.length && (to === from || open.valuesSize + length < this.#rollAt)) {
        length += VALUE_FRAME + items[to++]!.value.length;
      }
      const part = items.slice(from, to);
      const values = new Uint8Array(length);
      const keys = new Uint8Array(part.length * KEY_FRAME);
      const places: number[] = [];
      let at = 0;
      part.forEach(({ key, value, used }, i) => {
        values.set(this.#checksum.of(open.salt, key, value), at);
        values.set(value, at + VALUE_FRAME);
        places.push(open.valuesSize + at);
        this.#encodeKey(open.salt, key, places[i]!, value.length, used, keys, i * KEY_FRAME);
        at += VALUE_FRAME + value.length;
      });
      await open.values.write(open.valuesSize, values);
      open.valuesSize += values.length;
      await open.keys.write(open.keysSize, keys);
      open.keysSize += keys.length;
      part.forEach(({ key, value, used }, i) => table.set(key, open.segment, places[i]!, value.length, used));
      from = to;
    }
  }

  /** Reads a run of bytes of a segment's values. */
  async read(segment: number, offset: number, length: number): Promise<Uint8Array> {
    return (await this.#segments.get(segment)?.values.read(offset, length)) ?? new Uint8Array(0);
  }

  /** The value in a frame, undefined if it is not the one that was put under this key. */
  valueIn(segment: number, key: Uint8Array, frame: Uint8Array): Uint8Array | undefined {
    const salt = this.#segments.get(segment)?.salt;
    if (!salt || frame.length < VALUE_FRAME) return undefined;
    const value = frame.subarray(VALUE_FRAME);
    return this.#checksum.matches(frame, 0, salt, key, value) ? value : undefined;
  }

  /** Writes the keys of a segment anew, with their present uses. */
  async rewriteKeys(segment: number, table: KeyTable, entries: number[]): Promise<void> {
    const open = this.#segments.get(segment);
    if (!open) return;
    const keys = new Uint8Array(entries.length * KEY_FRAME);
    entries.forEach((entry, i) => {
      const [offset, length, used] = [table.offset[entry]!, table.length[entry]!, table.used[entry]!];
      this.#encodeKey(open.salt, table.key(entry), offset, length, used, keys, i * KEY_FRAME);
    });
    await open.keys.truncate(ENVELOPE_LENGTH);
    await open.keys.write(ENVELOPE_LENGTH, keys);
    open.keysSize = ENVELOPE_LENGTH + keys.length;
  }

  /** Later values go to a new segment. */
  seal(): void {
    this.#current = undefined;
  }

  async remove(segment: number): Promise<void> {
    if (this.#current?.segment === segment) this.#current = undefined;
    this.#segments.delete(segment);
    await this.#fileSystem.remove(keysName(segment));
    await this.#fileSystem.remove(valuesName(segment));
  }

  async #writable(): Promise<OpenSegment> {
    if (this.#current && this.#current.valuesSize < this.#rollAt) return this.#current;
    const segment = this.#next++;
    const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
    const header = encodeEnvelope(this.#checksum, FileKind.cache, segment, salt);
    const keys = (await this.#fileSystem.open(keysName(segment), true))!;
    const values = (await this.#fileSystem.open(valuesName(segment), true))!;
    for (const file of [keys, values]) {
      await file.truncate(0);
      await file.write(0, header);
    }
    this.#current = { segment, salt, keys, values, keysSize: ENVELOPE_LENGTH, valuesSize: ENVELOPE_LENGTH };
    this.#segments.set(segment, this.#current);
    return this.#current;
  }

  async #openSegment(segment: number): Promise<OpenSegment | undefined> {
    const keys = await this.#fileSystem.open(keysName(segment), false);
    const values = await this.#fileSystem.open(valuesName(segment), false);
    if (!keys || !values) return undefined;
    const envelope = decodeEnvelope(this.#checksum, await keys.read(0, ENVELOPE_LENGTH));
    if (envelope?.kind !== FileKind.cache || envelope.version !== FORMAT_VERSION) return undefined;
    const [keysSize, valuesSize] = [await keys.size(), await values.size()];
    return { segment, salt: envelope.salt, keys, values, keysSize, valuesSize };
  }

  async #loadKeys(open: OpenSegment, table: KeyTable): Promise<number> {
    const bytes = await open.keys.read(ENVELOPE_LENGTH, open.keysSize - ENVELOPE_LENGTH);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let clock = 0;
    for (let at = 0; at + KEY_FRAME <= bytes.length; at += KEY_FRAME) {
      const frame = bytes.subarray(at, at + KEY_FRAME - CHECKSUM_LENGTH);
      if (!this.#checksum.matches(bytes, at + frame.length, open.salt, frame)) continue;
      const [offset, length, used] = [16, 20, 24].map((field) => view.getUint32(at + field, true)) as [
        number,
        number,
        number,
      ];
      if (offset + VALUE_FRAME + length > open.valuesSize) continue;
      table.set(frame.subarray(0, KEY_LENGTH), open.segment, offset, length, used);
      clock = Math.max(clock, used);
    }
    return clock;
  }

  #encodeKey(
    salt: Uint8Array,
    key: Uint8Array,
    offset: number,
    length: number,
    used: number,
    target: Uint8Array,
    at: number,
  ): void {
    const view = new DataView(target.buffer, at, KEY_FRAME);
    target.set(key, at);
    view.setUint32(16, offset, true);
    view.setUint32(20, length, true);
    view.setUint32(24, used, true);
    const end = at + KEY_FRAME - CHECKSUM_LENGTH;
    target.set(this.#checksum.of(salt, target.subarray(at, end)), end);
  }
}
