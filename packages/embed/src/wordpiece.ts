/** Grows: token ids of one text. */
export class IdBuffer {
  ids: Int32Array = new Int32Array(256);
  length = 0;

  push(id: number): void {
    if (this.length === this.ids.length) this.grow(this.length + 1);
    this.ids[this.length++] = id;
  }

  append(from: Int32Array, start: number, end: number): void {
    if (this.length + end - start > this.ids.length) this.grow(this.length + end - start);
    for (let i = start; i < end; i++) this.ids[this.length++] = from[i]!;
  }

  private grow(least: number): void {
    const larger = new Int32Array(Math.max(least, this.ids.length * 2));
    larger.set(this.ids);
    this.ids = larger;
  }
}

const CACHE_WORDS = 1 << 15;
const CACHE_KEYS = 1 << 18;
const CACHE_IDS = 1 << 17;
const CACHE_UNITS = 1 << 13;
const MAX_CACHED_UNIT = 64;

// What a character code is to BERT's pre-tokenizer. Everything that is not printable ASCII is left to the full tokenizer.
const OTHER = 0;
const SPACE = 1;
const WORD = 2;
const PUNCTUATION = 3;
const CLASS = new Uint8Array(128);
for (let code = 33; code < 127; code++)
  CLASS[code] = /[0-9A-Za-z]/.test(String.fromCharCode(code)) ? WORD : PUNCTUATION;
for (const code of [9, 10, 13, 32]) CLASS[code] = SPACE;

export interface WordPieceVocabulary {
  pieces: Map<string, number>;
  unknown: number;
  continuingPrefix: string;
  maxWordLength: number;
}

/**
 * Uncased BERT tokenization (normalise, split at spaces and punctuation, greedy longest match) with a shortcut for
 * printable ASCII: words are looked up, by their bytes, in a table of words met before. Whatever else stands between two
 * spaces goes to `full`, the complete tokenizer. The two agree because nothing in BERT's normaliser looks past an ASCII
 * space: the same ids, only sooner.
 */
export class WordPieceEncoder {
  private readonly slots = new Int32Array(CACHE_WORDS * 2);
  private readonly keys = new Uint8Array(CACHE_KEYS);
  private readonly ids = new Int32Array(CACHE_IDS);
  // Ends of each cached word's key and ids; its start is the end of the word before.
  private readonly keyEnds = new Int32Array(CACHE_WORDS + 1);
  private readonly idEnds = new Int32Array(CACHE_WORDS + 1);
  private words = 0;
  private readonly units = new Map<string, Int32Array>();
  private readonly punctuation = new Int32Array(128);
  private readonly longestPiece: number;
  private readonly vocabulary: WordPieceVocabulary;
  private readonly full: (text: string) => ArrayLike<number>;

  constructor(vocabulary: WordPieceVocabulary, full: (text: string) => ArrayLike<number>) {
    this.vocabulary = vocabulary;
    this.full = full;
    let longest = 0;
    for (const piece of vocabulary.pieces.keys()) longest = Math.max(longest, piece.length);
    this.longestPiece = longest;
    for (let code = 0; code < 128; code++) {
      this.punctuation[code] = vocabulary.pieces.get(String.fromCharCode(code)) ?? vocabulary.unknown;
    }
  }

  /** Appends the ids of a text, without special tokens; stops soon after there are more than `limit`. */
  encode(text: string, out: IdBuffer, limit: number): void {
    const { length } = text;
    let i = 0;
    while (i < length && out.length <= limit) {
      const code = text.charCodeAt(i);
      if (code < 128 && CLASS[code] === SPACE) {
        i++;
        continue;
      }
      const start = i;
      let ascii = true;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        const kind = code < 128 ? CLASS[code]! : OTHER;
        if (kind === SPACE) break;
        if (kind === OTHER) ascii = false;
      }
      if (ascii) this.encodeAscii(text, start, i, out);
      else this.encodeUnit(text.slice(start, i), out);
    }
  }

  private encodeAscii(text: string, start: number, end: number, out: IdBuffer): void {
    let i = start;
    while (i < end) {
      const code = text.charCodeAt(i);
      if (CLASS[code] === PUNCTUATION) {
        out.push(this.punctuation[code]!);
        i++;
        continue;
      }
      const wordStart = i;
      let hash = 0x811c9dc5;
      for (; i < end; i++) {
        const code = text.charCodeAt(i);
        if (CLASS[code] !== WORD) break;
        hash = Math.imul(hash ^ lower(code), 0x01000193);
      }
      this.encodeWord(text, wordStart, i, hash, out);
    }
  }

  private encodeWord(text: string, start: number, end: number, hash: number, out: IdBuffer): void {
    if (end - start > this.vocabulary.maxWordLength) {
      out.push(this.vocabulary.unknown);
      return;
    }
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let word = this.slots[slot]!; word !== 0; word = this.slots[slot]!) {
      if (this.isWord(word, text, start, end)) {
        out.append(this.ids, this.idEnds[word - 1]!, this.idEnds[word]!);
        return;
      }
      slot = (slot + 1) & mask;
    }
    const before = out.length;
    this.match(text.slice(start, end).toLowerCase(), out);
    this.remember(slot, text, start, end, out, before);
  }

  private isWord(word: number, text: string, start: number, end: number): boolean {
    const from = this.keyEnds[word - 1]!;
    if (this.keyEnds[word]! - from !== end - start) return false;
    for (let i = start; i < end; i++)
      if (this.keys[from + i - start] !== lower(text.charCodeAt(i))) return false;
    return true;
  }

  private remember(
    slot: number,
    text: string,
    start: number,
    end: number,
    out: IdBuffer,
    before: number,
  ): void {
    const keyEnd = this.keyEnds[this.words]! + end - start;
    const idEnd = this.idEnds[this.words]! + out.length - before;
    if (this.words === CACHE_WORDS || keyEnd > CACHE_KEYS || idEnd > CACHE_IDS) {
      this.slots.fill(0);
      this.words = 0;
      return;
    }
    for (let i = start; i < end; i++)
      this.keys[this.keyEnds[this.words]! + i - start] = lower(text.charCodeAt(i));
    for (let i = before; i < out.length; i++) this.ids[this.idEnds[this.words]! + i - before] = out.ids[i]!;
    this.words++;
    this.keyEnds[this.words] = keyEnd;
    this.idEnds[this.words] = idEnd;
    this.slots[slot] = this.words;
  }

  /** Greedy longest match first; a word with a part that is no piece is unknown as a whole. */
  private match(word: string, out: IdBuffer): void {
    const { pieces, unknown, continuingPrefix } = this.vocabulary;
    const before = out.length;
    let start = 0;
    while (start < word.length) {
      let end = Math.min(word.length, start + this.longestPiece);
      let id: number | undefined;
      for (; end > start; end--) {
        const part = word.slice(start, end);
        id = pieces.get(start > 0 ? continuingPrefix + part : part);
        if (id !== undefined) break;
      }
      if (id === undefined) {
        out.length = before;
        out.push(unknown);
        return;
      }
      out.push(id);
      start = end;
    }
  }

  private encodeUnit(unit: string, out: IdBuffer): void {
    let ids = this.units.get(unit);
    if (!ids) {
      ids = Int32Array.from(this.full(unit));
      if (unit.length <= MAX_CACHED_UNIT) {
        if (this.units.size === CACHE_UNITS) this.units.clear();
        this.units.set(unit, ids);
      }
    }
    out.append(ids, 0, ids.length);
  }
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code;
}
