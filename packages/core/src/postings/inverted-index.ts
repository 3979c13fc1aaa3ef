import { grown } from '../bytes/grow.ts';
import type { Steps } from '../bytes/steps.ts';
import type { TokenBuffer } from '../text/token-buffer.ts';

/** What a posting list decodes to: unit numbers, rising, and how often the word is in each. */
export interface Postings {
  count: number;
  units: Int32Array;
  frequencies: Int32Array;
}

const LIST_ARRAYS = ['head', 'slice', 'tail', 'limit', 'last', 'count', 'positionHead', 'positionSlice', 'positionTail', 'positionLimit', 'word', 'field'] as const; // prettier-ignore
/** Postings that are handled in one step. */
const STEP = 8192;
type ListArrays = Record<(typeof LIST_ARRAYS)[number], Int32Array>;

/**
 * Inverted lists in one pool of bytes. A list is a chain of slices,
 *
 *     [ address of the next slice: 4 bytes ][ entries … ][ at least one zero byte ]
 *
 * whose entries never straddle a slice: (unit delta ≥ 1) · 2 + (frequency is 1), then the frequency
 * where it is not 1, all as LEB128. A zero byte where an entry would start ends the slice. Places of
 * the words go to a second chain. A new entry costs a few byte writes, whatever the size of the
 * index, and a snapshot is a copy of the pool.
 *
 * A unit is whatever the caller numbers: chunks for the main text, documents for other fields.
 */
export class InvertedIndex {
  #pool: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  #used = 4; // address 0 means "none"
  #lists: ListArrays = emptyLists();
  #listCount = 0;
  /** For each field, word number → list number + 1. */
  readonly #listOf: Int32Array[];
  // Per list, while the tokens of one unit are taken in.
  #mark: Int32Array = new Int32Array(64);
  #frequency: Int32Array = new Int32Array(64);
  #lastPosition: Int32Array = new Int32Array(64);
  #touched: Int32Array = new Int32Array(256);

  constructor(fields: number) {
    this.#listOf = Array.from({ length: fields }, () => new Int32Array(64));
  }

  get listCount(): number {
    return this.#listCount;
  }

  get bytes(): number {
    const lists = LIST_ARRAYS.reduce((sum, name) => sum + this.#lists[name].byteLength, 0);
    const scratch = this.#mark.byteLength + this.#frequency.byteLength + this.#lastPosition.byteLength;
    return (
      this.#pool.byteLength + lists + scratch + this.#listOf.reduce((sum, array) => sum + array.byteLength, 0)
    );
  }

  /** The list of a word in a field, or -1. */
  list(field: number, word: number): number {
    const lists = this.#listOf[field]!;
    return word >= 0 && word < lists.length ? lists[word]! - 1 : -1;
  }

  /** How many units a list has, removed ones included. */
  size(list: number): number {
    return this.#lists.count[list]!;
  }

  /** Takes in tokens `from` to `to` of a buffer as one unit. Units must come in rising order for each field. */
  add(field: number, unit: number, tokens: TokenBuffer, from: number, to: number): void {
    const { ids, positions } = tokens;
    let touched = 0;
    for (let i = from; i < to; i++) {
      const list = this.#listFor(field, ids[i]!);
      const position = positions[i]!;
      if (this.#mark[list] !== unit + 1) {
        this.#mark[list] = unit + 1;
        this.#frequency[list] = 0;
        this.#lastPosition[list] = -1;
        if (touched === this.#touched.length) this.#touched = grown(this.#touched, touched + 1);
        this.#touched[touched++] = list;
      }
      this.#frequency[list]!++;
      // Parts may repeat a place, and a repeated part may step back; a repeat is a step of 1 on, a gap never lies.
      const delta = Math.max(0, position - this.#lastPosition[list]!);
      this.#lastPosition[list] = Math.max(position, this.#lastPosition[list]!);
      this.#writePosition(list, delta + 1);
    }
    for (let i = 0; i < touched; i++) {
      const list = this.#touched[i]!;
      const frequency = this.#frequency[list]!;
      this.#writeEntry(list, unit - this.#lists.last[list]!, frequency);
      this.#lists.last[list] = unit;
      this.#lists.count[list]!++;
    }
  }

  /** Decodes a list into `out`, whose arrays grow as needed. */
  decode(list: number, out: Postings): Postings {
    const count = this.#lists.count[list]!;
    if (out.units.length < count) {
      out.units = new Int32Array(count + (count >>> 1));
      out.frequencies = new Int32Array(count + (count >>> 1));
    }
    const { units, frequencies } = out;
    const bytes = this.#pool;
    let slice = this.#lists.head[list]!;
    let at = slice + 4;
    let unit = -1;
    for (let n = 0; n < count; n++) {
      let byte = bytes[at]!;
      if (byte === 0) {
        slice = readAddress(bytes, slice);
        at = slice + 4;
        byte = bytes[at]!;
      }
      at++;
      let value = byte & 0x7f;
      for (let shift = 7; byte > 0x7f; shift += 7) {
        byte = bytes[at++]!;
        value |= (byte & 0x7f) << shift;
      }
      unit += value >>> 1;
      units[n] = unit;
      if ((value & 1) === 1) frequencies[n] = 1;
      else {
        byte = bytes[at++]!;
        let frequency = byte & 0x7f;
        for (let shift = 7; byte > 0x7f; shift += 7) {
          byte = bytes[at++]!;
          frequency |= (byte & 0x7f) << shift;
        }
        frequencies[n] = frequency;
      }
    }
    out.count = count;
    return out;
  }

  /** The places of a word, for all its units one after another: `frequencies[i]` of them for unit i. */
  positions(list: number, postings: Postings): Int32Array {
    let total = 0;
    for (let i = 0; i < postings.count; i++) total += postings.frequencies[i]!;
    const positions = new Int32Array(total);
    const bytes = this.#pool;
    let slice = this.#lists.positionHead[list]!;
    let at = slice + 4;
    let n = 0;
    for (let i = 0; i < postings.count; i++) {
      let position = -1;
      for (let j = 0; j < postings.frequencies[i]!; j++) {
        if (bytes[at] === 0) {
          slice = readAddress(bytes, slice);
          at = slice + 4;
        }
        let byte = bytes[at++]!;
        let value = byte & 0x7f;
        for (let shift = 7; byte > 0x7f; shift += 7) {
          byte = bytes[at++]!;
          value |= (byte & 0x7f) << shift;
        }
        position += value - 1;
        positions[n++] = position;
      }
    }
    return positions;
  }

  /**
   * A copy with other unit numbers: lists become single exact slices, removed units (-1) go, and
   * words without postings lose their lists. `words` renumbers the words. The index must not change between the steps.
   */
  *renumbered(units: Int32Array[], words: Int32Array): Steps<InvertedIndex> {
    let handled = 0;
    const fresh = new InvertedIndex(this.#listOf.length);
    const postings: Postings = { count: 0, units: new Int32Array(0), frequencies: new Int32Array(0) };
    for (let list = 0; list < this.#listCount; list++) {
      this.#copyList(list, fresh, units[this.#lists.field[list]!]!, words, postings);
      handled += 8 + postings.count;
      if (handled < STEP) continue;
      handled = 0;
      yield;
    }
    return fresh;
  }

  #copyList(
    list: number,
    fresh: InvertedIndex,
    map: Int32Array,
    words: Int32Array,
    postings: Postings,
  ): void {
    this.decode(list, postings);
    const positions = this.positions(list, postings);
    let at = 0;
    let target = -1;
    for (let i = 0; i < postings.count; i++) {
      const unit = map[postings.units[i]!]!;
      const frequency = postings.frequencies[i]!;
      if (unit >= 0) {
        if (target < 0) target = fresh.#listFor(this.#lists.field[list]!, words[this.#lists.word[list]!]!);
        fresh.#writeEntry(target, unit - fresh.#lists.last[target]!, frequency);
        fresh.#lists.last[target] = unit;
        fresh.#lists.count[target]!++;
        let last = -1;
        for (let j = 0; j < frequency; j++) {
          fresh.#writePosition(target, positions[at + j]! - last + 1);
          last = positions[at + j]!;
        }
      }
      at += frequency;
    }
  }

  /** Which words have at least one unit that `alive` accepts; used before `renumbered`. */
  *usedWords(wordCount: number, alive: (field: number, unit: number) => boolean): Steps<Uint8Array> {
    let handled = 0;
    const used = new Uint8Array(wordCount);
    const postings: Postings = { count: 0, units: new Int32Array(0), frequencies: new Int32Array(0) };
    for (let list = 0; list < this.#listCount; list++) {
      const word = this.#lists.word[list]!;
      if (used[word] === 1) continue;
      const field = this.#lists.field[list]!;
      this.decode(list, postings);
      for (let i = 0; i < postings.count; i++) {
        if (alive(field, postings.units[i]!)) {
          used[word] = 1;
          break;
        }
      }
      handled += 8 + postings.count;
      if (handled < STEP * 4) continue;
      handled = 0;
      yield;
    }
    return used;
  }

  /** The arrays for a snapshot; good until the next change. */
  arrays(): { pool: Uint8Array; lists: Int32Array; listOf: Int32Array[] } {
    const lists = new Int32Array(LIST_ARRAYS.length * this.#listCount);
    LIST_ARRAYS.forEach((name, i) =>
      lists.set(this.#lists[name].subarray(0, this.#listCount), i * this.#listCount),
    );
    return { pool: this.#pool.subarray(0, this.#used), lists, listOf: this.#listOf };
  }

  static from(arrays: { pool: Uint8Array; lists: Int32Array; listOf: Int32Array[] }): InvertedIndex {
    const index = new InvertedIndex(arrays.listOf.length);
    const count = arrays.lists.length / LIST_ARRAYS.length;
    if (!Number.isInteger(count)) throw new RangeError('the posting lists do not fit together');
    index.#pool = arrays.pool as Uint8Array<ArrayBuffer>;
    index.#used = arrays.pool.length;
    index.#listCount = count;
    LIST_ARRAYS.forEach((name, i) => (index.#lists[name] = arrays.lists.slice(i * count, (i + 1) * count)));
    arrays.listOf.forEach((array, field) => (index.#listOf[field] = array));
    for (let list = 0; list < count; list++) {
      const inside = index.#lists.head[list]! + 4 < index.#used && index.#lists.tail[list]! < index.#used;
      if (!inside || index.#lists.positionHead[list]! + 4 >= index.#used)
        throw new RangeError('a posting list lies outside the pool');
    }
    index.#growScratch(count);
    return index;
  }

  #listFor(field: number, word: number): number {
    let lists = this.#listOf[field]!;
    if (word >= lists.length) this.#listOf[field] = lists = grown(lists, word + 1);
    const known = lists[word]!;
    if (known !== 0) return known - 1;
    const list = this.#listCount++;
    lists[word] = list + 1;
    if (list >= this.#lists.head.length)
      for (const name of LIST_ARRAYS) this.#lists[name] = grown(this.#lists[name], list + 1);
    this.#growScratch(list + 1);
    this.#lists.last[list] = -1;
    this.#lists.word[list] = word;
    this.#lists.field[list] = field;
    return list;
  }

  #growScratch(length: number): void {
    if (length <= this.#mark.length) return;
    this.#mark = grown(this.#mark, length);
    this.#frequency = grown(this.#frequency, length);
    this.#lastPosition = grown(this.#lastPosition, length);
  }

  #writeEntry(list: number, delta: number, frequency: number): void {
    const lists = this.#lists;
    const code = delta * 2 + (frequency === 1 ? 1 : 0);
    const need = varintLength(code) + (frequency === 1 ? 0 : varintLength(frequency));
    let at = lists.tail[list]!;
    if (at + need > lists.limit[list]!) {
      const slice = this.#slice(Math.max(need + 5, sliceSize(lists.count[list]!)));
      if (lists.head[list] === 0) lists.head[list] = slice;
      else writeAddress(this.#pool, lists.slice[list]!, slice);
      lists.slice[list] = slice;
      lists.limit[list] = this.#used - 1;
      at = slice + 4;
    }
    at = writeVarint(this.#pool, at, code);
    lists.tail[list] = frequency === 1 ? at : writeVarint(this.#pool, at, frequency);
  }

  #writePosition(list: number, value: number): void {
    const lists = this.#lists;
    let at = lists.positionTail[list]!;
    const need = varintLength(value);
    if (at + need > lists.positionLimit[list]!) {
      const slice = this.#slice(Math.max(need + 5, sliceSize(lists.count[list]! + this.#frequency[list]!)));
      if (lists.positionHead[list] === 0) lists.positionHead[list] = slice;
      else writeAddress(this.#pool, lists.positionSlice[list]!, slice);
      lists.positionSlice[list] = slice;
      lists.positionLimit[list] = this.#used - 1;
      at = slice + 4;
    }
    lists.positionTail[list] = writeVarint(this.#pool, at, value);
  }

  #slice(size: number): number {
    const address = this.#used;
    this.#used += size;
    this.#pool = grown(this.#pool, this.#used) as Uint8Array<ArrayBuffer>;
    return address;
  }
}

function emptyLists(): ListArrays {
  return Object.fromEntries(LIST_ARRAYS.map((name) => [name, new Int32Array(64)])) as ListArrays;
}

/** A new slice is about as long as the list already is, so at most half of a list is empty. */
function sliceSize(entries: number): number {
  return entries < 8 ? 12 : entries > 8192 ? 8192 : 8 + entries;
}

function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

function readAddress(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function writeAddress(bytes: Uint8Array, at: number, address: number): void {
  bytes[at] = address & 0xff;
  bytes[at + 1] = (address >>> 8) & 0xff;
  bytes[at + 2] = (address >>> 16) & 0xff;
  bytes[at + 3] = address >>> 24;
}
