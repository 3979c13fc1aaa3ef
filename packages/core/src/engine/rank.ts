import { SearchError, show } from '../errors.ts';
import { Bitmap } from '../filter/bitmap.ts';
import { evaluate, type Where } from '../filter/where.ts';
import { LOOKED_AT, SAMPLE, statisticsOf, UNKNOWN_WEIGHT } from '../rank/calibrate.ts';
import { queryCoverage } from '../rank/coverage.ts';
import { fuse, type Fused } from '../rank/fusion.ts';
import { type KeywordOptions, KeywordRanker, type KeywordResult } from '../rank/keyword.ts';
import { selectBest } from '../rank/select.ts';
import { forTokens, parseQuery, type ParsedQuery } from '../rank/query.ts';
import type { Field } from '../schema.ts';
import { PRIMARY } from '../text/token-buffer.ts';
import type { Notice, SearchMode, SearchQuery } from '../types.ts';
import { TopK } from '../vector/top-k.ts';
import { checkVector } from '../vector/vector-store.ts';
import { scanAll, scanNearest, type VectorScan } from './scan-vectors.ts';
import { columnOf, fieldNamed, resolveBoosts, type State } from './state.ts';

/** All documents found, and the order of as many of them as were asked for. */
export interface Ranking {
  mode: SearchMode;
  notices: Notice[];
  /** Every document found, in no particular order. */
  found: Int32Array;
  /** The first documents in order; all of them where `top` was asked for all. */
  docs: Int32Array;
  /** Score by document number, for what was found. */
  score(document: number): number;
  query: ParsedQuery;
  keyword?: KeywordResult;
  /** Best similarity by document, -Infinity where there is no vector. */
  similarities?: Float64Array;
  /** The chunk with that similarity. */
  nearestChunk?: Int32Array;
  /** Documents that the vector side may find. */
  near?: Int32Array;
  /** The best `SAMPLE` of either side, in no particular order. */
  nearest?: Int32Array;
  best?: Int32Array;
  scan?: VectorScan;
  fused?: Fused;
  options: KeywordOptions;
}

/**
 * The whole of ranking, without texts: which documents, in what order, with what scores.
 *
 * @param depth how many documents are put in order
 */
export function rank(state: State, query: SearchQuery, depth: number): Ranking {
  const { where } = query;
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
  const allowed = filterOf(state, where, ranker, parsed);
  const ranking: Ranking = {
    mode,
    notices,
    found: new Int32Array(0),
    docs: new Int32Array(0),
    score: () => 0,
    query: parsed,
    options,
  };
  if (mode !== 'vector' && hasTerm) {
    ranking.keyword = ranker.rank(parsed);
    const { docs } = ranking.keyword;
    if (where !== undefined || parsed.excluded.length > 0) {
      ranking.keyword.docs = docs.filter((document) => allowed.has(document));
    }
  }
  if (mode !== 'keyword' && vector !== undefined) scanVectors(state, vector, allowed, query, ranking);
  order(state, query, ranking, allowed, depth);
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

/** The vector side: every vector, or the nearest where the index is approximate and nothing needs them all. */
function scanVectors(
  state: State,
  vector: Float32Array,
  allowed: Bitmap,
  query: SearchQuery,
  ranking: Ranking,
): void {
  const { keyword } = ranking;
  if (!state.vectors!.approximate) ranking.scan = scanAll(state, vector, allowed);
  else {
    const also = keyword === undefined ? new Int32Array(0) : bestByWords(state, keyword);
    const filtered = query.where !== undefined || ranking.query.excluded.length > 0;
    ranking.scan = scanNearest(state, vector, allowed, { count: SAMPLE, also, filtered });
  }
  ranking.similarities = ranking.scan.similarities;
  ranking.nearestChunk = ranking.scan.nearestChunk;
}

function bestByWords({ table }: State, keyword: KeywordResult): Int32Array {
  const before = (a: number, b: number): boolean => table.ids.compare(table.idOf[a]!, table.idOf[b]!) < 0;
  return selectBest(keyword.docs, (document) => keyword.scores[document]!, SAMPLE, before);
}

function order(state: State, query: SearchQuery, ranking: Ranking, allowed: Bitmap, depth: number): void {
  const { table } = state;
  const before = (a: number, b: number): boolean => table.ids.compare(table.idOf[a]!, table.idOf[b]!) < 0;
  const { keyword, similarities } = ranking;
  const top = (docs: Int32Array, score: (document: number) => number, k: number): Int32Array =>
    bestOf(docs, score, k, before);
  const keywordScore = (document: number): number => keyword!.scores[document]!;
  const similarity = (document: number): number => similarities![document]!;
  if (similarities === undefined) {
    ranking.found =
      keyword?.docs ?? (ranking.query.terms.length > 0 ? new Int32Array(0) : listed(table.count, allowed));
    if (keyword !== undefined) ranking.score = keywordScore;
    ranking.docs = top(ranking.found, ranking.score, depth);
    return;
  }
  const least = query.similarity ?? -Infinity;
  const has = (document: number): boolean =>
    similarities[document]! > -Infinity && similarities[document]! >= least;
  const compared = ranking.scan!.compared;
  const near = compared === undefined ? listed(table.count, { has }) : compared.documents.filter(has);
  ranking.near = near;
  const nearest = selectBest(near, similarity, SAMPLE, before);
  ranking.nearest = nearest;
  if (keyword === undefined) {
    ranking.found = nearest;
    ranking.score = similarity;
    ranking.docs = top(nearest, similarity, depth);
    return;
  }
  const best = selectBest(keyword.docs, keywordScore, SAMPLE, before);
  ranking.best = best;
  const byRank = (docs: Int32Array, score: (document: number) => number): ((document: number) => number) => {
    let ranks: Int32Array | undefined; // only reciprocal ranks ask for them
    return (document) => (ranks ??= ranksOf(top(docs, score, docs.length), table.count))[document]!;
  };
  const candidates = new Int32Array(keyword.docs.length + nearest.length);
  candidates.set(keyword.docs);
  let count = keyword.docs.length;
  for (const document of nearest) if (keyword.scores[document] === 0) candidates[count++] = document;
  ranking.found = candidates.subarray(0, count);
  let floor = Infinity;
  for (const document of ranking.found) {
    const value = similarities[document]!;
    if (value > -Infinity && value < floor) floor = value;
  }
  const population =
    query.where === undefined && ranking.query.excluded.length === 0 ? table.living : allowed.count;
  const keywordSide = {
    score: keywordScore,
    rank: byRank(best, keywordScore),
    statistics: statisticsOf(top(best, keywordScore, LOOKED_AT), Float64Array.from(best, keywordScore), {
      ...sumsOf(keyword.docs, keywordScore),
      population,
      rest: 0,
    }),
  };
  const vectorSide = {
    score: similarity,
    rank: byRank(nearest, similarity),
    statistics: statisticsOf(top(nearest, similarity, LOOKED_AT), Float64Array.from(nearest, similarity), {
      ...(compared === undefined
        ? { ...sumsOf(near, similarity), population: near.length }
        : estimatedSums(compared)),
    }),
  };
  const terms = ranking.query.terms.length;
  const weight = state.vector!.weight ?? UNKNOWN_WEIGHT;
  const coverage = queryCoverage(keyword, keywordSide.statistics.best);
  const start = { weight, terms, coverage, floor };
  const fused = fuse(keywordSide, vectorSide, query.fusion ?? 'calibrated', start);
  ranking.fused = fused;
  ranking.score = (document) => fused.keywordPart(document) + fused.vectorPart(document);
  ranking.docs = top(ranking.found, ranking.score, depth);
}

/** The k best of some documents, best first, equals in the order of their ids. */
function bestOf(
  docs: Int32Array,
  score: (document: number) => number,
  k: number,
  before: (a: number, b: number) => boolean,
): Int32Array {
  const top = new TopK(Math.min(k, docs.length), before);
  let { threshold } = top;
  for (let i = 0; i < docs.length; i++) {
    const value = score(docs[i]!);
    if (value < threshold) continue;
    top.push(docs[i]!, value);
    threshold = top.threshold;
  }
  return top.sorted().items;
}

function listed(count: number, set: { has(document: number): boolean }): Int32Array {
  const docs = new Int32Array(count);
  let length = 0;
  for (let document = 0; document < count; document++) if (set.has(document)) docs[length++] = document;
  return docs.subarray(0, length);
}

function sumsOf(docs: Int32Array, score: (document: number) => number): { sum: number; squares: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < docs.length; i++) {
    const value = score(docs[i]!);
    sum += value;
    squares += value * value;
  }
  return { sum, squares };
}

/** The sums over all documents where only some were compared. */
function estimatedSums({ mean, meanSquare, population }: NonNullable<VectorScan['compared']>): {
  sum: number;
  squares: number;
  population: number;
} {
  return { sum: mean * population, squares: meanSquare * population, population };
}

/** Place of each document in a list, counted from 1; 0 where it is not in it. */
function ranksOf(docs: Int32Array, count: number): Int32Array {
  const ranks = new Int32Array(count);
  docs.forEach((document, at) => (ranks[document] = at + 1));
  return ranks;
}

/** Exact places of some documents on one side: one more than there are better ones. One pass for all of them. */
export function placesOf(
  ranking: Ranking,
  documents: readonly number[],
  side: 'keyword' | 'vector',
): (document: number) => number {
  const vector = side === 'vector';
  const scores = vector ? ranking.similarities : ranking.keyword?.scores;
  const docs = vector ? ranking.near : ranking.keyword?.docs;
  if (scores === undefined || docs === undefined || documents.length === 0) return () => 0;
  // Lowest first; `better[i]` counts those above own[i] but not above own[i + 1].
  const own = Float64Array.from(new Set(documents.map((document) => scores[document]!))).sort();
  const better = new Int32Array(own.length + 1);
  for (let i = 0; i < docs.length; i++) {
    const score = scores[docs[i]!]!;
    let above = 0;
    while (above < own.length && score > own[above]!) above++;
    better[above]!++;
  }
  for (let i = own.length - 1; i > 0; i--) better[i]! += better[i + 1]!;
  return (document) => better[own.indexOf(scores[document]!) + 1]! + 1;
}

export function placeOf(ranking: Ranking, document: number, side: 'keyword' | 'vector'): number {
  return placesOf(ranking, [document], side)(document);
}
