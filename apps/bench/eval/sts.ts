import { readFile } from 'node:fs/promises';
import type { Embedder } from '@burrow/embed';
import { spearman } from '../src/statistics/ranks.ts';

export interface SentencePair {
  /** Human judgment of likeness, 0 to 5. */
  score: number;
  first: string;
  second: string;
}

/** Reads `score<TAB>sentence 1<TAB>sentence 2`, with or without a heading. */
export function parsePairs(tsv: string): SentencePair[] {
  const pairs: SentencePair[] = [];
  for (const line of tsv.split(/\r?\n/)) {
    const [score, first, second] = line.split('\t');
    if (score === undefined || score.trim() === '' || first === undefined || second === undefined) continue;
    if (Number.isFinite(Number(score))) pairs.push({ score: Number(score), first, second });
  }
  return pairs;
}

/** Spearman's correlation between human scores and the cosine of the two sentences, over the pairs of a file. */
export async function evaluateSts(
  file: string,
  embedder: Embedder,
): Promise<{ pairs: number; spearman: number }> {
  const pairs = parsePairs(await readFile(file, 'utf8'));
  if (pairs.length < 2)
    throw new Error(`${file} holds no pairs: lines are score, sentence 1, sentence 2, split by tabs.`);
  const { data, dimensions } = await embedder.embed(pairs.flatMap(({ first, second }) => [first, second]));
  const cosines = pairs.map((_, i) => {
    const at = 2 * i * dimensions;
    let dot = 0;
    for (let d = 0; d < dimensions; d++) dot += data[at + d]! * data[at + dimensions + d]!;
    return dot;
  });
  return {
    pairs: pairs.length,
    spearman: spearman(
      pairs.map(({ score }) => score),
      cosines,
    ),
  };
}
