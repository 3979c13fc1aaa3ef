import type { DocumentTable } from '../documents/document-table.ts';
import { Bitmap } from '../filter/bitmap.ts';
import type { InvertedIndex } from '../postings/inverted-index.ts';
import type { Lexicon } from '../postings/lexicon.ts';
import { isFunctionWord } from '../text/function-words.ts';
import { idf, saturate } from './bm25.ts';
import { Collector, type FieldList, type FieldWeights } from './collector.ts';
import { longerWords, similarWords } from './expansion.ts';
import { findPhrase } from './phrases.ts';
import type { ParsedQuery, QueryTerm } from './query.ts';
import { RankScratch } from './scratch.ts';

export interface KeywordOptions extends FieldWeights {
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

/** Arrays of the ranker's scratch: good until the next query takes it. */
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
  readonly #allFields: readonly number[];
  readonly #options: KeywordOptions;
  readonly #scratch: RankScratch;
  readonly #collector: Collector;

  constructor(
    lexicon: Lexicon,
    index: InvertedIndex,
    table: DocumentTable,
    fieldNames: string[],
    options: KeywordOptions,
    scratch: RankScratch = new RankScratch(),
  ) {
    this.#lexicon = lexicon;
    this.#index = index;
    this.#table = table;
    this.#fieldNames = fieldNames;
    this.#options = options;
    this.#scratch = scratch;
    this.#allFields = fieldNames.map((_, field) => field).filter((field) => options.boosts[field]! > 0);
    this.#collector = new Collector(index, table, options, scratch);
    scratch.begin(table.count);
  }

  rank(query: ParsedQuery): KeywordResult {
    const scratch = this.#scratch;
    scratch.begin(this.#table.count);
    const terms = query.terms.flatMap((term) => this.#resolve(term));
    const { scores, found } = scratch;
    let { foundCount } = scratch;
    for (const match of terms) {
      const { docs, scores: own } = match;
      for (let i = 0; i < docs.length; i++) {
        const document = docs[i]!;
        const before = scores[document]!;
        if (before === 0 && own[i]! > 0) found[foundCount++] = document;
        scores[document] = before + own[i]!;
      }
    }
    scratch.foundCount = foundCount;
    const docs = this.#options.match === 'all' ? this.#holdingAll(terms) : found.subarray(0, foundCount);
    return { docs, scores, terms };
  }

  /** Documents that hold an excluded word or phrase. */
  excluded(terms: QueryTerm[]): Bitmap {
    const bitmap = new Bitmap(this.#table.count);
    for (const term of terms) {
      if (term.phrase) this.#collectPhrase(term);
      else this.#collectWords([this.#lexicon.words.findString(term.words[0]!)], this.#fieldsOf(term));
      this.#drainInto(bitmap);
    }
    return bitmap;
  }

  /** Adds the documents whose field holds every one of some words. */
  matchAll(field: number, words: string[], into: Bitmap): void {
    if (words.length === 0) return;
    let all: Bitmap | undefined;
    for (const word of words) {
      const bitmap = new Bitmap(this.#table.count);
      this.#collectWords([this.#lexicon.words.findString(word)], [field]);
      this.#drainInto(bitmap);
      all = all === undefined ? bitmap : all.and(bitmap);
    }
    into.or(all!);
  }

  /** Of what was found, the documents that every term is in; the others lose their scores. */
  #holdingAll(terms: TermMatch[]): Int32Array {
    const { scores, found, foundCount } = this.#scratch;
    const matched = new Uint16Array(this.#table.count);
    for (const { docs } of terms) for (let i = 0; i < docs.length; i++) matched[docs[i]!]!++;
    const kept = new Int32Array(foundCount);
    let count = 0;
    for (let i = 0; i < foundCount; i++) {
      const document = found[i]!;
      if (matched[document]! < terms.length) scores[document] = 0;
      else kept[count++] = document;
    }
    return kept.subarray(0, count);
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
    const words = this.#collectPhrase(term);
    const documents = this.#scratch.docCount;
    const weight = idf(this.#table.living, documents);
    const { docs, scores } = this.#collector.scoreCollected(term.weight * weight);
    const kinds = words.map((word) => ({ word, kind: 'phrase' as const }));
    return { term, words: kinds, idf: weight, ownIdf: weight, documents, docs, scores };
  }

  #word(term: QueryTerm): TermMatch {
    const text = term.words[0]!;
    const fields = this.#fieldsOf(term);
    const own = this.#lexicon.words.findString(text);
    const conflated = this.#lexicon.conflated(text);
    const match = this.#scoreWords(term, this.#collector.lists(conflated, fields));
    const containing = match.documents;
    if (containing > 0)
      match.words = conflated.map((word) => ({ word, kind: word === own ? 'exact' : 'stem' }));
    const { prefix, typos } = this.#options;
    const open = prefix === 'all' || (prefix === 'last' && term.open);
    // A short word that is finished and unknown means itself: `do` is no beginning of `dough`.
    const mayExpand = open || text.length >= SHORTEST_BEGINNING;
    if ((open || containing === 0) && prefix !== false && mayExpand)
      this.#expand(match, longerWords(this.#lexicon, this.#index, text, conflated, fields), 'prefix', PREFIX_WEIGHT, fields); // prettier-ignore
    if (containing === 0) {
      const found = match.docs.length > 0;
      for (const { edits, words } of similarWords(this.#lexicon, this.#index, text, typos, fields, found))
        this.#expand(match, words, 'typo', TYPO_WEIGHT / edits, fields);
    }
    return match;
  }

  /** The term itself and the words of its stem, all alike. */
  #scoreWords(term: QueryTerm, lists: FieldList[]): TermMatch {
    const collector = this.#collector;
    let count: number;
    if (lists.length === 1) count = collector.decode(lists[0]!);
    else {
      collector.collect(lists);
      count = this.#scratch.docCount;
    }
    const weight = this.#wordIdf(term.words[0]!, count);
    const factor = term.weight * weight;
    const { docs, scores } =
      lists.length === 1
        ? collector.scoreDecoded(lists[0]!.field, count, factor)
        : collector.scoreCollected(factor);
    return { term, words: [], idf: weight, ownIdf: weight, documents: count, docs, scores };
  }

  /**
   * Adds documents that only hold stand-ins for the term. Whatever their frequencies, they stay below
   * every document that holds something better: a start of a word never beats the word.
   */
  #expand(
    match: TermMatch,
    words: number[],
    kind: MatchKind,
    worth: number,
    fields: readonly number[],
  ): void {
    if (words.length === 0) return;
    const scratch = this.#scratch;
    this.#collectWords(words, fields);
    const { frequency, docs: collected, docCount } = scratch;
    if (match.docs.length === 0) {
      match.documents = docCount;
      match.idf = idf(this.#table.living, docCount);
    }
    let least = Infinity;
    for (let i = 0; i < match.scores.length; i++) if (match.scores[i]! < least) least = match.scores[i]!;
    // What already has something better is passed over: its frequency is cleared before it is read.
    for (let i = 0; i < match.docs.length; i++) frequency[match.docs[i]!] = 0;
    const held = match.docs.length;
    const { docs, scores } = scratch.termRoom(held + docCount);
    docs.set(match.docs);
    scores.set(match.scores);
    const factor = match.term.weight * match.idf;
    const { k1 } = this.#options;
    let count = held;
    let most = 0;
    for (let i = 0; i < docCount; i++) {
      const document = collected[i]!;
      const weighted = frequency[document]!;
      if (weighted === 0) continue;
      frequency[document] = 0;
      const score = factor * saturate(weighted, k1);
      docs[count] = document;
      scores[count++] = score;
      if (score > most) most = score;
    }
    scratch.docCount = 0;
    if (count === held) return;
    const scale = Math.min(worth, (0.99 * least) / most);
    for (let i = held; i < count; i++) scores[i]! *= scale;
    scratch.keepTerm(count);
    match.docs = docs.subarray(0, count);
    match.scores = scores.subarray(0, count);
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

  #fieldsOf(term: QueryTerm): readonly number[] {
    return term.field === undefined ? this.#allFields : [this.#fieldNames.indexOf(term.field)];
  }

  #collectWords(words: readonly number[], fields: readonly number[]): void {
    this.#collector.collect(this.#collector.lists(words, fields));
  }

  /** Collects the documents where the words stand next to each other; returns the words' numbers. */
  #collectPhrase(term: QueryTerm): number[] {
    const words = term.words.map((word) => this.#lexicon.words.findString(word));
    if (words.some((word) => word < 0)) return [];
    for (const field of this.#fieldsOf(term)) {
      const count = findPhrase(this.#index, this.#table, field, words, this.#scratch.postings);
      this.#collector.add(field, count);
    }
    return words;
  }

  /** Notes the documents that were collected, and clears them. */
  #drainInto(bitmap: Bitmap): void {
    const { docs, docCount } = this.#scratch;
    for (let i = 0; i < docCount; i++) bitmap.set(docs[i]!);
    this.#collector.clear();
  }
}
