import type { Fused } from '../rank/fusion.ts';
import type { KeywordOptions, KeywordResult } from '../rank/keyword.ts';
import type { ParsedQuery } from '../rank/query.ts';
import type { Listed, Scored } from '../rank/select.ts';
import type { Notice, SearchMode } from '../types.ts';
import type { VectorScan } from './scan-vectors.ts';

/**
 * All documents found, and the order of as many of them as were asked for. Most of it lives in the scratch arrays of the
 * query, and is good until they are given back.
 */
export interface Ranking {
  mode: SearchMode;
  notices: Notice[];
  /** Every document found, in no particular order. */
  found: Int32Array;
  /** The first documents in order; all of them where `top` was asked for all. */
  docs: Int32Array;
  /** Score by document number, for what was found. */
  score(document: number): number;
  /** The first documents in the order of one side alone, whatever is made of `docs` afterwards. */
  leaders?: { side: 'keyword' | 'vector'; docs: Int32Array };
  query: ParsedQuery;
  keyword?: KeywordResult;
  /** Best similarity by document, -Infinity where there is no vector. */
  similarities?: Float64Array;
  /** The chunk with that similarity. */
  nearestChunk?: Int32Array;
  /** Documents that the vector side may find. */
  near?: Int32Array;
  /** The best `SAMPLE` of either side, in no particular order. */
  nearest?: Scored;
  best?: Scored;
  /** Of the scores of all that a side found, where the two are fused. */
  ranges: { keyword?: Listed; vector?: Listed };
  scan?: VectorScan;
  fused?: Fused;
  options: KeywordOptions;
}
