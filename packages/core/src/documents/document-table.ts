import { grown } from '../bytes/grow.ts';
import { Bitmap } from '../filter/bitmap.ts';
import { Dictionary } from '../postings/dictionary.ts';
import type { Chunk, Locator } from '../types.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Most bytes that are read without the decoder. */
const SHORT = 256;

/** The parts of a document that are kept as they came: parsed only for the hits that are shown. */
export interface Stored {
  /** The fields without id and text. */
  fields: Record<string, unknown>;
  /** Heading paths, one for each run of chunks that share it: [path, how many chunks]. */
  outline: [string[], number][];
}

/**
 * Documents and chunks by number. Numbers only grow: an update is a removal and a new document, and
 * a removal is a cleared bit, until the index is compacted. A document's chunks are neighbours.
 */
export class DocumentTable {
  ids: Dictionary = new Dictionary();
  /** Number of an id in `ids` → document number + 1, or 0. */
  documentOf: Int32Array = new Int32Array(64);
  /** Document number → number of its id. */
  idOf: Int32Array = new Int32Array(64);
  alive: Bitmap = new Bitmap(0);
  count = 0;
  living = 0;
  livingChunks = 0;
  chunkCount = 0;

  firstChunk: Int32Array = new Int32Array(64);
  language: Uint8Array = new Uint8Array(64);
  /** Field lengths in words, one array for each text field. */
  lengths: Uint32Array[];
  /** Sum of the lengths of the living, for each text field. */
  totals: number[];
  /** Segment, offset and length of the text where the host keeps it; length -1 where it does not. */
  locators: Float64Array = new Float64Array(192);

  chunkStart: Uint32Array = new Uint32Array(64);
  chunkEnd: Uint32Array = new Uint32Array(64);
  chunkDocument: Int32Array = new Int32Array(64);
  chunkLength: Uint32Array = new Uint32Array(64);
  /** Slot of the chunk's vector, or -1. */
  chunkSlot: Int32Array = new Int32Array(64);

  storedStart: Uint32Array = new Uint32Array(64);
  stored: Uint8Array<ArrayBuffer> = new Uint8Array(1024);

  constructor(textFields: number) {
    this.lengths = Array.from({ length: textFields }, () => new Uint32Array(64));
    this.totals = Array.from({ length: textFields }, () => 0);
  }

  /** The number of a living document, or -1. */
  find(id: string): number {
    const key = this.ids.findString(id);
    return key < 0 ? -1 : this.documentOf[key]! - 1;
  }

  id(document: number): string {
    return this.ids.text(this.idOf[document]!);
  }

  /** Enters a document; its chunks and lengths follow by `addChunk` and `setLength`. */
  add(id: string, stored: string, language: number, locator: Locator | undefined): number {
    const document = this.count++;
    const key = this.ids.internString(id);
    this.documentOf = grown(this.documentOf, key + 1);
    this.documentOf[key] = document + 1;
    this.idOf = grown(this.idOf, document + 1);
    this.idOf[document] = key;
    this.firstChunk = grown(this.firstChunk, document + 2);
    this.firstChunk[document + 1] = this.firstChunk[document]!;
    this.language = grown(this.language, document + 1);
    this.language[document] = language;
    for (let field = 0; field < this.lengths.length; field++)
      this.lengths[field] = grown(this.lengths[field]!, document + 1);
    this.locators = grown(this.locators, document * 3 + 3);
    this.locators.set(locator ?? [0, 0, -1], document * 3);
    const from = this.storedStart[document]!;
    this.storedStart = grown(this.storedStart, document + 2);
    this.storedStart[document + 1] = from + this.#store(stored, from);
    this.alive.grow(this.count);
    this.alive.set(document);
    this.living++;
    return document;
  }

  /** Writes UTF-8 and returns how many bytes it took. */
  #store(text: string, from: number): number {
    for (let room = text.length; ; room = text.length * 3) {
      this.stored = grown(this.stored, from + room) as Uint8Array<ArrayBuffer>;
      const { read, written } = encoder.encodeInto(text, this.stored.subarray(from));
      if (read === text.length) return written;
    }
  }

  /** Appends a chunk to the newest document. */
  addChunk(start: number, end: number, words: number, slot: number): number {
    const chunk = this.chunkCount++;
    const length = this.chunkCount;
    this.chunkStart = grown(this.chunkStart, length);
    this.chunkEnd = grown(this.chunkEnd, length);
    this.chunkDocument = grown(this.chunkDocument, length);
    this.chunkLength = grown(this.chunkLength, length);
    this.chunkSlot = grown(this.chunkSlot, length);
    this.chunkStart[chunk] = start;
    this.chunkEnd[chunk] = end;
    this.chunkDocument[chunk] = this.count - 1;
    this.chunkLength[chunk] = words;
    this.chunkSlot[chunk] = slot;
    this.firstChunk[this.count]!++;
    this.livingChunks++;
    return chunk;
  }

  setLength(document: number, field: number, words: number): void {
    this.lengths[field]![document] = words;
    this.totals[field]! += words;
  }

  remove(document: number): void {
    this.alive.clear(document);
    this.documentOf[this.idOf[document]!] = 0;
    this.living--;
    this.livingChunks -= this.firstChunk[document + 1]! - this.firstChunk[document]!;
    for (let field = 0; field < this.totals.length; field++)
      this.totals[field]! -= this.lengths[field]![document]!;
  }

  readStored(document: number): Stored {
    return JSON.parse(this.storedText(document)) as Stored;
  }

  storedText(document: number): string {
    const bytes = this.stored.subarray(this.storedStart[document]!, this.storedStart[document + 1]!);
    return shortAscii(bytes) ?? decoder.decode(bytes);
  }

  locator(document: number): Locator | undefined {
    const [segment, offset, length] = this.locators.subarray(document * 3, document * 3 + 3);
    return length! < 0 ? undefined : [segment!, offset!, length!];
  }

  get bytes(): number {
    let sum =
      this.ids.bytes + this.alive.words.byteLength + this.stored.byteLength + this.storedStart.byteLength;
    for (const array of [this.documentOf, this.idOf, this.firstChunk, this.language, this.locators])
      sum += array.byteLength;
    for (const array of this.lengths) sum += array.byteLength;
    for (const array of [this.chunkStart, this.chunkEnd, this.chunkDocument, this.chunkLength, this.chunkSlot]) sum += array.byteLength; // prettier-ignore
    return sum;
  }
}

/** The text of a few bytes that are all ASCII, which is made faster here than by a decoder. */
function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT) return undefined;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) return undefined;
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** The heading path of each of `count` chunks. */
export function expandOutline(outline: Stored['outline'], count: number): string[][] {
  const paths: string[][] = [];
  for (const [path, chunks] of outline) for (let i = 0; i < chunks; i++) paths.push(path);
  while (paths.length < count) paths.push([]);
  return paths;
}

/** Runs of equal heading paths; empty where no chunk has any. */
export function foldOutline(chunks: readonly Chunk[]): Stored['outline'] {
  const outline: Stored['outline'] = [];
  if (!chunks.some((chunk) => chunk.headings !== undefined && chunk.headings.length > 0)) return outline;
  for (const chunk of chunks) {
    const path = chunk.headings ?? [];
    const last = outline.at(-1);
    if (last !== undefined && last[0].length === path.length && last[0].every((part, i) => part === path[i]))
      last[1]++;
    else outline.push([path, 1]);
  }
  return outline;
}
