import type { DocumentTable } from '../documents/document-table.ts';
import type { InvertedIndex, Postings } from '../postings/inverted-index.ts';

/**
 * Where words stand next to each other in a field: the documents, one after another, and how often, written to the
 * start of `out`. Returns how many documents there are.
 */
export function findPhrase(
  index: InvertedIndex,
  table: DocumentTable,
  field: number,
  words: readonly number[],
  out: Postings,
): number {
  let documents = new Int32Array(0);
  let places = new Int32Array(0);
  for (let k = 0; k < words.length; k++) {
    const list = index.list(field, words[k]!);
    if (list < 0) return 0;
    const next = occurrences(index, table, field, list, out);
    [documents, places] = k === 0 ? next : followedBy(documents, places, next[0], next[1], k);
    if (documents.length === 0) return 0;
  }
  if (out.units.length < documents.length) {
    out.units = new Int32Array(documents.length);
    out.frequencies = new Int32Array(documents.length);
  }
  // Runs of the same document are its frequency.
  let count = 0;
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i]!;
    if (!table.alive.has(document)) continue;
    if (count > 0 && out.units[count - 1] === document) out.frequencies[count - 1]!++;
    else {
      out.units[count] = document;
      out.frequencies[count++] = 1;
    }
  }
  return count;
}

/** All places of a word as two arrays, by document and place. */
function occurrences(
  index: InvertedIndex,
  table: DocumentTable,
  field: number,
  list: number,
  scratch: Postings,
): [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
  const { units, frequencies, count } = index.decode(list, scratch);
  const places = index.positions(list, scratch) as Int32Array<ArrayBuffer>;
  const documents = new Int32Array(places.length);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const document = field === 0 ? table.chunkDocument[units[i]!]! : units[i]!;
    for (let j = 0; j < frequencies[i]!; j++) documents[at++] = document;
  }
  return [documents, places];
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
