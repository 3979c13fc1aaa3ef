import type { DocumentTable } from '../documents/document-table.ts';
import { Bitmap } from '../filter/bitmap.ts';
import type { InvertedIndex, Postings } from '../postings/inverted-index.ts';
import type { Lexicon } from '../postings/lexicon.ts';
import { typoBudget, wordsWithin } from '../postings/typos.ts';
import { isFunctionWord } from '../text/function-words.ts';
import { idf, saturate } from './bm25.ts';
import type { ParsedQuery, QueryTerm } from './query.ts';

export interface KeywordOptions {
  k1: number;
  /** Per text field. */
  boosts: number[];
  bs: number[];
  prefix: 'last' | 'all' | false;
  typos: 'auto' | 0 | 1 | 2;
  match: 'any' | 'all';
}

export type MatchKind = 'exact' | 'stem' | 'prefix' | 'typo' | 'phrase';

/** What one term of the query found. */
export interface TermMatch {
  term: QueryTerm;
  /** Words of the index that stood in for it, by kind. */
  words: { word: number; kind: MatchKind }[];
  idf: number;
  /** Idf of the term itself, also where only stand-ins were found. */
  ownIdf: number;
  /** Documents with the term. */
  documents: number;
  docs: Int32Array;
  scores: Float64Array;
}

export interface KeywordResult {
  /** Documents with a score above zero, in no particular order, before filters. */
  docs: Int32Array;
  /** Score by document number; zero where a document does not match. */
  scores: Float64Array;
  terms: TermMatch[];
}

/** What a prefix or a typo is worth at most, beside the word itself. */
const PREFIX_WEIGHT = 0.5;
const TYPO_WEIGHT = 0.25;
const MAX_EXPANSIONS = 1000;
const PRIOR_DOCUMENTS = 100;
const PRIOR_SHARE = 0.8;
/** Finished words from this length on may stand for longer ones, where the index does not know them. */
const SHORTEST_BEGINNING = 4;

/** Scores documents for the words of a query: BM25F, term at a time over dense arrays. */
export class KeywordRanker {
  readonly #lexicon: Lexicon;
  readonly #index: InvertedIndex;
  readonly #table: DocumentTable;
  readonly #fieldNames: string[];
  readonly #options: KeywordOptions;
  /** Weighted frequency of the current term by document, zero outside `#docs`. */
  readonly #frequency: Float64Array;
  #docs: Int32Array = new Int32Array(1024);
  #docCount = 0;
  readonly #postings: Postings = { count: 0, units: new Int32Array(1024), frequencies: new Int32Array(1024) };

  constructor(
    lexicon: Lexicon,
    index: InvertedIndex,
    table: DocumentTable,
    fieldNames: string[],
    options: KeywordOptions,
  ) {
    this.#lexicon = lexicon;
    this.#index = index;
    this.#table = table;
    this.#fieldNames = fieldNames;
    this.#options = options;
    this.#frequency = new Float64Array(table.count);
  }

  rank(query: ParsedQuery): KeywordResult {
    const count = this.#table.count;
    const scores = new Float64Array(count);
    const matched = new Uint16Array(this.#options.match === 'all' ? count : 0);
    const terms = query.terms.flatMap((term) => this.#resolve(term));
    for (const match of terms) {
      for (let i = 0; i < match.docs.length; i++) scores[match.docs[i]!]! += match.scores[i]!;
      if (matched.length > 0) for (const document of match.docs) matched[document]!++;
    }
    let found = 0;
    const docs = new Int32Array(count);
    for (let document = 0; document < count; document++) {
      if (scores[document]! === 0) continue;
      if (matched.length > 0 && matched[document]! < terms.length) scores[document] = 0;
      else docs[found++] = document;
    }
    return { docs: docs.slice(0, found), scores, terms };
  }

  /** Documents that hold an excluded word or phrase. */
  excluded(terms: QueryTerm[]): Bitmap {
    const bitmap = new Bitmap(this.#table.count);
    for (const term of terms) {
      this.#begin();
      if (term.phrase) this.#collectPhrase(term);
      else this.#collect([this.#lexicon.words.findString(term.words[0]!)], this.#fieldsOf(term));
      for (let i = 0; i < this.#docCount; i++) bitmap.set(this.#docs[i]!);
      this.#clear();
    }
    return bitmap;
  }

  /** Adds the documents whose field holds every one of some words. */
  matchAll(field: number, words: string[], into: Bitmap): void {
    if (words.length === 0) return;
    let all: Bitmap | undefined;
    for (const word of words) {
      const bitmap = new Bitmap(this.#table.count);
      this.#begin();
      this.#collect([this.#lexicon.words.findString(word)], [field]);
      for (let i = 0; i < this.#docCount; i++) bitmap.set(this.#docs[i]!);
      this.#clear();
      all = all === undefined ? bitmap : all.and(bitmap);
    }
    into.or(all!);
  }

  /** One term becomes one match, or several where only its parts are known. */
  #resolve(term: QueryTerm): TermMatch[] {
    if (term.phrase) return [this.#phrase(term)];
    const match = this.#word(term);
    const known = match.words.some((one) => one.kind === 'exact' || one.kind === 'stem');
    if (known || term.parts.length === 0) return [match];
    return term.parts.map((part) => this.#word({ ...term, words: [part], parts: [], open: false }));
  }

  #phrase(term: QueryTerm): TermMatch {
    this.#begin();
    const words = this.#collectPhrase(term);
    const weight = idf(this.#table.living, this.#docCount);
    const match = this.#take(term, weight, term.weight * weight);
    match.words = words.map((word) => ({ word, kind: 'phrase' }));
    return match;
  }

  #word(term: QueryTerm): TermMatch {
    const text = term.words[0]!;
    const fields = this.#fieldsOf(term);
    const own = this.#lexicon.words.findString(text);
    const conflated = this.#lexicon.conflated(text);
    this.#begin();
    this.#collect(conflated, fields);
    const containing = this.#docCount;
    const weight = this.#wordIdf(text, containing);
    const match = this.#take(term, weight, term.weight * weight);
    if (containing > 0)
      match.words = conflated.map((word) => ({ word, kind: word === own ? 'exact' : 'stem' }));
    const open = this.#options.prefix === 'all' || (this.#options.prefix === 'last' && term.open);
    // A short word that is finished and unknown means itself: `do` is no beginning of `dough`.
    const mayExpand = open || text.length >= SHORTEST_BEGINNING;
    if ((open || containing === 0) && this.#options.prefix !== false && mayExpand) {
      const longer = this.#lexicon.startingWith(text);
      this.#expand(match, mostUsed(longer, conflated, this.#index, fields), 'prefix', PREFIX_WEIGHT, fields);
    }
    if (containing === 0 && (match.docs.length === 0 || text.length >= 5)) {
      const budget = this.#options.typos === 'auto' ? typoBudget(text.length) : this.#options.typos;
      if (budget > 0) {
        const near = wordsWithin(this.#lexicon.words, this.#lexicon.sorted(), text, budget);
        const least = Math.min(...near.map((one) => one.edits));
        for (let edits = least; edits <= budget; edits++) {
          const words = near.filter((one) => one.edits === edits).map((one) => one.word);
          this.#expand(match, mostUsed(words, [], this.#index, fields), 'typo', TYPO_WEIGHT / edits, fields);
        }
      }
    }
    return match;
  }

  /**
   * Adds documents that only hold stand-ins for the term. Whatever their frequencies, they stay below
   * every document that holds something better: a start of a word never beats the word.
   */
  #expand(
    match: TermMatch,
    words: ArrayLike<number>,
    kind: MatchKind,
    worth: number,
    fields: number[],
  ): void {
    if (words.length === 0) return;
    this.#begin();
    this.#collect(words, fields);
    const first = match.docs.length === 0;
    if (first) {
      match.documents = this.#docCount;
      match.idf = idf(this.#table.living, this.#docCount);
    }
    let least = Infinity;
    for (let i = 0; i < match.scores.length; i++) if (match.scores[i]! < least) least = match.scores[i]!;
    // What already has something better is passed over: its frequency is cleared before it is read.
    for (let i = 0; i < match.docs.length; i++) this.#frequency[match.docs[i]!] = 0;
    const held = match.docs.length;
    const docs = new Int32Array(held + this.#docCount);
    const scores = new Float64Array(held + this.#docCount);
    docs.set(match.docs);
    scores.set(match.scores);
    const factor = match.term.weight * match.idf;
    let count = held;
    let most = 0;
    for (let i = 0; i < this.#docCount; i++) {
      const document = this.#docs[i]!;
      const frequency = this.#frequency[document]!;
      if (frequency === 0) continue;
      this.#frequency[document] = 0;
      const score = factor * saturate(frequency, this.#options.k1);
      docs[count] = document;
      scores[count++] = score;
      if (score > most) most = score;
    }
    this.#docCount = 0;
    if (count === held) return;
    const scale = Math.min(worth, (0.99 * least) / most);
    for (let i = held; i < count; i++) scores[i]! *= scale;
    match.docs = docs.slice(0, count);
    match.scores = scores.slice(0, count);
    for (let i = 0; i < words.length; i++) match.words.push({ word: words[i]!, kind });
  }

  /**
   * Function words start from a prior, as if PRIOR_DOCUMENTS more documents had been seen and most of them held the
   * word: in thirty notes `by` may stand in three, and would else weigh as much as a word that says something.
   */
  #wordIdf(word: string, containing: number): number {
    const { living } = this.#table;
    return isFunctionWord(word)
      ? idf(living + PRIOR_DOCUMENTS, containing + PRIOR_DOCUMENTS * PRIOR_SHARE)
      : idf(living, containing);
  }

  #fieldsOf(term: QueryTerm): number[] {
    if (term.field !== undefined) return [this.#fieldNames.indexOf(term.field)];
    return this.#fieldNames.map((_, field) => field).filter((field) => this.#options.boosts[field]! > 0);
  }

  #begin(): void {
    this.#docCount = 0;
  }

  /** Adds up the weighted frequencies of some words, by document. Removed documents are left out. */
  #collect(words: ArrayLike<number>, fields: number[]): void {
    for (const field of fields) {
      for (let i = 0; i < words.length; i++) {
        const list = this.#index.list(field, words[i]!);
        if (list < 0) continue;
        const { units, frequencies, count } = this.#index.decode(list, this.#postings);
        this.#accumulate(field, units, frequencies, count);
      }
    }
  }

  #accumulate(field: number, units: Int32Array, frequencies: Int32Array, count: number): void {
    const table = this.#table;
    const chunked = field === 0;
    const { chunkDocument, alive } = table;
    const lengths = table.lengths[field]!;
    const b = this.#options.bs[field]!;
    const boost = Math.max(this.#options.boosts[field]!, Number.MIN_VALUE);
    const slope = (b * table.living) / table.totals[field]!;
    const frequency = this.#frequency;
    if (this.#docs.length < this.#docCount + count) this.#docs = growTo(this.#docs, this.#docCount + count);
    for (let i = 0; i < count; i++) {
      const document = chunked ? chunkDocument[units[i]!]! : units[i]!;
      if (!alive.has(document)) continue;
      const before = frequency[document]!;
      if (before === 0) this.#docs[this.#docCount++] = document;
      frequency[document] = before + (boost * frequencies[i]!) / (1 - b + slope * lengths[document]!);
    }
  }

  /** Turns what was collected into scores, and clears it. */
  #take(term: QueryTerm, weight: number, factor: number): TermMatch {
    const docs = this.#docs.slice(0, this.#docCount);
    const scores = new Float64Array(docs.length);
    const { k1 } = this.#options;
    for (let i = 0; i < docs.length; i++) {
      const document = docs[i]!;
      scores[i] = factor * saturate(this.#frequency[document]!, k1);
      this.#frequency[document] = 0;
    }
    this.#docCount = 0;
    return { term, words: [], idf: weight, ownIdf: weight, documents: docs.length, docs, scores };
  }

  #clear(): void {
    for (let i = 0; i < this.#docCount; i++) this.#frequency[this.#docs[i]!] = 0;
    this.#docCount = 0;
  }

  /** Collects the documents where the words stand next to each other; returns the words' numbers. */
  #collectPhrase(term: QueryTerm): number[] {
    const words = term.words.map((word) => this.#lexicon.words.findString(word));
    if (words.some((word) => word < 0)) return [];
    for (const field of this.#fieldsOf(term)) {
      let documents: Int32Array | undefined;
      let places = new Int32Array(0);
      let failed = false;
      for (let k = 0; k < words.length && !failed; k++) {
        const list = this.#index.list(field, words[k]!);
        if (list < 0) {
          failed = true;
          break;
        }
        const next = this.#occurrences(field, list);
        if (documents === undefined) [documents, places] = next;
        else [documents, places] = followedBy(documents, places, next[0], next[1], k);
        failed = documents.length === 0;
      }
      if (failed || documents === undefined) continue;
      // Runs of the same document are its frequency.
      const units: number[] = [];
      const frequencies: number[] = [];
      for (const document of documents) {
        if (units.at(-1) === document) frequencies[frequencies.length - 1]!++;
        else {
          units.push(document);
          frequencies.push(1);
        }
      }
      this.#accumulateDocuments(field, units, frequencies);
    }
    return words;
  }

  #accumulateDocuments(field: number, documents: number[], frequencies: number[]): void {
    const table = this.#table;
    const b = this.#options.bs[field]!;
    const slope = (b * table.living) / table.totals[field]!;
    if (this.#docs.length < this.#docCount + documents.length)
      this.#docs = growTo(this.#docs, this.#docCount + documents.length);
    documents.forEach((document, i) => {
      if (!table.alive.has(document)) return;
      const before = this.#frequency[document]!;
      if (before === 0) this.#docs[this.#docCount++] = document;
      const factor = 1 - b + slope * table.lengths[field]![document]!;
      this.#frequency[document] = before + (this.#options.boosts[field]! * frequencies[i]!) / factor;
    });
  }

  /** All places of a word as two arrays, by document and place. */
  #occurrences(field: number, list: number): [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
    const postings = this.#index.decode(list, this.#postings);
    const places = this.#index.positions(list, postings) as Int32Array<ArrayBuffer>;
    const documents = new Int32Array(places.length);
    let at = 0;
    for (let i = 0; i < postings.count; i++) {
      const document = field === 0 ? this.#table.chunkDocument[postings.units[i]!]! : postings.units[i]!;
      for (let j = 0; j < postings.frequencies[i]!; j++) documents[at++] = document;
    }
    return [documents, places];
  }
}

/** Keeps the places that have the next word `distance` further on. Both sides are in order. */
function followedBy(
  documents: Int32Array,
  places: Int32Array,
  nextDocuments: Int32Array,
  nextPlaces: Int32Array,
  distance: number,
): [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
  const keptDocuments = new Int32Array(documents.length);
  const keptPlaces = new Int32Array(documents.length);
  let kept = 0;
  let j = 0;
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i]!;
    const place = places[i]! + distance;
    while (
      j < nextDocuments.length &&
      (nextDocuments[j]! < document || (nextDocuments[j] === document && nextPlaces[j]! < place))
    )
      j++;
    if (j < nextDocuments.length && nextDocuments[j] === document && nextPlaces[j] === place) {
      keptDocuments[kept] = document;
      keptPlaces[kept++] = places[i]!;
    }
  }
  return [keptDocuments.slice(0, kept), keptPlaces.slice(0, kept)];
}

/** At most `MAX_EXPANSIONS` words, those in most documents, without those already used. */
function mostUsed(
  words: ArrayLike<number>,
  used: number[],
  index: InvertedIndex,
  fields: number[],
): number[] {
  const known = new Set(used);
  const list = Array.from(words).filter((word) => !known.has(word));
  if (list.length <= MAX_EXPANSIONS) return list;
  const size = (word: number): number =>
    fields.reduce((sum, field) => {
      const at = index.list(field, word);
      return at < 0 ? sum : sum + index.size(at);
    }, 0);
  return list
    .map((word) => ({ word, size: size(word) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, MAX_EXPANSIONS)
    .map((one) => one.word);
}

function growTo(array: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(length + (length >>> 1));
  larger.set(array);
  return larger;
}
