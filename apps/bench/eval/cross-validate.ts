import { createIndex, loadIndex, type SearchIndex, type TextOptions } from '@burrow/core';
import { mean } from '../src/statistics/summary.ts';
import { type Collection, findable, toIndexed } from './collection.ts';
import { ndcg } from './measures.ts';

/** Parameters of BM25F that are chosen together. */
export interface Parameters {
  k1: number;
  b: number;
  /** Weight of the title beside the text, and the b of its length. */
  titleBoost: number;
  titleB: number;
}

export interface Fold {
  /** What was held out. */
  heldOut: string;
  /** The best parameters on all the rest. */
  chosen: Parameters;
  /** nDCG@10 of what was held out, with these and with the defaults of the index. */
  'ndcg@10': number;
  'defaults ndcg@10': number;
}

export interface CrossValidation {
  collections: string[];
  /** How many sets of parameters were tried. */
  tried: number;
  /** Five parts of the queries of all collections, then each collection as a whole. */
  folds: Fold[];
  /** Means over the five parts. */
  'ndcg@10': number;
  'defaults ndcg@10': number;
}

const PARTS = 5;
const SCHEMA = { title: 'string', text: 'string' } as const;
const GRID: Parameters[] = [1.2, 1.6, 2, 2.4].flatMap((k1) =>
  [0.6, 0.75, 0.9].flatMap((b) =>
    [1, 2, 3, 4].flatMap((titleBoost) => [0.25, 0.5, 0.75].map((titleB) => ({ k1, b, titleBoost, titleB }))),
  ),
);

/** nDCG@10 of each query of each collection. */
type Scores = number[][];

/**
 * Says what parameters chosen on some queries are worth on others: five parts of the queries, each held out once, and each
 * collection held out as a whole. Every collection counts alike, whatever the number of its queries.
 */
export async function crossValidate(
  collections: readonly Collection[],
  onProgress?: (text: string) => void,
): Promise<CrossValidation> {
  const snapshots = collections.map(takeIn);
  const scoresWith = async (text: TextOptions): Promise<Scores> =>
    Promise.all(
      collections.map(async (collection, at) => {
        const options = { schema: SCHEMA, text };
        using index = await loadIndex({ section: async (name) => snapshots[at]!.get(name) }, options);
        return await scoresOf(index, collection);
      }),
    );
  const defaults = await scoresWith({});
  const tried: { parameters: Parameters; scores: Scores }[] = [];
  for (const parameters of GRID) {
    const { k1, b, titleBoost, titleB } = parameters;
    onProgress?.(`${tried.length} of ${GRID.length} sets of parameters`);
    tried.push({
      parameters,
      scores: await scoresWith({ k1, b: { text: b, title: titleB }, boosts: { title: titleBoost } }),
    });
  }
  const holdOut = (heldOut: string, isOut: IsOut): Fold => {
    const others: IsOut = (collection, query) => !isOut(collection, query);
    let [chosen] = tried;
    for (const one of tried)
      if (meanScore(one.scores, others) > meanScore(chosen!.scores, others)) chosen = one;
    return {
      heldOut,
      chosen: chosen!.parameters,
      'ndcg@10': round(meanScore(chosen!.scores, isOut)),
      'defaults ndcg@10': round(meanScore(defaults, isOut)),
    };
  };
  const parts = Array.from({ length: PARTS }, (_, part) =>
    holdOut(`part ${part + 1} of ${PARTS}`, (_collection, query) => query % PARTS === part),
  );
  const whole = collections.map(({ name }, at) => holdOut(name, (collection) => collection === at));
  return {
    collections: collections.map(({ name }) => name),
    tried: GRID.length,
    folds: [...parts, ...(collections.length > 1 ? whole : [])],
    'ndcg@10': round(mean(parts.map((fold) => fold['ndcg@10']))),
    'defaults ndcg@10': round(mean(parts.map((fold) => fold['defaults ndcg@10']))),
  };
}

type IsOut = (collection: number, query: number) => boolean;

/** Mean over the collections of the mean over those of their queries that count. */
function meanScore(scores: Scores, counts: IsOut): number {
  const means = scores
    .map((list, collection) => list.filter((_, query) => counts(collection, query)))
    .filter((list) => list.length > 0)
    .map(mean);
  return mean(means);
}

function takeIn(collection: Collection): Map<string, Uint8Array> {
  using index = createIndex({ schema: SCHEMA });
  index.add(findable(collection).map((document) => ({ document: toIndexed(document) })));
  return index.snapshot();
}

async function scoresOf(index: SearchIndex, { queries }: Collection): Promise<number[]> {
  const scores: number[] = [];
  for (const { text, judgments } of queries) {
    const { hits } = await index.search({ term: text, mode: 'keyword', limit: 10, passages: 0 });
    const ranking = hits.map(({ id }) => id);
    scores.push(ndcg(ranking, judgments, 10));
  }
  return scores;
}

const round = (value: number): number => Number(value.toFixed(4));
