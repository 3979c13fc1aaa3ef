import { SearchError, show } from '../errors.ts';
import type { Bitmap } from '../filter/bitmap.ts';
import { evaluate, type Where } from '../filter/where.ts';
import { SAMPLE } from '../rank/calibrate.ts';
import { type KeywordOptions, KeywordRanker, type KeywordResult } from '../rank/keyword.ts';
import { forTokens, parseQuery, type ParsedQuery } from '../rank/query.ts';
import type { RankScratch } from '../rank/scratch.ts';
import { gather, selectBest } from '../rank/select.ts';
import type { Field } from '../schema.ts';
import { PRIMARY } from '../text/token-buffer.ts';
import type { Notice, SearchMode, SearchQuery } from '../types.ts';
import { checkVector } from '../vector/vector-store.ts';
import { inOrder, order } from './order.ts';
import type { Ranking } from './ranking.ts';
import { scanAll, scanNearest } from './scan-vectors.ts';
import { columnOf, fieldNamed, resolveBoosts, type State } from './state.ts';

/**
 * The whole of ranking, without texts: which documents, in what order, with what scores.
 *
 * @param depth how many documents are put in order
 * @param scratch arrays that the ranking lives in
 */
export function rank(state: State, query: SearchQuery, depth: number, scratch: RankScratch): Ranking {
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
    scratch,
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
    ranges: {},
    query: parsed,
    options,
  };
  if (mode !== 'vector' && hasTerm) {
    ranking.keyword = ranker.rank(parsed);
    const { docs } = ranking.keyword;
    if (where !== undefined || parsed.excluded.length > 0) {
      ranking.keyword.docs = allowedOf(docs, allowed);
    }
  }
  if (mode !== 'keyword' && vector !== undefined)
    scanVectors(state, vector, allowed, query, ranking, scratch);
  order(state, query, ranking, allowed, depth, scratch);
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
    copy: false,
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
  const allowed = where === undefined ? table.alive : evaluate(where, source);
  if (parsed.excluded.length === 0) return allowed;
  return ranker.excluded(parsed.excluded).not().and(allowed);
}

/** The vector side: every vector, or the nearest where the index is approximate and nothing needs them all. */
function scanVectors(
  state: State,
  vector: Float32Array,
  allowed: Bitmap,
  query: SearchQuery,
  ranking: Ranking,
  scratch: RankScratch,
): void {
  const { keyword } = ranking;
  const filtered = query.where !== undefined || ranking.query.excluded.length > 0;
  if (!state.vectors!.approximate) ranking.scan = scanAll(state, vector, allowed, { filtered, scratch });
  else {
    const also = keyword === undefined ? new Int32Array(0) : bestByWords(state, keyword, scratch);
    ranking.scan = scanNearest(state, vector, allowed, { count: SAMPLE, also, filtered, scratch });
  }
  ranking.similarities = ranking.scan.similarities;
  ranking.nearestChunk = ranking.scan.nearestChunk;
}

function allowedOf(docs: Int32Array, allowed: Bitmap): Int32Array {
  const kept = new Int32Array(docs.length);
  let count = 0;
  for (let i = 0; i < docs.length; i++) if (allowed.has(docs[i]!)) kept[count++] = docs[i]!;
  return kept.subarray(0, count);
}

function bestByWords(state: State, { docs, scores }: KeywordResult, scratch: RankScratch): Int32Array {
  const values = gather(docs, scores, scratch.valuesFor(docs.length));
  return selectBest({ docs, values }, SAMPLE, inOrder(state), scratch.best).docs;
}
