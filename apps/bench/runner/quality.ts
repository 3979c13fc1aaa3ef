import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset, ASSETS, missingAsset } from '../../../scripts/test-assets.mjs';
import { readCollection } from '../eval/collection.ts';
import { findModel, openEmbedder } from '../eval/open-model.ts';
import { evaluateRetrieval } from '../eval/retrieval.ts';
import { evaluateSts } from '../eval/sts.ts';
import { toSuiteResult } from '../src/harness/figures.ts';
import { emptyResult, type CaseResult, type Series } from '../src/harness/types.ts';
import type { SuiteResult } from '../src/records/schema.ts';

/** Models by the name that other suites give them, with the number format that is measured. */
const MODELS: [label: string, model: string | undefined, dtype: string][] = [
  ['static-en', 'static-en', 'auto'],
  ['use-lite', 'use-lite', 'int8'],
  ['MiniLM', asset('models', 'all-MiniLM-L6-v2'), 'int8'],
];
const COLLECTIONS = ['cranfield', 'lisa'];

export interface QualityOptions {
  /** The default model on one collection only. */
  quick: boolean;
  log: (line: string) => void;
}

/** The same with the packages of another commit, in a process that finds them. */
export function runQualityOf({ quality }: { quality: string }, { quick, log }: QualityOptions): SuiteResult {
  log('quality, in a process of its own');
  const { status, stdout, stderr } = spawnSync(process.execPath, [quality, ...(quick ? ['--quick'] : [])], {
    encoding: 'utf8',
    env: { ...process.env, BURROW_ASSETS: ASSETS },
  });
  if (status === 0) return JSON.parse(stdout) as SuiteResult;
  const reason = /^\w*Error.*$/m.exec(stderr)?.[0] ?? `it ended with ${status}`;
  return toSuiteResult('quality', [{ ...emptyResult(), skipped: [{ name: 'quality', reason }] }]);
}

/** Quality of ranking on judged collections, by the eval command's own code, in Node. Counts, not times: one process is enough. */
export async function runQuality({ quick, log }: QualityOptions): Promise<SuiteResult> {
  const results: CaseResult[] = [];
  for (const [label, model, dtype] of quick ? MODELS.slice(0, 1) : MODELS) {
    if (!model) {
      results.push({ ...emptyResult(), skipped: [{ name: label, reason: missingAsset('models', label) }] });
      continue;
    }
    await using embedder = await openEmbedder({ model, dtype });
    const tags = { engine: 'burrow', model: label, dtype: embedder.backend.dtype };
    const bytes = modelBytes(await findModel(model), embedder.backend.dtype);
    results.push({
      ...emptyResult(),
      series: [
        figure(`${label}: weights and tokenizer`, 'bytes', bytes, { ...tags, part: 'model' }, 'lower'),
      ],
    });
    for (const name of quick ? COLLECTIONS.slice(0, 1) : COLLECTIONS) {
      const folder = asset('data', name);
      if (!folder) {
        results.push({
          ...emptyResult(),
          skipped: [{ name: `${label} on ${name}`, reason: missingAsset('data', name) }],
        });
        continue;
      }
      log(`quality, ${label} on ${name}`);
      const collection = await readCollection(folder);
      const figures = await evaluateRetrieval(collection, embedder);
      const data = [
        {
          name,
          sha256: sha256(folder, ['corpus.jsonl', 'queries.jsonl', 'qrels/test.tsv']),
          items: collection.documents.length,
        },
      ];
      const series = (['keyword', 'vector', 'hybrid'] as const).map((mode) =>
        figure(
          `${label}: ${mode} on ${name}`,
          'nDCG@10',
          figures[mode]['ndcg@10'],
          { ...tags, collection: name, mode, axis: name },
          'higher',
        ),
      );
      const { 'p randomisation': p, difference } = figures['hybrid against keyword'];
      results.push({
        ...emptyResult(),
        series,
        data,
        remarks: [`${label} on ${name}: hybrid against keyword ${difference}, randomisation test p = ${p}.`],
      });
    }
    const pairs = asset('data', 'stsb', 'dev.tsv');
    if (!pairs) {
      results.push({
        ...emptyResult(),
        skipped: [{ name: `${label} on STS-B`, reason: missingAsset('data', 'stsb', 'dev.tsv') }],
      });
      continue;
    }
    log(`quality, ${label} on STS-B`);
    const sts = await evaluateSts(pairs, embedder);
    const data = [{ name: 'STS-B dev', sha256: sha256(pairs, ['']), items: sts.pairs }];
    results.push({
      ...emptyResult(),
      data,
      series: [
        figure(
          `${label}: STS-B dev`,
          'Spearman',
          Number(sts.spearman.toFixed(4)),
          { ...tags, axis: 'STS-B dev' },
          'higher',
        ),
      ],
    });
  }
  return toSuiteResult('quality', results);
}

function figure(
  name: string,
  unit: string,
  value: number,
  tags: Record<string, string>,
  better: 'higher' | 'lower',
): Series {
  return { name, unit, better, samples: [value], timed: false, tags };
}

function sha256(folder: string, files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

function modelBytes(model: Awaited<ReturnType<typeof findModel>>, dtype: string): number {
  if (typeof model === 'string') throw new Error(`${model} is not here.`);
  const { card, urls } = model;
  const weights = card.files.weights[dtype as keyof typeof card.files.weights];
  return [card.files.tokenizer, weights].reduce(
    (sum, name) => sum + (name ? statSync(fileURLToPath(urls[name] as string)).size : 0),
    0,
  );
}
