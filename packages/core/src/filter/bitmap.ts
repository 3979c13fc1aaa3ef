import { grown } from '../bytes/grow.ts';

/** A set of small whole numbers, one bit each. */
export class Bitmap {
  words: Uint32Array;
  length: number;

  constructor(length: number) {
    this.length = length;
    this.words = new Uint32Array((length + 31) >>> 5);
  }

  static full(length: number): Bitmap {
    const bitmap = new Bitmap(length);
    bitmap.words.fill(0xffffffff);
    bitmap.#trim();
    return bitmap;
  }

  has(at: number): boolean {
    return (this.words[at >>> 5]! & (1 << (at & 31))) !== 0;
  }

  set(at: number): void {
    this.words[at >>> 5]! |= 1 << (at & 31);
  }

  clear(at: number): void {
    this.words[at >>> 5]! &= ~(1 << (at & 31));
  }

  /** Room for more numbers, all absent. */
  grow(length: number): void {
    if (length <= this.length) return;
    this.words = grown(this.words, (length + 31) >>> 5);
    this.length = length;
  }

  and(other: Bitmap): this {
    for (let i = 0; i < this.words.length; i++) this.words[i]! &= other.words[i] ?? 0;
    return this;
  }

  or(other: Bitmap): this {
    for (let i = 0; i < this.words.length; i++) this.words[i]! |= other.words[i] ?? 0;
    return this;
  }

  not(): this {
    for (let i = 0; i < this.words.length; i++) this.words[i] = ~this.words[i]!;
    this.#trim();
    return this;
  }

  copy(): Bitmap {
    const copy = new Bitmap(this.length);
    copy.words.set(this.words.subarray(0, copy.words.length));
    return copy;
  }

  get count(): number {
    let count = 0;
    for (let i = 0; i < (this.length + 31) >>> 5; i++) {
      let word = this.words[i]!;
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }

  /** The numbers in the set, in order. */
  members(): Int32Array {
    const members = new Int32Array(this.count);
    let count = 0;
    for (let word = 0; count < members.length; word++) {
      for (let bits = this.words[word]!; bits !== 0; bits &= bits - 1)
        members[count++] = word * 32 + (31 - Math.clz32(bits & -bits));
    }
    return members;
  }

  #trim(): void {
    const used = (this.length + 31) >>> 5;
    this.words.fill(0, used);
    if (this.length % 32 !== 0) this.words[used - 1]! &= (1 << (this.length % 32)) - 1;
  }
}
