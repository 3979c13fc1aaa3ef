/** Length of a key in bytes. */
export const KEY_LENGTH = 16;
const WORDS = KEY_LENGTH / 4;
const FIRST_CAPACITY = 1024;

/**
 * Keys of 128 bits with the place and the last use of what they stand for, in typed arrays: about 40 bytes an entry.
 * Entries are dense from 0 to `size`; an open-addressing index finds them.
 */
export class KeyTable {
  size = 0;
  segment: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);
  offset: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);
  length: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);
  /** A clock that counts calls; higher is more recent. */
  used: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_CAPACITY);
  #keys = new Uint32Array(FIRST_CAPACITY * WORDS);
  /** Entry + 1 for each slot, 0 for none; at most half full. */
  #slots = new Uint32Array(FIRST_CAPACITY * 2);

  /** The entry of a key, or -1. */
  find(key: Uint8Array): number {
    const words = wordsOf(key);
    const mask = this.#slots.length - 1;
    for (let slot = words[0]! & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0 || this.#has(entry, words)) return entry;
    }
  }

  /** Adds a key or gives it a new place; returns its entry. */
  set(key: Uint8Array, segment: number, offset: number, length: number, used: number): number {
    let entry = this.find(key);
    if (entry < 0) {
      if (this.size === this.used.length) this.#grow();
      entry = this.size++;
      this.#keys.set(wordsOf(key), entry * WORDS);
      this.#index(entry);
    }
    this.segment[entry] = segment;
    this.offset[entry] = offset;
    this.length[entry] = length;
    this.used[entry] = used;
    return entry;
  }

  /** The key of an entry. */
  key(entry: number): Uint8Array {
    return new Uint8Array(this.#keys.slice(entry * WORDS, (entry + 1) * WORDS).buffer);
  }

  /** Drops every entry that `keep` refuses; the others are renumbered, in order. */
  retain(keep: (entry: number) => boolean): void {
    let kept = 0;
    for (let entry = 0; entry < this.size; entry++) {
      if (!keep(entry)) continue;
      for (const column of [this.segment, this.offset, this.length, this.used]) column[kept] = column[entry]!;
      this.#keys.copyWithin(kept * WORDS, entry * WORDS, (entry + 1) * WORDS);
      kept++;
    }
    this.size = kept;
    this.#reindex();
  }

  #has(entry: number, words: Uint32Array): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#keys[entry * WORDS + i] !== words[i]) return false;
    return true;
  }

  #index(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#keys[entry * WORDS]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #reindex(): void {
    this.#slots.fill(0);
    for (let entry = 0; entry < this.size; entry++) this.#index(entry);
  }

  #grow(): void {
    const capacity = this.used.length * 2;
    const grown = (column: Uint32Array, length = capacity): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(length);
      larger.set(column);
      return larger;
    };
    this.segment = grown(this.segment);
    this.offset = grown(this.offset);
    this.length = grown(this.length);
    this.used = grown(this.used);
    this.#keys = grown(this.#keys, capacity * WORDS);
    this.#slots = new Uint32Array(capacity * 2);
    this.#reindex();
  }
}

function wordsOf(key: Uint8Array): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, KEY_LENGTH);
  // In the order of the machine, like the bytes that `key` gives back.
  return Uint32Array.from({ length: WORDS }, (_, i) => view.getUint32(i * 4, LITTLE_ENDIAN));
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
