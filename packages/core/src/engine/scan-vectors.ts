import type { Bitmap } from '../filter/bitmap.ts';
import type { RankScratch } from '../rank/scratch.ts';
import type { State } from './state.ts';

/** How many documents, evenly spread, stand for all in the statistics of an approximate search. */
const STATISTICS_SAMPLE = 512;
/** A filter that leaves no more than one in so many vectors is answered from these alone: reading them here and there costs more than all in a row. */
const SELECTIVE = 2;

/** What the vector side knows of the documents. */
export interface VectorScan {
  /** Best similarity by document, -Infinity where there is no vector or none that was compared. */
  similarities: Float64Array;
  /** The chunk with that similarity. */
  nearestChunk: Int32Array;
  /** Similarity of some chunks' vectors by slot. */
  scoresOf(slots: Int32Array): Float32Array;
  /** The documents with a similarity, where not every vector was compared. */
  compared?: Int32Array;
  /** Mean similarity and mean of its square over all documents, from a sample of them; else `compared` are all. */
  estimate?: { mean: number; meanSquare: number; population: number };
}

/**
 * Similarity of every allowed document: that of its nearest chunk.
 *
 * @param filtered whether `allowed` leaves anything out
 */
export function scanAll(
  state: State,
  vector: Float32Array,
  allowed: Bitmap,
  { filtered, scratch }: { filtered: boolean; scratch: RankScratch },
): VectorScan {
  const { table, vectors } = state;
  if (filtered) {
    const documents = allowed.members();
    const few = slotsOf(state, documents);
    if (few.length * SELECTIVE <= vectors!.count) return scanSome(state, vector, documents, few, scratch);
  }
  const room = scratch.slotScoresFor(vectors!.slots);
  const slots = vectors!.scan(vector, isAllowed(state, allowed), room);
  scratch.beginVectors(table.count);
  const { similarities, nearestChunk } = scratch;
  const { chunkOf } = vectors!;
  const { chunkDocument } = table;
  for (let slot = 0; slot < slots.length; slot++) {
    const chunk = chunkOf[slot]!;
    if (chunk < 0) continue;
    const document = chunkDocument[chunk]!;
    const similarity = slots[slot]!;
    const before = similarities[document]!;
    if (similarity < before || (similarity === before && chunk > nearestChunk[document]!)) continue;
    if (filtered && !allowed.has(document)) continue;
    similarities[document] = similarity;
    nearestChunk[document] = chunk;
  }
  return {
    similarities,
    nearestChunk,
    scoresOf: (asked) => Float32Array.from(asked, (slot) => slots[slot]!),
  };
}

/** Similarity of some documents, whose vectors are in `slots`; the others are not looked at. */
function scanSome(
  state: State,
  vector: Float32Array,
  documents: Int32Array,
  slots: Int32Array,
  scratch: RankScratch,
): VectorScan {
  const { table, vectors } = state;
  const scores = vectors!.scoresOf(vector, slots);
  scratch.beginVectors(table.count);
  keepNearest(state, slots, scores, scratch);
  const { similarities, nearestChunk } = scratch;
  return {
    similarities,
    nearestChunk,
    scoresOf: (asked) => vectors!.scoresOf(vector, asked),
    compared: documents,
  };
}

/**
 * Similarity of the documents nearest to the query, of those that `also` names (the best by words), and of a sample of
 * the rest, from which mean and spread over all documents are estimated.
 *
 * @param filtered whether `allowed` leaves anything out
 */
export function scanNearest(
  state: State,
  vector: Float32Array,
  allowed: Bitmap,
  {
    count,
    also,
    filtered,
    scratch,
  }: { count: number; also: Int32Array; filtered: boolean; scratch: RankScratch },
): VectorScan {
  const { table } = state;
  const vectors = state.vectors!;
  scratch.beginVectors(table.count);
  const { similarities, nearestChunk } = scratch;
  const seen: number[] = [];
  const has = isAllowed(state, allowed);
  const near = vectors.nearest(
    vector,
    count,
    filtered ? { has, count: allowedSlots(state, allowed) } : undefined,
  );
  keepNearest(state, near.slots, near.scores, scratch, seen);
  const scoreDocuments = (documents: Int32Array): void => {
    const slots = slotsOf(state, documents);
    keepNearest(state, slots, vectors.scoresOf(vector, slots), scratch, seen);
  };
  // A document that is known by one chunk may have a nearer one that was not compared.
  scoreDocuments(also);
  const sample = spread(allowed, table.count, STATISTICS_SAMPLE);
  scoreDocuments(sample);
  let sum = 0;
  let squares = 0;
  let counted = 0;
  for (const document of sample) {
    const similarity = similarities[document]!;
    if (similarity === -Infinity) continue;
    sum += similarity;
    squares += similarity * similarity;
    counted++;
  }
  return {
    similarities,
    nearestChunk,
    scoresOf: (slots) => vectors.scoresOf(vector, slots),
    compared: Int32Array.from(seen),
    estimate: {
      mean: counted === 0 ? 0 : sum / counted,
      meanSquare: counted === 0 ? 0 : squares / counted,
      population: filtered ? allowed.count : table.living,
    },
  };
}

/**
 * Notes for each document its nearest chunk among some slots, of equals the first.
 *
 * @param seen takes the documents that had no similarity before
 */
function keepNearest(
  { table, vectors }: State,
  slots: Int32Array,
  scores: Float32Array,
  { similarities, nearestChunk }: RankScratch,
  seen?: number[],
): void {
  const { chunkDocument } = table;
  const { chunkOf } = vectors!;
  for (let i = 0; i < slots.length; i++) {
    const chunk = chunkOf[slots[i]!]!;
    const document = chunkDocument[chunk]!;
    const similarity = scores[i]!;
    const before = similarities[document]!;
    if (before === -Infinity) seen?.push(document);
    if (similarity < before || (similarity === before && chunk > nearestChunk[document]!)) continue;
    similarities[document] = similarity;
    nearestChunk[document] = chunk;
  }
}

/** Whether the vector of a slot may be found. */
function isAllowed({ table, vectors }: State, allowed: Bitmap): (slot: number) => boolean {
  return (slot) => {
    const chunk = vectors!.chunkOf[slot]!;
    return chunk >= 0 && allowed.has(table.chunkDocument[chunk]!);
  };
}

function slotsOf({ table }: State, documents: Int32Array): Int32Array {
  const { firstChunk, chunkSlot } = table;
  let chunks = 0;
  for (let i = 0; i < documents.length; i++)
    chunks += firstChunk[documents[i]! + 1]! - firstChunk[documents[i]!]!;
  const slots = new Int32Array(chunks);
  let count = 0;
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i]!;
    for (let chunk = firstChunk[document]!; chunk < firstChunk[document + 1]!; chunk++)
      if (chunkSlot[chunk]! >= 0) slots[count++] = chunkSlot[chunk]!;
  }
  return slots.subarray(0, count);
}

function allowedSlots({ table }: State, allowed: Bitmap): number {
  let count = 0;
  for (let document = 0; document < table.count; document++)
    if (allowed.has(document)) count += table.firstChunk[document + 1]! - table.firstChunk[document]!;
  return count;
}

/** At most about `count` documents of a set, evenly spread over all. */
function spread(allowed: Bitmap, documents: number, count: number): Int32Array {
  const sample: number[] = [];
  const step = Math.max(1, Math.floor(allowed.count / count));
  let passed = 0;
  for (let document = 0; document < documents; document++)
    if (allowed.has(document) && passed++ % step === 0) sample.push(document);
  return Int32Array.from(sample);
}
