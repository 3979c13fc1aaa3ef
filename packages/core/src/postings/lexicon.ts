import { grown } from '../bytes/grow.ts';
import { finish, type Steps } from '../bytes/steps.ts';
import { LANGUAGES, stem, stemsIn } from '../text/stemmers.ts';
import type { TokenBuffer } from '../text/token-buffer.ts';
import { Dictionary } from './dictionary.ts';
import { StemBeginnings } from './stem-beginnings.ts';

/** Words of queries that are remembered: who types asks for the same words again with every key. */
const REMEMBERED = 4096;
/** Words that are compared, stemmed or copied in one step. */
const STEP = 1024;

/**
 * The words of the index and which of them share a stem. Words are indexed as they are written
 * (folded), so that exact words, starts of words and typing errors work on real words; a stem is a
 * class of words, looked up when a query comes. Stems are worked out once for each word and language.
 */
export class Lexicon {
  readonly words: Dictionary;
  /** Bit set of the languages in which a word has been seen. */
  #seenIn: Uint32Array = new Uint32Array(64);
  /** One letter for the language, then the stem → class number. */
  readonly #classes: Dictionary;
  /** Members of a class: a chain of (word, next) pairs. */
  #firstMember: Int32Array = new Int32Array(64);
  #memberWord: Int32Array = new Int32Array(64);
  #memberNext: Int32Array = new Int32Array(64);
  #members = 0;
  /** Languages present in the index. */
  languages = 0;

  readonly #beginnings = new StemBeginnings();
  /** What `conflated` gave since the last new word. */
  readonly #conflated = new Map<string, readonly number[]>();

  // Words in order, for starts of words: sorted up to #sortedCount, later words unsorted.
  #sorted: Uint32Array = new Uint32Array(0);
  #sortedCount = 0;

  constructor(words: Dictionary = new Dictionary(), classes: Dictionary = new Dictionary()) {
    this.words = words;
    this.#classes = classes;
  }

  get bytes(): number {
    return (
      this.words.bytes +
      this.#classes.bytes +
      this.#seenIn.byteLength +
      this.#firstMember.byteLength +
      this.#memberWord.byteLength * 2 +
      this.#sorted.byteLength
    );
  }

  /** Notes that the words of a text occur in a language. */
  note(tokens: TokenBuffer, language: number): void {
    const bit = 1 << language;
    this.languages |= bit;
    if (this.#seenIn.length < this.words.count) this.#seenIn = grown(this.#seenIn, this.words.count);
    const { ids, count } = tokens;
    for (let i = 0; i < count; i++) {
      const word = ids[i]!;
      if ((this.#seenIn[word]! & bit) === 0) this.#enter(word, language, bit);
    }
  }

  /**
   * The words that share a stem with `word` in any language of the index, the word itself first
   * (where the index has it).
   */
  conflated(word: string): readonly number[] {
    let words = this.#conflated.get(word);
    if (words !== undefined) return words;
    if (this.#conflated.size >= REMEMBERED) this.#conflated.clear();
    this.#conflated.set(word, (words = this.#conflate(word)));
    return words;
  }

  #conflate(word: string): number[] {
    const own = this.words.findString(word);
    const found: number[] = own >= 0 ? [own] : [];
    const languages = this.#beginnings.possible(word, this.languages, this.#classes);
    for (const [language, stemmed] of stemsIn(word, languages)) {
      const at = this.#classes.findString(key(language, stemmed));
      if (at < 0) continue;
      for (let member = this.#firstMember[at]!; member > 0; member = this.#memberNext[member]!) {
        const other = this.#memberWord[member]!;
        if (!found.includes(other)) found.push(other);
      }
    }
    // Order by spelling, not by arrival: sums then come out the same whatever the order of adding.
    const rest = found.slice(own >= 0 ? 1 : 0).sort((a, b) => this.words.compare(a, b));
    return own >= 0 ? [own, ...rest] : rest;
  }

  /** All words in order of their code units. */
  sorted(): Uint32Array {
    return finish(this.sortedInSteps());
  }

  /** Sorts what has come since the last time in runs, then merges them (bottom-up merge sort). */
  *sortedInSteps(): Steps<Uint32Array> {
    const count = this.words.count;
    if (this.#sortedCount === count) return this.#sorted;
    const { words } = this;
    // Taken now: a search may sort, too, while this one pauses.
    const before = this.#sorted;
    const first = this.#sortedCount;
    let runs: Uint32Array[] = [];
    for (let from = first; from < count; from += STEP) {
      const run = Uint32Array.from({ length: Math.min(STEP, count - from) }, (_, i) => from + i);
      runs.push(run.sort((a, b) => words.compare(a, b)));
      yield;
    }
    while (runs.length > 1) {
      const longer: Uint32Array[] = [];
      for (let i = 0; i < runs.length; i += 2)
        longer.push(i + 1 < runs.length ? yield* this.#merged(runs[i]!, runs[i + 1]!) : runs[i]!);
      runs = longer;
    }
    const merged = first === 0 ? runs[0]! : yield* this.#merged(before, runs[0]!);
    this.#sorted = merged;
    this.#sortedCount = count;
    return merged;
  }

  *#merged(a: Uint32Array, b: Uint32Array): Steps<Uint32Array> {
    const { words } = this;
    const merged = new Uint32Array(a.length + b.length);
    for (let i = 0, j = 0, n = 0; n < merged.length; n++) {
      const takeA = j >= b.length || (i < a.length && words.compare(a[i]!, b[j]!) < 0);
      merged[n] = takeA ? a[i++]! : b[j++]!;
      if (n % (STEP * 4) === STEP) yield;
    }
    return merged;
  }

  /** The words that start with `prefix` and are longer than it, in order. */
  startingWith(prefix: string): Uint32Array {
    const sorted = this.sorted();
    const from = this.#bound(sorted, prefix, false);
    const to = this.#bound(sorted, prefix, true);
    const first = from < to && this.words.length(sorted[from]!) === prefix.length ? from + 1 : from;
    return sorted.subarray(first, to);
  }

  /** What a snapshot holds; the arrays are good until the next change. */
  *arrays(): Steps<{
    words: Dictionary;
    classes: Dictionary;
    seenIn: Uint32Array;
    firstMember: Int32Array;
    members: Int32Array;
    sorted: Uint32Array;
  }> {
    const sorted = yield* this.sortedInSteps();
    const members = new Int32Array((this.#members + 1) * 2);
    members.set(this.#memberWord.subarray(0, this.#members + 1));
    members.set(this.#memberNext.subarray(0, this.#members + 1), this.#members + 1);
    return {
      words: this.words,
      classes: this.#classes,
      seenIn: this.#seenIn.subarray(0, this.words.count),
      firstMember: this.#firstMember.subarray(0, this.#classes.count),
      members,
      sorted,
    };
  }

  static from(arrays: {
    words: Dictionary;
    classes: Dictionary;
    seenIn: Uint32Array;
    firstMember: Int32Array;
    members: Int32Array;
    sorted: Uint32Array;
  }): Lexicon {
    const lexicon = new Lexicon(arrays.words, arrays.classes);
    const fits =
      arrays.seenIn.length === arrays.words.count &&
      arrays.sorted.length === arrays.words.count &&
      arrays.firstMember.length === arrays.classes.count &&
      arrays.members.length % 2 === 0;
    if (!fits) throw new RangeError('the word lists do not fit together');
    lexicon.#seenIn = arrays.seenIn;
    lexicon.#firstMember = arrays.firstMember;
    const half = arrays.members.length / 2;
    lexicon.#memberWord = arrays.members.slice(0, half);
    lexicon.#memberNext = arrays.members.slice(half);
    lexicon.#members = half - 1;
    lexicon.#sorted = arrays.sorted;
    lexicon.#sortedCount = arrays.sorted.length;
    for (const bits of arrays.seenIn) lexicon.languages |= bits;
    return lexicon;
  }

  /** Words that are still used, with new numbers; -1 in the map for those that went. */
  *compacted(used: Uint8Array): Steps<{ lexicon: Lexicon; map: Int32Array }> {
    const lexicon = new Lexicon();
    const map = new Int32Array(this.words.count).fill(-1);
    for (let word = 0; word < this.words.count; word++) {
      if (used[word] !== 1) continue;
      const number = lexicon.words.internString(this.words.text(word));
      map[word] = number;
      lexicon.#seenIn = grown(lexicon.#seenIn, number + 1);
      for (let language = 0; language < LANGUAGES.length; language++) {
        const bit = 1 << language;
        if ((this.#seenIn[word]! & bit) === 0) continue;
        lexicon.languages |= bit;
        lexicon.#enter(number, language, bit);
      }
      if (number % (STEP / 4) === 0) yield;
    }
    return { lexicon, map };
  }

  #enter(word: number, language: number, bit: number): void {
    this.#seenIn[word]! |= bit;
    if (this.#conflated.size > 0) this.#conflated.clear();
    if (language === 0) return;
    const text = this.words.text(word);
    const at = this.#classes.internString(key(language, stem(text, LANGUAGES[language]!)));
    this.#firstMember = grown(this.#firstMember, at + 1);
    const member = ++this.#members;
    this.#memberWord = grown(this.#memberWord, member + 1);
    this.#memberNext = grown(this.#memberNext, member + 1);
    this.#memberWord[member] = word;
    this.#memberNext[member] = this.#firstMember[at]!;
    this.#firstMember[at] = member;
  }

  /** First place whose word is not below the prefix, or (past) above all words that start with it. */
  #bound(sorted: Uint32Array, prefix: string, past: boolean): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#comparePrefix(sorted[middle]!, prefix);
      if (order < 0 || (past && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #comparePrefix(word: number, prefix: string): number {
    const length = this.words.length(word);
    for (let i = 0; i < prefix.length; i++) {
      if (i >= length) return -1;
      const difference = this.words.unit(word, i) - prefix.charCodeAt(i);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

function key(language: number, stemmed: string): string {
  return String.fromCharCode(0x61 + language) + stemmed;
}
