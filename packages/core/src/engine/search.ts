import { SearchError, show } from '../errors.ts';
import { countFacet, type FacetResult } from '../filter/facets.ts';
import { sortByColumn } from '../filter/sort.ts';
import {
  bestChunks,
  fillPassage,
  placePassages,
  scoreChunks,
  unreadable,
  wordsToMark,
} from '../passages/passages.ts';
import { marks } from '../passages/highlight.ts';
import { explain } from '../rank/explain.ts';
import type { Dictionary } from '../postings/dictionary.ts';
import type { RankScratch } from '../rank/scratch.ts';
import type { Hit, Notice, SearchQuery, SearchResult } from '../types.ts';
import { checkQuery } from './check-query.ts';
import { placesOf } from './places.ts';
import { rank } from './rank.ts';
import type { Ranking } from './ranking.ts';
import { columnOf, requireField, type State } from './state.ts';

const NO_MARKS = marks([]);

/** A hit whose passages still lack their texts. */
interface Draft {
  hit: Hit;
  text: string | undefined | Promise<string>;
}

/** Ranks, sorts, counts facets and reads the texts of the hits that are shown. */
export async function search(state: State, query: SearchQuery): Promise<SearchResult> {
  checkQuery(query);
  // Everything that comes from the index is taken before the first wait: it may change while texts are being read.
  const { result, drafts, words } = state.scratch.lend((scratch) => draftResult(state, query, scratch));
  if (drafts.length > 0) await fillTexts(drafts, words, result.notices);
  return result;
}

function draftResult(
  state: State,
  query: SearchQuery,
  scratch: RankScratch,
): { result: SearchResult; drafts: Draft[]; words: Dictionary } {
  const { limit = 10, offset = 0, passages = 1, highlight = true } = query;
  const whole = query.sortBy !== undefined || query.groupBy !== undefined || query.distinctOn !== undefined;
  const ranking = rank(state, query, whole ? Infinity : offset + limit, scratch);
  const { length: found } = ranking.found;
  const facets = countFacets(state, query, ranking);
  if (query.distinctOn !== undefined) keepDistinct(state, query.distinctOn, ranking);
  if (query.sortBy !== undefined) sort(state, query.sortBy, ranking);
  const result: SearchResult = {
    count: query.distinctOn === undefined ? found : ranking.docs.length,
    hits: [],
    mode: ranking.mode,
    notices: ranking.notices,
  };
  if (facets !== undefined) result.facets = facets;
  const drafts: Draft[] = [];
  if (query.groupBy !== undefined) result.groups = group(state, query, ranking, drafts);
  else {
    const end = Math.min(offset + limit, ranking.docs.length);
    result.hits = draftHits(state, query, ranking, [...ranking.docs.subarray(offset, end)], drafts);
  }
  return { result, drafts, words: passages > 0 && highlight ? wordsToMark(state, ranking) : NO_MARKS };
}

function draftHits(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  documents: number[],
  drafts: Draft[],
): Hit[] {
  const { passages = 1 } = query;
  const chunkScores = passages > 0 ? scoreChunks(state, ranking, documents) : new Map<number, number>();
  const ranks = {
    keyword: placesOf(ranking, documents, 'keyword'),
    vector: placesOf(ranking, documents, 'vector'),
  };
  return documents.map((document) => {
    const { fields, outline } = state.table.readStored(document);
    const hit = draftHit(state, query, ranking, document, fields, ranks);
    if (passages > 0) {
      const chunks = bestChunks(state, ranking, document, chunkScores, passages);
      hit.passages = placePassages(state, document, outline, chunks);
      drafts.push({ hit, text: state.texts.read(state.table, document) });
    }
    return hit;
  });
}

async function fillTexts(drafts: Draft[], words: Dictionary, notices: Notice[]): Promise<void> {
  const read = await Promise.allSettled(drafts.map(({ text }) => text));
  read.forEach((outcome, at) => {
    const { hit } = drafts[at]!;
    if (outcome.status === 'rejected') notices.push(unreadable(hit.id, outcome.reason));
    else if (outcome.value !== undefined)
      for (const passage of hit.passages) fillPassage(passage, outcome.value, words);
  });
}

function draftHit(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  document: number,
  fields: Record<string, unknown>,
  ranks: Record<'keyword' | 'vector', (document: number) => number>,
): Hit {
  const id = state.table.id(document);
  const hit: Hit = { id, score: ranking.score(document), document: { id, ...fields }, passages: [] };
  if (ranking.keyword !== undefined && ranking.keyword.scores[document]! > 0) {
    hit.keyword = { rank: ranks.keyword(document), score: ranking.keyword.scores[document]! };
  }
  if (
    ranking.near !== undefined &&
    ranking.similarities![document]! >= (query.similarity ?? -Number.MAX_VALUE)
  ) {
    hit.vector = { rank: ranks.vector(document), score: ranking.similarities![document]! };
  }
  if (query.explain === true) hit.explanation = explain(state, ranking, document);
  return hit;
}

function countFacets(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
): Record<string, FacetResult> | undefined {
  if (query.facets === undefined) return undefined;
  const facets: Record<string, FacetResult> = {};
  for (const [name, definition] of Object.entries(query.facets)) {
    const field = requireField(state, name, 'A facet');
    facets[name] = countFacet(field, columnOf(state, field), ranking.found, definition);
  }
  return facets;
}

function sort(state: State, by: NonNullable<SearchQuery['sortBy']>, ranking: Ranking): void {
  const field = requireField(state, by.field, '`sortBy`');
  if (field.array || field.kind === 'geopoint') {
    throw new SearchError('invalid-query', `Field "${field.name}" (${field.type}) has no order to sort by.`, {
      field: field.name,
    });
  }
  const order = (by.order ?? 'asc').toLowerCase();
  if (order !== 'asc' && order !== 'desc')
    throw new SearchError('invalid-query', `The order is asc or desc, not ${show(by.order)}.`, {
      field: 'sortBy',
      value: by.order,
    });
  ranking.docs = sortByColumn(ranking.docs, columnOf(state, field), order);
}

/** The first hit of each value; documents without a value are left out, as in Orama. */
function keepDistinct(state: State, name: string, ranking: Ranking): void {
  const column = columnOf(state, requireField(state, name, '`distinctOn`'));
  const seen = new Set<string>();
  ranking.docs = ranking.docs.filter((document) => {
    if (!column.has(document)) return false;
    const value = column.values.subarray(column.starts[document]!, column.starts[document + 1]!).join(' ');
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}

/** The best hits for each value of a field, the value with the best hit first. `limit` and `offset` go by group. */
function group(
  state: State,
  query: SearchQuery,
  ranking: Ranking,
  drafts: Draft[],
): NonNullable<SearchResult['groups']> {
  const { field: name, limit: perGroup = 3 } = query.groupBy!;
  const field = requireField(state, name, '`groupBy`');
  if (field.kind === 'geopoint')
    throw new SearchError(
      'invalid-query',
      `Field "${field.name}" holds places; there are no groups of places.`,
      { field: field.name },
    );
  const column = columnOf(state, field);
  const groups = new Map<number, number[]>();
  for (const document of ranking.docs) {
    for (const value of new Set(
      column.values.subarray(column.starts[document]!, column.starts[document + 1]!),
    )) {
      const list = groups.get(value) ?? [];
      list.push(document);
      groups.set(value, list);
    }
  }
  const { limit = 10, offset = 0 } = query;
  return [...groups].slice(offset, offset + limit).map(([value, documents]) => ({
    value: column.value(value),
    count: documents.length,
    hits: draftHits(state, query, ranking, documents.slice(0, perGroup), drafts),
  }));
}
