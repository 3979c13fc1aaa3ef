import { CHECKSUM_LENGTH, type Checksum } from './checksum.ts';
import { ENVELOPE_LENGTH, FORMAT_VERSION, FileKind, decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { StoreError } from './errors.ts';
import type { FileSystem, StoreFile } from './file-system.ts';
import type { SectionEntry } from './manifest.ts';
import type { Pacer } from './pacer.ts';

/** Content is checked in blocks of this size, so that a part can be read and trusted without the rest. */
const BLOCK_LENGTH = 16_384;
/** Where the content starts; the block checksums stand behind it. */
const CONTENT = 64;
/** Written and flushed in pieces of this size: a flush holds the thread up, and a query must not notice it. */
const PIECE_LENGTH = 512 * 1024;

export function sectionFileName(file: number): string {
  return `section-${file}`;
}

/** Checksums of all blocks of a section, and the one over them. */
export interface SectionTable {
  table: Uint8Array;
  root: string;
}

export async function hashSection(
  checksum: Checksum,
  content: Uint8Array,
  pacer?: Pacer,
): Promise<SectionTable> {
  const blocks = Math.ceil(content.length / BLOCK_LENGTH);
  const table = new Uint8Array(blocks * CHECKSUM_LENGTH);
  for (let i = 0; i < blocks; i++) {
    table.set(checksum.of(content.subarray(i * BLOCK_LENGTH, (i + 1) * BLOCK_LENGTH)), i * CHECKSUM_LENGTH);
    if (i % 64 === 63) await pacer?.pause();
  }
  return { table, root: rootOf(checksum, content.length, table) };
}

/** Writes a section into a new file and flushes it. */
export async function writeSection(
  fileSystem: FileSystem,
  checksum: Checksum,
  salt: Uint8Array,
  entry: SectionEntry,
  content: Uint8Array,
  pacer: Pacer,
): Promise<void> {
  const file = (await fileSystem.open(sectionFileName(entry.file), true))!;
  await file.truncate(0);
  const header = new Uint8Array(CONTENT);
  header.set(encodeEnvelope(checksum, FileKind.section, entry.file, salt));
  const view = new DataView(header.buffer);
  view.setFloat64(32, content.length, true);
  view.setUint32(40, BLOCK_LENGTH, true);
  header.set(checksum.of(header.subarray(0, 48)), 48);
  await file.write(0, header);
  const blocks = Math.ceil(content.length / BLOCK_LENGTH);
  const table = new Uint8Array(blocks * CHECKSUM_LENGTH);
  for (let from = 0; from < content.length; from += PIECE_LENGTH) {
    const to = Math.min(from + PIECE_LENGTH, content.length);
    for (let at = from; at < to; at += BLOCK_LENGTH) {
      const block = content.subarray(at, Math.min(at + BLOCK_LENGTH, to));
      table.set(checksum.of(block), (at / BLOCK_LENGTH) * CHECKSUM_LENGTH);
    }
    await file.write(CONTENT + from, content.subarray(from, to));
    if (to < content.length) await file.flush();
    await pacer.pause();
  }
  if (rootOf(checksum, content.length, table) !== entry.root) {
    const message = `Section "${entry.name}" changed while it was being written; pass bytes that stay as they are.`;
    throw new StoreError('invalid-argument', message);
  }
  await file.write(CONTENT + content.length, table);
  await file.flush();
}

/** A section of the current generation, opened for reading; every block that is read is checked. */
export class SectionReader {
  readonly entry: SectionEntry;
  /** Version of the format that the file has. */
  readonly version: number;
  readonly #checksum: Checksum;
  readonly #file: StoreFile;
  readonly #table: Uint8Array;

  private constructor(
    checksum: Checksum,
    entry: SectionEntry,
    version: number,
    file: StoreFile,
    table: Uint8Array,
  ) {
    this.#checksum = checksum;
    this.entry = entry;
    this.version = version;
    this.#file = file;
    this.#table = table;
  }

  /** Opens a section; throws `section-damaged` when header, length or table do not fit the manifest. */
  static async open(fileSystem: FileSystem, checksum: Checksum, entry: SectionEntry): Promise<SectionReader> {
    const file = await fileSystem.open(sectionFileName(entry.file), false);
    if (!file) throw damaged(entry, 'its file is missing');
    const header = await file.read(0, CONTENT);
    const envelope = decodeEnvelope(checksum, header.subarray(0, ENVELOPE_LENGTH));
    if (envelope?.kind !== FileKind.section) throw damaged(entry, 'its header is unreadable');
    if (envelope.version > FORMAT_VERSION)
      throw damaged(entry, `it has the newer format ${envelope.version}`);
    if (!checksum.matches(header, 48, header.subarray(0, 48)))
      throw damaged(entry, 'its header is unreadable');
    const tableLength = Math.ceil(entry.length / BLOCK_LENGTH) * CHECKSUM_LENGTH;
    const table = await file.read(CONTENT + entry.length, tableLength);
    if (table.length < tableLength) throw damaged(entry, 'it is cut short');
    if (rootOf(checksum, entry.length, table) !== entry.root)
      throw damaged(entry, 'its checksums do not match');
    return new SectionReader(checksum, entry, envelope.version, file, table);
  }

  /** Checks every block without keeping the content. */
  async check(): Promise<void> {
    for (let at = 0; at < this.entry.length; at += PIECE_LENGTH) await this.read(at, PIECE_LENGTH);
  }

  /** Reads a range; `offset + length` beyond the end gives what there is. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.entry.length);
    if (offset >= end) return new Uint8Array(0);
    const first = Math.floor(offset / BLOCK_LENGTH);
    const from = first * BLOCK_LENGTH;
    const to = Math.min(Math.ceil(end / BLOCK_LENGTH) * BLOCK_LENGTH, this.entry.length);
    const bytes = await this.#file.read(CONTENT + from, to - from);
    if (bytes.length < to - from) throw damaged(this.entry, 'it is cut short');
    for (let at = 0, block = first; at < bytes.length; at += BLOCK_LENGTH, block++) {
      const part = bytes.subarray(at, Math.min(at + BLOCK_LENGTH, bytes.length));
      if (this.#checksum.matches(this.#table, block * CHECKSUM_LENGTH, part)) continue;
      throw damaged(this.entry, `the block at byte ${from + at} does not match its checksum`);
    }
    return from === offset && to === end ? bytes : bytes.slice(offset - from, end - from);
  }
}

function rootOf(checksum: Checksum, length: number, table: Uint8Array): string {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setFloat64(0, length, true);
  return [...checksum.of(size, table)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function damaged(entry: SectionEntry, reason: string): StoreError {
  return new StoreError('section-damaged', `Section "${entry.name}" is damaged: ${reason}.`, {
    details: { section: entry.name, file: sectionFileName(entry.file) },
  });
}
