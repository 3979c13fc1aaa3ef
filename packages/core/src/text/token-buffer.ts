import { grown } from '../bytes/grow.ts';

/**
 * The tokens of one text, in flat arrays that are reused from text to text.
 * A word is one primary token; its parts (`effect` of `useEffect`) follow as secondary tokens,
 * which can be found but do not count into the length of the text.
 */
export class TokenBuffer {
  count = 0;
  /** How many primary tokens there are: the length of the text for BM25. */
  primary = 0;
  /** Word number in the dictionary, or -1 where it was only looked up and is not there. */
  ids: Int32Array = new Int32Array(256);
  /** UTF-16 offsets of the token in the text. */
  starts: Uint32Array = new Uint32Array(256);
  ends: Uint32Array = new Uint32Array(256);
  /** Place in the sequence of words; parts of a word take the places from its own onwards. */
  positions: Int32Array = new Int32Array(256);
  /** 0 for a primary token, 1 for a part, 2 for a part that always matters beside its whole. */
  kinds: Uint8Array = new Uint8Array(256);

  clear(): void {
    this.count = 0;
    this.primary = 0;
  }

  push(id: number, start: number, end: number, position: number, kind: number): void {
    const at = this.count++;
    if (at === this.ids.length) this.#grow(at + 1);
    this.ids[at] = id;
    this.starts[at] = start;
    this.ends[at] = end;
    this.positions[at] = position;
    this.kinds[at] = kind;
    if (kind === PRIMARY) this.primary++;
  }

  #grow(length: number): void {
    this.ids = grown(this.ids, length);
    this.starts = grown(this.starts, length);
    this.ends = grown(this.ends, length);
    this.positions = grown(this.positions, length);
    this.kinds = grown(this.kinds, length);
  }
}

export const PRIMARY = 0;
export const PART = 1;
export const GRAM = 2;
