import { grown } from '../bytes/grow.ts';

/** Largest hash table that is cleared rather than made anew. */
const KEPT_TABLE = 1024;

/**
 * Strings ↔ dense numbers 0, 1, 2, …, in flat arrays: the UTF-16 units of all strings one after
 * another, and an open-addressing hash table. It holds 100,000 words in about 2 MB, and a snapshot
 * of it is a copy of its arrays.
 */
export class Dictionary {
  #units: Uint16Array = new Uint16Array(256);
  #starts: Uint32Array = new Uint32Array(64);
  #table: Int32Array = new Int32Array(64);
  #mask = 63;
  #scratch = new Uint16Array(64);
  #letters: Uint32Array = new Uint32Array(0);
  #lettersKnown = 0;
  count = 0;

  /** The number of a string given as units, or -1. */
  find(units: Uint16Array, length: number): number {
    let slot = hash(units, length) & this.#mask;
    for (;;) {
      const id = this.#table[slot]! - 1;
      if (id < 0) return -1;
      if (this.#equals(id, units, length)) return id;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** The number of a string, given one if it is new (then it equals the old `count`). */
  intern(units: Uint16Array, length: number): number {
    let slot = hash(units, length) & this.#mask;
    for (;;) {
      const id = this.#table[slot]! - 1;
      if (id < 0) break;
      if (this.#equals(id, units, length)) return id;
      slot = (slot + 1) & this.#mask;
    }
    const id = this.count++;
    const from = this.#starts[id]!;
    this.#units = grown(this.#units, from + length);
    for (let i = 0; i < length; i++) this.#units[from + i] = units[i]!;
    this.#starts = grown(this.#starts, id + 2);
    this.#starts[id + 1] = from + length;
    this.#table[slot] = id + 1;
    if (this.count * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    return id;
  }

  findString(text: string): number {
    return this.find(this.#fill(text), text.length);
  }

  internString(text: string): number {
    return this.intern(this.#fill(text), text.length);
  }

  /** The string with this number. */
  text(id: number): string {
    const units = this.#units.subarray(this.#starts[id]!, this.#starts[id + 1]!);
    if (units.length <= 4096) return String.fromCharCode.apply(null, units as unknown as number[]);
    let text = '';
    for (let i = 0; i < units.length; i += 4096) {
      text += String.fromCharCode.apply(null, units.subarray(i, i + 4096) as unknown as number[]);
    }
    return text;
  }

  length(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!;
  }

  unit(id: number, at: number): number {
    return this.#units[this.#starts[id]! + at]!;
  }

  /** The units of all strings and where each begins, for loops over many strings; good until a string is added. */
  get views(): { units: Uint16Array; starts: Uint32Array } {
    return { units: this.#units, starts: this.#starts };
  }

  /** For each string the set of its letters (see `letterSet`); worked out when first asked for. */
  letterSets(): Uint32Array {
    if (this.#lettersKnown < this.count) {
      this.#letters = grown(this.#letters, this.count);
      for (let id = this.#lettersKnown; id < this.count; id++)
        this.#letters[id] = letterSet(this.#units, this.#starts[id]!, this.#starts[id + 1]!);
      this.#lettersKnown = this.count;
    }
    return this.#letters;
  }

  /** Forgets all strings. */
  clear(): void {
    if (this.#table.length > KEPT_TABLE) {
      this.#table = new Int32Array(KEPT_TABLE);
      this.#mask = KEPT_TABLE - 1;
    } else this.#table.fill(0);
    this.#lettersKnown = 0;
    this.count = 0;
  }

  /** Order of two strings by code unit, as `<` on strings has it. */
  compare(a: number, b: number): number {
    const units = this.#units;
    let i = this.#starts[a]!;
    let j = this.#starts[b]!;
    const iEnd = this.#starts[a + 1]!;
    const jEnd = this.#starts[b + 1]!;
    while (i < iEnd && j < jEnd) {
      const difference = units[i++]! - units[j++]!;
      if (difference !== 0) return difference;
    }
    return iEnd - i - (jEnd - j);
  }

  get bytes(): number {
    const strings = this.#units.byteLength + this.#starts.byteLength;
    return strings + this.#table.byteLength + this.#letters.byteLength;
  }

  /** The arrays at their exact sizes, for a snapshot; good until the next change. */
  arrays(): { units: Uint16Array; starts: Uint32Array; table: Int32Array } {
    const units = this.#starts[this.count]!;
    return {
      units: this.#units.subarray(0, units),
      starts: this.#starts.subarray(0, this.count + 1),
      table: this.#table,
    };
  }

  static from(arrays: { units: Uint16Array; starts: Uint32Array; table: Int32Array }): Dictionary {
    const { units, starts, table } = arrays;
    const count = starts.length - 1;
    const size = table.length;
    const wrong =
      count < 0 ||
      size < 2 ||
      (size & (size - 1)) !== 0 ||
      count * 2 > size ||
      starts[0] !== 0 ||
      starts[count] !== units.length;
    if (wrong) throw new RangeError('the dictionary does not fit together');
    const dictionary = new Dictionary();
    dictionary.#units = units;
    dictionary.#starts = starts;
    dictionary.#table = table;
    dictionary.#mask = size - 1;
    dictionary.count = count;
    return dictionary;
  }

  #fill(text: string): Uint16Array {
    if (this.#scratch.length < text.length) this.#scratch = new Uint16Array(text.length * 2);
    for (let i = 0; i < text.length; i++) this.#scratch[i] = text.charCodeAt(i);
    return this.#scratch;
  }

  #equals(id: number, units: Uint16Array, length: number): boolean {
    const from = this.#starts[id]!;
    if (this.#starts[id + 1]! - from !== length) return false;
    const own = this.#units;
    for (let i = 0; i < length; i++) if (own[from + i] !== units[i]) return false;
    return true;
  }

  #rehash(size: number): void {
    const table = new Int32Array(size);
    const mask = size - 1;
    for (let id = 0; id < this.count; id++) {
      const from = this.#starts[id]!;
      const length = this.#starts[id + 1]! - from;
      let slot = hash(this.#units.subarray(from, from + length), length) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = id + 1;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

/** FNV-1a over code units, with a last mix because only the low bits are used. */
/** Which letters a string has, as bits: a signature in which different letters may share a bit. */
export function letterSet(units: Uint16Array, from: number, to: number): number {
  let set = 0;
  for (let i = from; i < to; i++) set |= 1 << (units[i]! & 31);
  return set;
}

function hash(units: Uint16Array, length: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ units[i]!, 0x01000193);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 8;
}
