import type { Postings } from '../postings/inverted-index.ts';
import { SAMPLE } from './calibrate.ts';
import { type Room, roomFor } from './select.ts';

/** The same array where it is long enough, else a longer one without what was in it. */
function roomy<A extends Int8Array | Int32Array | Float32Array | Float64Array>(array: A, length: number): A {
  if (array.length >= length) return array;
  const Type = array.constructor as new (length: number) => A;
  return new Type(length + (length >>> 2));
}

/**
 * Arrays over all documents that one query after another works in, so that none has to make and clear its own. What a
 * query finds lives in them until the next query takes them. A new array would cost more than what is done with it: its
 * memory is handed out page by page as it is written to (40 kB took 150 µs in Chromium on a virtual machine).
 */
export class RankScratch {
  /** Keyword score by document, zero outside `found`. */
  scores: Float64Array = new Float64Array(0);
  /** Documents with a keyword score. */
  found: Int32Array = new Int32Array(0);
  foundCount = 0;
  /** Weighted frequency of the term at hand by document, zero between terms. */
  frequency: Float64Array = new Float64Array(0);
  /** Documents of the term at hand. */
  docs: Int32Array = new Int32Array(1024);
  docCount = 0;
  /** Best similarity by document, -Infinity where there is none, and the chunk that has it. */
  similarities: Float64Array = new Float64Array(0);
  nearestChunk: Int32Array = new Int32Array(0);
  /** Scores in the order of some list of documents. */
  values: Float64Array = new Float64Array(0);
  /** Similarity by slot. */
  slotScores: Float32Array = new Float32Array(0);
  /** Documents that the vector side found. */
  near: Int32Array = new Int32Array(0);
  /** Documents of both sides. */
  candidates: Int32Array = new Int32Array(0);
  /** The best of either side. */
  readonly best: Room = roomFor(SAMPLE);
  readonly nearest: Room = roomFor(SAMPLE);
  /** Small numbers by document, zero outside of their use. */
  marks: Int8Array = new Int8Array(0);
  readonly postings: Postings = { count: 0, units: new Int32Array(1024), frequencies: new Int32Array(1024) };
  // Documents and scores of the query's terms, one term after another.
  #termDocs: Int32Array = new Int32Array(4096);
  #termScores: Float64Array = new Float64Array(4096);
  #termsUsed = 0;

  /** Forgets the last query, and makes room for so many documents. */
  begin(documents: number): void {
    for (let i = 0; i < this.foundCount; i++) this.scores[this.found[i]!] = 0;
    this.foundCount = this.docCount = this.#termsUsed = 0;
    if (this.scores.length >= documents) return;
    const room = documents + (documents >>> 2);
    this.scores = new Float64Array(room);
    this.frequency = new Float64Array(room);
    this.found = new Int32Array(room);
  }

  /** Arrays for the vector side, with no similarity in them. */
  beginVectors(documents: number): void {
    if (this.similarities.length < documents) {
      const room = documents + (documents >>> 2);
      this.similarities = new Float64Array(room);
      this.nearestChunk = new Int32Array(room);
    }
    this.similarities.fill(-Infinity, 0, documents);
  }

  /** Room for the documents of a term and their scores; the rest is given back by `keepTerm`. */
  termRoom(count: number): { docs: Int32Array; scores: Float64Array } {
    if (this.#termsUsed + count > this.#termDocs.length) {
      // Earlier terms keep the arrays that they have.
      const room = Math.max(count, this.#termDocs.length * 2);
      this.#termDocs = new Int32Array(room);
      this.#termScores = new Float64Array(room);
      this.#termsUsed = 0;
    }
    const from = this.#termsUsed;
    return {
      docs: this.#termDocs.subarray(from, from + count),
      scores: this.#termScores.subarray(from, from + count),
    };
  }

  keepTerm(count: number): void {
    this.#termsUsed += count;
  }

  /** Room for `count` more documents of the term at hand. */
  growDocs(count: number): void {
    const length = this.docCount + count;
    if (length <= this.docs.length) return;
    const larger = new Int32Array(length + (length >>> 1));
    larger.set(this.docs.subarray(0, this.docCount));
    this.docs = larger;
  }

  slotScoresFor(slots: number): Float32Array {
    return (this.slotScores = roomy(this.slotScores, slots));
  }

  nearFor(documents: number): Int32Array {
    return (this.near = roomy(this.near, documents));
  }

  candidatesFor(documents: number): Int32Array {
    return (this.candidates = roomy(this.candidates, documents));
  }

  marksFor(documents: number): Int8Array {
    return (this.marks = roomy(this.marks, documents));
  }

  /** Room for scores in the order of a list. */
  valuesFor(length: number): Float64Array {
    return (this.values = roomy(this.values, length));
  }
}

/** Lends scratch arrays, the same ones again and again; a query that comes in the middle of another gets its own. */
export class ScratchPool {
  #free: RankScratch | undefined = new RankScratch();

  lend<T>(use: (scratch: RankScratch) => T): T {
    const scratch = this.#free ?? new RankScratch();
    this.#free = undefined;
    try {
      return use(scratch);
    } finally {
      this.#free = scratch;
    }
  }
}
