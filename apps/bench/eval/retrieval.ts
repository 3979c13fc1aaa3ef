import { createIndex } from '@burrow/core';
import type { Fusion, SearchMode } from '@burrow/core';
import type { Embedder } from '@burrow/embed';
import { pairedTTest, randomisationTest } from '../src/statistics/paired.ts';
import { mean } from '../src/statistics/summary.ts';
import { type Collection, findable, toIndexed } from './collection.ts';
import { ndcg, recall, reciprocalRank } from './measures.ts';

/** Figures of one side, means over the judged queries. */
export interface SideFigures {
  'ndcg@10': number;
  'recall@100': number;
  'mrr@10': number;
}

/** Hybrid against one side on nDCG@10, paired by query; p-values are two-sided. */
export interface Comparison {
  difference: number;
  /** Queries that hybrid answers better, equally and worse. */
  better: number;
  equal: number;
  worse: number;
  'p randomisation': number;
  'p t-test': number;
}

export interface RetrievalFigures {
  keyword: SideFigures;
  vector: SideFigures;
  hybrid: SideFigures;
  'hybrid against keyword': Comparison;
  'hybrid against vector': Comparison;
  /** Documents that were longer than the model's limit. */
  truncated: number;
}

const MODES = ['keyword', 'vector', 'hybrid'] as const satisfies SearchMode[];
const DEPTH = 100;
const BATCH = 256;

export interface RetrievalOptions {
  fusion?: Fusion;
  /** Called with what is being done, for a person who waits. */
  onProgress?: (text: string) => void;
}

/**
 * Ranks the collection for each judged query by words, by vectors and by both. A document is one passage, as in published
 * runs on such collections; its vector stands for title and text.
 */
export async function evaluateRetrieval(
  collection: Collection,
  embedder: Embedder,
  { fusion, onProgress }: RetrievalOptions = {},
): Promise<RetrievalFigures> {
  const { queries } = collection;
  // What cannot be found stays in the counts, as in published runs.
  const documents = findable(collection);
  const { dimensions, space, model } = embedder;
  const index = createIndex({
    schema: { title: 'string', text: 'string' },
    vector: { dimensions, space, weight: model.fusionWeight },
  });
  let truncated = 0;
  for (let from = 0; from < documents.length; from += BATCH) {
    onProgress?.(`${from} of ${documents.length} documents`);
    const part = documents.slice(from, from + BATCH);
    const batch = await embedder.embed(part.map(({ title, text }) => (title ? `${title}. ${text}` : text)));
    truncated += batch.truncated.length;
    index.add(
      part.map((document, i) => ({
        document: toIndexed(document),
        vectors: batch.data.slice(i * dimensions, (i + 1) * dimensions),
      })),
    );
  }
  onProgress?.(`${queries.length} queries`);
  const vectors = await embedder.embed(
    queries.map(({ text }) => text),
    { kind: 'query' },
  );
  const perQuery = Object.fromEntries(MODES.map((mode) => [mode, [] as SideFigures[]])) as Record<
    (typeof MODES)[number],
    SideFigures[]
  >;
  for (const [i, { text, judgments }] of queries.entries()) {
    const vector = vectors.data.slice(i * dimensions, (i + 1) * dimensions);
    for (const mode of MODES) {
      const { hits } = await index.search({
        term: text,
        vector,
        space,
        mode,
        limit: DEPTH,
        passages: 0,
        ...(fusion ? { fusion } : {}),
      });
      const ranking = hits.map(({ id }) => id);
      perQuery[mode].push({
        'ndcg@10': ndcg(ranking, judgments, 10),
        'recall@100': recall(ranking, judgments, DEPTH),
        'mrr@10': reciprocalRank(ranking, judgments, 10),
      });
    }
  }
  return {
    keyword: average(perQuery.keyword),
    vector: average(perQuery.vector),
    hybrid: average(perQuery.hybrid),
    'hybrid against keyword': compare(perQuery.hybrid, perQuery.keyword),
    'hybrid against vector': compare(perQuery.hybrid, perQuery.vector),
    truncated,
  };
}

function average(figures: SideFigures[]): SideFigures {
  const of = (name: keyof SideFigures): number => round(mean(figures.map((figure) => figure[name])));
  return { 'ndcg@10': of('ndcg@10'), 'recall@100': of('recall@100'), 'mrr@10': of('mrr@10') };
}

function compare(hybrid: SideFigures[], side: SideFigures[]): Comparison {
  const [a, b] = [hybrid, side].map((figures) => figures.map((figure) => figure['ndcg@10'])) as [
    number[],
    number[],
  ];
  const differences = a.map((value, i) => value - b[i]!);
  return {
    difference: round(mean(differences)),
    better: differences.filter((d) => d > 0).length,
    equal: differences.filter((d) => d === 0).length,
    worse: differences.filter((d) => d < 0).length,
    'p randomisation': significant(randomisationTest(a, b)),
    'p t-test': significant(pairedTTest(a, b)),
  };
}

const round = (value: number): number => Number(value.toFixed(4));
const significant = (value: number): number => Number(value.toPrecision(3));
