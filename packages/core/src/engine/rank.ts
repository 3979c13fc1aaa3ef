import { SearchError, show } from '../errors.ts';
import { Bitmap } from '../filter/bitmap.ts';
import { evaluate, type Where } from '../filter/where.ts';
import { fuse, type Fused, UNKNOWN_WEIGHT } from '../rank/fusion.ts';
import { type KeywordOptions, KeywordRanker, type KeywordResult } from '../rank/keyword.ts';
import { forTokens, parseQuery, type ParsedQuery } from '../rank/query.ts';
import type { Field } from '../schema.ts';
import { PRIMARY } from '../text/token-buffer.ts';
import type { Notice, SearchMode, SearchQuery } from '../types.ts';
import { TopK } from '../vector/top-k.ts';
import { checkVector } from '../vector/vector-store.ts';
import { columnOf, fieldNamed, resolveBoosts, type State } from './state.ts';

/** How many documents the vector side puts forward where no least similarity says it. */
const VECTOR_CANDIDATES = 1000;

/** All documents found, in order, with what is needed to show and explain them. */
export interface Ranking {
  mode: SearchMode;
  notices: Notice[];
  docs: Int32Array;
  scores: Float64Array;
  query: ParsedQuery;
  keyword?: KeywordResult;
  keywordRanks?: Int32Array;
  /** Best similarity by document, -Infinity where there is no vector. */
  similarities?: Float64Array;
  /** The chunk with that similarity. */
  nearestChunk?: Int32Array;
  vectorRanks?: Int32Array;
  /** Similarity by vector slot. */
  slots?: Float32Array;
  fused?: Fused;
  options: KeywordOptions;
}

/** The whole of ranking, without texts: which documents, in what order, with what scores. */
export function rank(state: State, query: SearchQuery): Ranking {
  const notices: Notice[] = [];
  const parsed = parseQuery(query.term ?? '', (name) =>
    state.textFields.some((field) => field.name === name),
  );
  if (parsed.cut)
    notices.push({
      code: 'query-cut',
      message: 'The query has more words than are looked at; the rest was left out.',
    });
  const options = keywordOptions(state, query);
  const ranker = new KeywordRanker(
    state.lexicon,
    state.index,
    state.table,
    state.textFields.map((field) => field.name),
    options,
  );
  const vector = usableVector(state, query, notices);
  const hasTerm = parsed.terms.length > 0;
  const mode = decideMode(query, hasTerm, vector !== undefined, notices);
  const allowed = filterOf(state, query.where, ranker, parsed);
  const ranking: Ranking = {
    mode,
    notices,
    docs: new Int32Array(0),
    scores: new Float64Array(0),
    query: parsed,
    options,
  };
  if (mode !== 'vector' && hasTerm) {
    ranking.keyword = ranker.rank(parsed);
    ranking.keyword.docs = ranking.keyword.docs.filter((document) => allowed.has(document));
  }
  if (mode !== 'keyword' && vector !== undefined) scanVectors(state, vector, allowed, ranking);
  order(state, query, ranking, allowed);
  return ranking;
}

function keywordOptions(state: State, query: SearchQuery): KeywordOptions {
  const boosts = resolveBoosts(state.textFields, query.boosts ?? {}, state.text.boosts);
  if (query.fields !== undefined) {
    const names = state.textFields.map((field) => field.name);
    for (const name of query.fields) {
      if (!names.includes(name)) {
        throw new SearchError(
          'unknown-field',
          `There is no text field ${show(name)} to search in; there are ${names.join(', ')}.`,
          { field: String(name), value: name },
        );
      }
    }
    names.forEach((name, at) => {
      if (!query.fields!.includes(name)) boosts[at] = 0;
    });
  }
  const { prefix = 'last', typos = 'auto', match = 'any' } = query;
  return { k1: state.text.k1, boosts, bs: state.text.bs, prefix, typos, match };
}

/** The query's vector, where it may be compared with the index's; else a notice says why not. */
function usableVector(state: State, query: SearchQuery, notices: Notice[]): Float32Array | undefined {
  if (query.vector === undefined || query.mode === 'keyword') return undefined;
  if (state.vectors === undefined) {
    notices.push({ code: 'no-vectors', message: 'This index holds no vectors; it was searched by keyword.' });
    return undefined;
  }
  if (query.space !== undefined && query.space !== state.vector!.space) {
    notices.push({
      code: 'space-mismatch',
      message: `The query's vector is of the space ${show(query.space)}, the index's vectors are of ${show(state.vector!.space)}: they cannot be compared, so the search went by keyword.`,
    });
    return undefined;
  }
  const vector = checkVector(query.vector, state.vectors.dimensions, state.vectors.metric, {
    what: "The query's vector",
  });
  if (state.vectors.count === 0) {
    notices.push({
      code: 'no-vectors',
      message: 'No document in this index has a vector yet; it was searched by keyword.',
    });
    return undefined;
  }
  return vector;
}

function decideMode(query: SearchQuery, hasTerm: boolean, hasVector: boolean, notices: Notice[]): SearchMode {
  const wanted = query.mode ?? (query.vector === undefined ? 'keyword' : hasTerm ? 'hybrid' : 'vector');
  if (wanted !== 'keyword' && !hasVector) {
    if (query.vector === undefined && query.mode !== undefined) {
      notices.push({
        code: 'no-vectors',
        message: `The mode is "${query.mode}", but the query has no vector; it was searched by keyword.`,
      });
    }
    return 'keyword';
  }
  if (wanted === 'hybrid' && !hasTerm) {
    if (query.mode === 'hybrid')
      notices.push({ code: 'no-term', message: 'The query has no words; it was searched by meaning alone.' });
    return 'vector';
  }
  return wanted;
}

function filterOf(
  state: State,
  where: Where | undefined,
  ranker: KeywordRanker,
  parsed: ParsedQuery,
): Bitmap {
  const { table } = state;
  const source = {
    documents: table.count,
    alive: table.alive,
    field: (name: string) => fieldNamed(state, name),
    column: (field: Field) => columnOf(state, field),
    find: (id: string) => table.find(id),
    matchWords: (field: Field, text: string, into: Bitmap) => {
      const words: string[] = [];
      forTokens(text, (word, kind) => {
        if (kind === PRIMARY) words.push(word);
      });
      ranker.matchAll(state.textFields.indexOf(field), words, into);
    },
  };
  const allowed = where === undefined ? table.alive.copy() : evaluate(where, source);
  if (parsed.excluded.length > 0) allowed.and(ranker.excluded(parsed.excluded).not());
  return allowed;
}

/** Similarity of every allowed document: that of its nearest chunk. */
function scanVectors(state: State, vector: Float32Array, allowed: Bitmap, ranking: Ranking): void {
  const { table, vectors } = state;
  const slots = vectors!.scan(vector);
  const similarities = new Float64Array(table.count).fill(-Infinity);
  const nearest = new Int32Array(table.count).fill(-1);
  const { chunkOf } = vectors!;
  for (let slot = 0; slot < vectors!.rows; slot++) {
    const chunk = chunkOf[slot]!;
    if (chunk < 0) continue;
    const document = table.chunkDocument[chunk]!;
    if (!allowed.has(document)) continue;
    const similarity = slots[slot]!;
    if (
      similarity > similarities[document]! ||
      (similarity === similarities[document]! && chunk < nearest[document]!)
    ) {
      similarities[document] = similarity;
      nearest[document] = chunk;
    }
  }
  ranking.slots = slots;
  ranking.similarities = similarities;
  ranking.nearestChunk = nearest;
}

function order(state: State, query: SearchQuery, ranking: Ranking, allowed: Bitmap): void {
  const { table } = state;
  const before = (a: number, b: number): boolean => table.ids.compare(table.idOf[a]!, table.idOf[b]!) < 0;
  const sorted = (
    docs: Int32Array,
    score: (document: number) => number,
    k = docs.length,
  ): { items: Int32Array; scores: Float64Array } => {
    const top = new TopK(Math.min(k, docs.length), before);
    for (const document of docs) top.push(document, score(document));
    return top.sorted();
  };
  const { keyword, similarities } = ranking;
  let nearest: { items: Int32Array; scores: Float64Array } | undefined;
  if (similarities !== undefined) {
    const least = query.similarity ?? -Infinity;
    const docs = new Int32Array(table.count);
    let count = 0;
    for (let document = 0; document < table.count; document++) {
      if (similarities[document]! > -Infinity && similarities[document]! >= least) docs[count++] = document;
    }
    nearest = sorted(docs.subarray(0, count), (document) => similarities[document]!, VECTOR_CANDIDATES);
    ranking.vectorRanks = ranksOf(nearest.items, table.count);
  }
  if (keyword !== undefined) {
    const best = sorted(keyword.docs, (document) => keyword.scores[document]!);
    ranking.keywordRanks = ranksOf(best.items, table.count);
    if (nearest === undefined) {
      ranking.docs = best.items;
      ranking.scores = best.scores;
      return;
    }
  } else if (nearest !== undefined) {
    ranking.docs = nearest.items;
    ranking.scores = nearest.scores;
    return;
  } else {
    // Nothing asked for but a filter, perhaps: every document that passes, in the order of the ids.
    const docs = new Int32Array(ranking.query.terms.length > 0 ? 0 : table.living);
    let count = 0;
    if (docs.length > 0)
      for (let document = 0; document < table.count; document++)
        if (allowed.has(document)) docs[count++] = document;
    const all = sorted(docs.subarray(0, count), () => 0);
    ranking.docs = all.items;
    ranking.scores = all.scores;
    return;
  }
  fuseSides(state, query, ranking, nearest, before);
}

function fuseSides(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  nearest: { items: Int32Array },
  before: (a: number, b: number) => boolean,
): void {
  const { keyword, similarities, keywordRanks, vectorRanks } = ranking;
  const candidates: number[] = [...keyword!.docs];
  for (const document of nearest.items) if (keyword!.scores[document] === 0) candidates.push(document);
  // An order of their own, so that sums over them do not depend on how the index was filled.
  candidates.sort(
    (a, b) =>
      keyword!.scores[b]! - keyword!.scores[a]! ||
      similarities![b]! - similarities![a]! ||
      (before(a, b) ? -1 : 1),
  );
  let least = Infinity;
  for (const document of candidates)
    if (similarities![document]! > -Infinity) least = Math.min(least, similarities![document]!);
  const keywordSide = {
    scores: Float64Array.from(candidates, (document) => keyword!.scores[document]!),
    ranks: Int32Array.from(candidates, (document) => keywordRanks![document]!),
  };
  const vectorSide = {
    scores: Float64Array.from(candidates, (document) =>
      similarities![document]! === -Infinity ? least : similarities![document]!,
    ),
    ranks: Int32Array.from(candidates, (document) => vectorRanks![document]!),
  };
  const fused = fuse(
    keywordSide,
    vectorSide,
    query.fusion ?? 'calibrated',
    state.vector!.weight ?? UNKNOWN_WEIGHT,
  );
  const top = new TopK(candidates.length, (a, b) => before(candidates[a]!, candidates[b]!));
  for (let at = 0; at < candidates.length; at++) top.push(at, fused.keyword[at]! + fused.vector[at]!);
  const { items, scores } = top.sorted();
  ranking.docs = Int32Array.from(items, (at) => candidates[at]!);
  ranking.scores = scores;
  ranking.fused = {
    ...fused,
    keyword: Float64Array.from(items, (at) => fused.keyword[at]!),
    vector: Float64Array.from(items, (at) => fused.vector[at]!),
  };
}

/** Place of each document in a list, counted from 1; 0 where it is not in it. */
function ranksOf(docs: Int32Array, count: number): Int32Array {
  const ranks = new Int32Array(count);
  docs.forEach((document, at) => (ranks[document] = at + 1));
  return ranks;
}
