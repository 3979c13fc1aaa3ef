import type { DocumentTable } from '../documents/document-table.ts';
import type { InvertedIndex } from '../postings/inverted-index.ts';
import { saturate } from './bm25.ts';
import type { RankScratch } from './scratch.ts';

/** Weights of the text fields, by field number. */
export interface FieldWeights {
  k1: number;
  boosts: number[];
  bs: number[];
}

/** A posting list with the field it belongs to. */
export interface FieldList {
  field: number;
  list: number;
}

/**
 * Adds up how often words are in documents, each frequency divided by its field's length factor and weighted: BM25F
 * before it saturates. Removed documents are left out.
 */
export class Collector {
  readonly #index: InvertedIndex;
  readonly #table: DocumentTable;
  readonly #weights: FieldWeights;
  readonly #scratch: RankScratch;

  constructor(index: InvertedIndex, table: DocumentTable, weights: FieldWeights, scratch: RankScratch) {
    this.#index = index;
    this.#table = table;
    this.#weights = weights;
    this.#scratch = scratch;
  }

  /** The lists of some words in some fields. */
  lists(words: ArrayLike<number>, fields: readonly number[]): FieldList[] {
    const found: FieldList[] = [];
    for (const field of fields) {
      for (let i = 0; i < words.length; i++) {
        const list = this.#index.list(field, words[i]!);
        if (list >= 0) found.push({ field, list });
      }
    }
    return found;
  }

  /** Adds lists to the frequencies of the term at hand. */
  collect(lists: readonly FieldList[]): void {
    const { postings } = this.#scratch;
    for (const { field, list } of lists) {
      const { count } = this.#index.decode(list, postings);
      this.add(field, this.#toDocuments(field, count));
    }
  }

  /** Adds the first `count` documents and frequencies of the scratch postings. */
  add(field: number, count: number): void {
    const scratch = this.#scratch;
    const { frequency, postings } = scratch;
    const { units, frequencies } = postings;
    const { base, slope, boost, lengths } = this.#lengthFactor(field);
    scratch.growDocs(count);
    const { docs } = scratch;
    let { docCount } = scratch;
    for (let i = 0; i < count; i++) {
      const document = units[i]!;
      const before = frequency[document]!;
      if (before === 0) docs[docCount++] = document;
      frequency[document] = before + (boost * frequencies[i]!) / (base + slope * lengths[document]!);
    }
    scratch.docCount = docCount;
  }

  /** Decodes one list alone; the documents and frequencies are in the scratch postings. Returns how many there are. */
  decode({ field, list }: FieldList): number {
    return this.#toDocuments(field, this.#index.decode(list, this.#scratch.postings).count);
  }

  /** Scores of the `count` documents in the scratch postings, those of one list. */
  scoreDecoded(field: number, count: number, factor: number): { docs: Int32Array; scores: Float64Array } {
    const { k1 } = this.#weights;
    const { units, frequencies } = this.#scratch.postings;
    const { base, slope, boost, lengths } = this.#lengthFactor(field);
    const { docs, scores } = this.#scratch.termRoom(count);
    for (let i = 0; i < count; i++) {
      const document = units[i]!;
      docs[i] = document;
      scores[i] = factor * saturate((boost * frequencies[i]!) / (base + slope * lengths[document]!), k1);
    }
    this.#scratch.keepTerm(count);
    return { docs, scores };
  }

  /** Scores of what was collected, which is cleared. */
  scoreCollected(factor: number): { docs: Int32Array; scores: Float64Array } {
    const { k1 } = this.#weights;
    const { docCount: count, docs: collected, frequency } = this.#scratch;
    const { docs, scores } = this.#scratch.termRoom(count);
    for (let i = 0; i < count; i++) {
      const document = collected[i]!;
      docs[i] = document;
      scores[i] = factor * saturate(frequency[document]!, k1);
      frequency[document] = 0;
    }
    this.#scratch.docCount = 0;
    this.#scratch.keepTerm(count);
    return { docs, scores };
  }

  clear(): void {
    const scratch = this.#scratch;
    for (let i = 0; i < scratch.docCount; i++) scratch.frequency[scratch.docs[i]!] = 0;
    scratch.docCount = 0;
  }

  /** The length factor is `base + slope · length`. */
  #lengthFactor(field: number): { base: number; slope: number; boost: number; lengths: Uint32Array } {
    const { lengths, living, totals } = this.#table;
    const b = this.#weights.bs[field]!;
    return {
      base: 1 - b,
      slope: (b * living) / totals[field]!,
      boost: Math.max(this.#weights.boosts[field]!, Number.MIN_VALUE),
      lengths: lengths[field]!,
    };
  }

  /** Turns the chunks in the scratch postings into living documents, each once: chunks of a document are neighbours. */
  #toDocuments(field: number, count: number): number {
    const { table, postings } = { table: this.#table, postings: this.#scratch.postings };
    const dead = table.living < table.count;
    const chunked = field === 0 && table.chunkCount !== table.count;
    if (!dead && !chunked) return count;
    const { units, frequencies } = postings;
    const { chunkDocument, alive } = table;
    let kept = 0;
    let last = -1;
    for (let i = 0; i < count; i++) {
      const document = field === 0 ? chunkDocument[units[i]!]! : units[i]!;
      if (document === last) frequencies[kept - 1]! += frequencies[i]!;
      else if (!dead || alive.has(document)) {
        units[kept] = document;
        frequencies[kept++] = frequencies[i]!;
        last = document;
      }
    }
    return kept;
  }
}
