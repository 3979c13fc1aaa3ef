import { statisticsOf, SAMPLE, UNKNOWN_WEIGHT } from '../rank/calibrate.ts';
import { fuse } from '../rank/fusion.ts';
import { parseQuery } from '../rank/query.ts';
import type { Fusion } from '../types.ts';
import type { OramaHost } from './host.ts';
import type { HybridParams, Scored } from './orama-types.ts';

/** Orama hides vector hits below 0.8 unless told otherwise, which is above what most models give; here nothing is hidden. */
const LEAST_SIMILARITY = -Infinity;

/** Both sides fused, best first. */
export function hybridRanking(host: OramaHost, params: HybridParams, weight: number | undefined): Scored[] {
  const term = params.term ?? '';
  const allowed =
    params.where === undefined || Object.keys(params.where).length === 0
      ? undefined
      : host.filter(params.where);
  const properties =
    params.properties === undefined || params.properties === '*'
      ? Object.entries(host.searchablePropertiesWithTypes).flatMap(([name, type]) =>
          type.startsWith('string') ? [name] : [],
        )
      : params.properties;
  const { exact = false, tolerance = 0, boost = {}, relevance = {}, threshold = 1 } = params;
  const text =
    term.trim() === ''
      ? []
      : host.searchText({ term, properties, exact, tolerance, boost, relevance, threshold, allowed });
  const node = host.vectorIndexes[params.vector!.property]!.node;
  const near = node.find(params.vector!.value, params.similarity ?? LEAST_SIMILARITY, allowed);
  if (text.length === 0) return near;
  if (near.length === 0) return text;
  const best = near.slice(0, SAMPLE);
  const textScores = new Map(text);
  const similarities = new Map(near);
  const candidates = [...new Set([...textScores.keys(), ...best.map(([number]) => number)])];
  let floor = Infinity;
  for (const number of candidates) floor = Math.min(floor, similarities.get(number) ?? Infinity);
  const population = Math.max(near.length, text.length, allowed?.size ?? host.state.table.living);
  const side = (
    list: Scored[],
    scores: Map<number, number>,
    missing: number,
    total: number,
    rest?: number,
  ) => {
    const top = list.slice(0, SAMPLE);
    const ranks = new Map(top.map(([number], at) => [number, at + 1]));
    let sum = 0;
    let squares = 0;
    for (const [, score] of list) {
      sum += score;
      squares += score * score;
    }
    return {
      score: (number: number) => scores.get(number) ?? missing,
      rank: (number: number) => ranks.get(number) ?? 0,
      statistics: statisticsOf(
        Int32Array.from(top, ([number]) => number),
        Float64Array.from(top, ([, score]) => score),
        { sum, squares, population: total, ...(rest !== undefined && { rest }) },
      ),
    };
  };
  const terms = parseQuery(term, () => false).terms.length;
  const fused = fuse(
    side(text, textScores, 0, population, 0),
    side(near, similarities, -Infinity, near.length),
    fusionOf(params),
    {
      weight: weight ?? UNKNOWN_WEIGHT,
      terms,
      // Orama hands over scores, not which words gave them.
      coverage: 1,
      floor,
    },
  );
  return candidates
    .map((number): Scored => [number, fused.keywordPart(number) + fused.vectorPart(number)])
    .sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/** `hybridWeights` are taken as they are, zero included; without them fusion is calibrated. */
function fusionOf(params: HybridParams): Fusion {
  const { text, vector } = params.hybridWeights ?? {};
  if (text === undefined && vector === undefined) return 'calibrated';
  const sum = (text ?? 0) + (vector ?? 0);
  return { type: 'weighted', weight: sum > 0 ? (vector ?? 0) / sum : 0.5 };
}
