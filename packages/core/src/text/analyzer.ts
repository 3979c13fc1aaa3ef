import type { Dictionary } from '../postings/dictionary.ts';
import * as C from './characters.ts';
import { eachSegment } from './segments.ts';
import { GRAM, PART, PRIMARY, type TokenBuffer } from './token-buffer.ts';

/** Longer "words" (encoded data, mostly) are cut here; they can still be found by their start. */
const MAX_WORD = 128;
const APOSTROPHE = 0x27;
const DOT = 0x2e;

/**
 * Cuts text into folded words and numbers them. Scripts with spaces between words are scanned by
 * character class, in one pass and without creating strings; runs of Han, kana, Thai and the like
 * go through `Intl.Segmenter`. Follows the word boundaries of Unicode annex 29, with these
 * departures: `C++`, `C#` are words; `'s` is dropped; acronyms lose their dots (`U.S.A.` is `usa`);
 * and compound words (`useEffect`, `node_modules`, `node.js`) also give their parts.
 */
export class Analyzer {
  readonly #units = new Uint16Array(MAX_WORD + 8);
  readonly #part = new Uint16Array(MAX_WORD + 8);
  readonly #cuts = new Int32Array(MAX_WORD + 8);

  /** Appends the tokens of `text` to `out`. Without `intern`, unknown words get the number -1. */
  analyze(text: string, dictionary: Dictionary, intern: boolean, out: TokenBuffer, position = 0): number {
    const n = text.length;
    let i = 0;
    while (i < n) {
      const kind = C.classOf(text.charCodeAt(i));
      if (
        kind <= C.HANGUL &&
        kind >= C.LOWER &&
        kind !== C.MARK &&
        kind !== C.MIDDLE &&
        kind !== C.KEPT_MARK
      ) {
        if (kind === C.IDEOGRAPH || kind === C.UNSPACED) {
          const end = runEnd(text, i, kind);
          position = this.#segmented(text, i, end, kind, dictionary, intern, out, position);
          i = end;
        } else {
          const end = this.#word(text, i, dictionary, intern, out, position);
          position = this.#next;
          i = end;
        }
      } else if (kind === C.SURROGATE) {
        const end = astralEnd(text, i);
        if (end > i) position = this.#segmented(text, i, end, C.IDEOGRAPH, dictionary, intern, out, position);
        i = Math.max(end, i + 1);
      } else i++;
    }
    return position;
  }

  #next = 0;

  #word(
    text: string,
    start: number,
    dictionary: Dictionary,
    intern: boolean,
    out: TokenBuffer,
    position: number,
  ): number {
    const units = this.#units;
    const cuts = this.#cuts;
    const n = text.length;
    let i = start;
    let length = 0;
    let cutCount = 0;
    let dots = 0;
    let hangul = false;
    let last = 0; // class of the previous letter or digit
    let beforeLast = 0;
    let c = text.charCodeAt(i);
    let kind = C.classOf(c);
    for (;;) {
      if (kind === C.UNDERSCORE) {
        if (length < MAX_WORD) units[length++] = c;
        cuts[cutCount < MAX_WORD ? cutCount++ : cutCount] = length;
        last = C.UNDERSCORE;
      } else if (kind !== C.MARK) {
        if (kind === C.UPPER && last === C.LOWER) cuts[cutCount < MAX_WORD ? cutCount++ : cutCount] = length;
        else if (kind === C.LOWER && last === C.UPPER && beforeLast === C.UPPER && length > 2) {
          cuts[cutCount < MAX_WORD ? cutCount++ : cutCount] = length - 1;
        }
        if (kind === C.HANGUL) hangul = true;
        beforeLast = last;
        last = kind;
        if (length < MAX_WORD) length = append(units, length, c);
      } else if (length > 0) {
        // Cyrillic short i keeps its breve: it is a letter of its own there, not an accented one.
        if (c === 0x0306 && units[length - 1] === 0x0438) units[length - 1] = 0x0439;
      }
      if (++i >= n) break;
      c = text.charCodeAt(i);
      kind = C.classOf(c);
      if (kind === C.SEPARATOR) break;
      if (kind >= C.LOWER && kind <= C.UNDERSCORE) continue;
      if (kind === C.MARK || kind === C.KEPT_MARK || kind === C.HANGUL) continue;
      if (kind !== C.MIDDLE || i + 1 >= n || !joins(c, last, C.classOf(text.charCodeAt(i + 1)))) break;
      if (length < MAX_WORD) units[length++] = c === 0x2019 ? APOSTROPHE : c === 0xff0e ? DOT : c;
      if (c === DOT) dots++;
      if (last !== C.DIGIT || c === APOSTROPHE) cuts[cutCount < MAX_WORD ? cutCount++ : cutCount] = length;
      beforeLast = 0;
      last = C.MIDDLE;
      c = text.charCodeAt(++i);
      kind = C.classOf(c);
    }
    // C++, C#, F#
    if (c === 0x2b && i + 1 < n && text.charCodeAt(i + 1) === 0x2b && length <= 3 && i - start === length) {
      if (
        i + 2 >= n ||
        C.classOf(text.charCodeAt(i + 2)) === C.SEPARATOR ||
        !isWordClass(C.classOf(text.charCodeAt(i + 2)))
      ) {
        units[length++] = 0x2b;
        units[length++] = 0x2b;
        i += 2;
      }
    } else if (
      c === 0x23 &&
      length === 1 &&
      i < n &&
      (i + 1 >= n || !isWordClass(C.classOf(text.charCodeAt(i + 1))))
    ) {
      units[length++] = 0x23;
      i++;
    }
    if (length > 2 && units[length - 1] === 0x73 && units[length - 2] === APOSTROPHE) {
      length -= 2;
      if (cutCount > 0 && cuts[cutCount - 1] === length + 1) cutCount--;
    }
    if (dots > 0 && isAcronym(units, length)) {
      length = withoutDots(units, length);
      cutCount = 0;
    }
    if (length === 0) {
      this.#next = position;
      return i;
    }
    out.push(
      intern ? dictionary.intern(units, length) : dictionary.find(units, length),
      start,
      i,
      position,
      PRIMARY,
    );
    this.#next = position + 1;
    if (cutCount > 0)
      this.#next =
        position + Math.max(1, this.#parts(length, cutCount, start, i, dictionary, intern, out, position));
    if (hangul && length > 2) {
      for (let at = 0; at + 2 <= length; at++)
        this.#emit(at, 2, start, i, dictionary, intern, out, position, GRAM);
    }
    return i;
  }

  /** Emits the parts of a compound word; returns how many there are. */
  #parts(
    length: number,
    cutCount: number,
    start: number,
    end: number,
    dictionary: Dictionary,
    intern: boolean,
    out: TokenBuffer,
    position: number,
  ): number {
    let from = 0;
    let count = 0;
    for (let cut = 0; cut <= cutCount; cut++) {
      const to = cut < cutCount ? this.#cuts[cut]! : length;
      let stop = Math.min(to, length);
      while (stop > from && isJoint(this.#units[stop - 1]!)) stop--;
      while (from < stop && isJoint(this.#units[from]!)) from++;
      if (stop - from >= 2 && stop - from < length) {
        this.#emit(from, stop - from, start, end, dictionary, intern, out, position + count, PART);
        count++;
      }
      from = to;
    }
    return count;
  }

  #emit(
    at: number,
    length: number,
    start: number,
    end: number,
    dictionary: Dictionary,
    intern: boolean,
    out: TokenBuffer,
    position: number,
    kind: number,
  ): void {
    for (let i = 0; i < length; i++) this.#part[i] = this.#units[at + i]!;
    const id = intern ? dictionary.intern(this.#part, length) : dictionary.find(this.#part, length);
    out.push(id, start, end, position, kind);
  }

  /** A run without spaces: overlapping pairs of characters for Han and kana, and dictionary words. */
  #segmented(
    text: string,
    start: number,
    end: number,
    kind: number,
    dictionary: Dictionary,
    intern: boolean,
    out: TokenBuffer,
    position: number,
  ): number {
    const run = text.slice(start, end);
    const number = (part: string): number => {
      const folded = fold(part);
      return intern ? dictionary.internString(folded) : dictionary.findString(folded);
    };
    if (kind === C.UNSPACED) {
      eachSegment(run, (word, at) =>
        out.push(number(word), start + at, start + at + word.length, position++, PRIMARY),
      );
      return position;
    }
    const chars: number[] = []; // offset of each code point in the run
    for (let i = 0; i < run.length; i += run.codePointAt(i)! > 0xffff ? 2 : 1) chars.push(i);
    chars.push(run.length);
    const count = chars.length - 1;
    if (count === 1) {
      out.push(number(run), start, end, position, PRIMARY);
      return position + 1;
    }
    let place = 0;
    const pairs = (upTo: number): void => {
      for (; place < count - 1 && chars[place]! < upTo; place++) {
        const pair = run.slice(chars[place], chars[place + 2]);
        out.push(number(pair), start + chars[place]!, start + chars[place + 2]!, position + place, PRIMARY);
      }
    };
    eachSegment(run, (word, at) => {
      pairs(at + 1);
      const single = word.length === 1 || (word.length === 2 && word.codePointAt(0)! > 0xffff);
      const pair = word.length === 2;
      if (single || !pair)
        out.push(number(word), start + at, start + at + word.length, position + chars.indexOf(at), GRAM);
    });
    pairs(run.length);
    return position + count - 1;
  }
}

/** Folds a whole string the way the scanner folds its words: lower case, no accents, NFKC. */
export function fold(text: string): string {
  const units = new Uint16Array(text.length * 4 + 4);
  let length = 0;
  const composed = text.normalize('NFKC');
  for (let i = 0; i < composed.length && length + 4 < units.length; i++)
    length = append(units, length, composed.charCodeAt(i));
  return String.fromCharCode(...units.subarray(0, length));
}

function append(units: Uint16Array, length: number, unit: number): number {
  if (unit < 128) {
    units[length] = unit >= 65 && unit <= 90 ? unit | 32 : unit;
    return length + 1;
  }
  const folded = C.foldOf(unit);
  if (folded !== C.LONG_FOLD) {
    units[length] = folded;
    return length + 1;
  }
  const long = C.longFold(unit);
  for (let i = 0; i < long.length && length < MAX_WORD + 4; i++) units[length++] = long.charCodeAt(i);
  return length;
}

function isWordClass(kind: number): boolean {
  return kind >= C.LOWER && kind <= C.UNDERSCORE;
}

function isJoint(unit: number): boolean {
  return unit === 0x5f || unit === APOSTROPHE || unit === DOT || unit === 0x2c;
}

/** May this middle character stand between what came before and what comes after? */
function joins(unit: number, before: number, after: number): boolean {
  const letters = (before === C.LOWER || before === C.UPPER) && (after === C.LOWER || after === C.UPPER);
  const digits = before === C.DIGIT && after === C.DIGIT;
  if (unit === 0x2c) return digits;
  return letters || (digits && unit !== 0x2019);
}

function isAcronym(units: Uint16Array, length: number): boolean {
  if (length % 2 === 0) return false;
  for (let i = 1; i < length; i += 2) if (units[i] !== DOT) return false;
  return C.classOf(units[0]!) !== C.DIGIT;
}

function withoutDots(units: Uint16Array, length: number): number {
  let kept = 0;
  for (let i = 0; i < length; i++) if (units[i] !== DOT) units[kept++] = units[i]!;
  return kept;
}

function runEnd(text: string, start: number, kind: number): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const other = C.classOf(text.charCodeAt(i));
    if (other === kind || other === C.KEPT_MARK || other === C.MARK) continue;
    if (other === C.SURROGATE && kind === C.IDEOGRAPH && astralEnd(text, i) > i) {
      i = astralEnd(text, i) - 1;
      continue;
    }
    break;
  }
  return i;
}

/** End of a run of letters, digits or pictographs beyond the first 65,536 code points; `start` if there is none. */
function astralEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length) {
    const point = text.codePointAt(i)!;
    if (point <= 0xffff || !/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(String.fromCodePoint(point))) break;
    i += 2;
  }
  return i;
}
