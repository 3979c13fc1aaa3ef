// Quality of a model and of ranking on human judgments:
//   npm run -s eval -- --sts FILE.tsv --model ID_OR_DIR [--dtype D] [--backend B] [--json]
//   npm run -s eval -- --data DIR --model ID_OR_DIR [--dtype D] [--backend B] [--fusion rrf|calibrated|weighted] [--json]
//   npm run -s eval -- --cross-validate DIR --cross-validate DIR [--json]
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fusion } from '@burrow/core';
import { readCollection } from './collection.ts';
import { openEmbedder } from './open-model.ts';

const USAGE = `Usage:
  npm run -s eval -- --sts FILE.tsv --model ID_OR_DIR [--dtype D] [--backend B] [--json]
  npm run -s eval -- --data DIR --model ID_OR_DIR [--dtype D] [--backend B] [--fusion F] [--json]
  npm run -s eval -- --cross-validate DIR [--cross-validate DIR …] [--json]

  --sts      pairs of sentences: score, sentence 1, sentence 2, split by tabs
  --data     a collection of the BEIR layout: corpus.jsonl, queries.jsonl, qrels/test.tsv
  --cross-validate
             collections as with --data: how the keyword side's parameters do on queries that they were not chosen on
  --model    static-en, use-lite, hash, a folder (transformers.js or model2vec layout), or the id of a hub
             model, which is downloaded; may be given several times
  --dtype    auto, fp32, fp16, int8
  --backend  auto, onnx (WebAssembly), kernels, static, hash
  --fusion   calibrated (default), rrf, weighted (with the weight of the model's card)
  --json     one JSON line for each model, nothing else on standard output`;

const { values } = parseArgs({
  options: {
    sts: { type: 'string' },
    data: { type: 'string' },
    'cross-validate': { type: 'string', multiple: true },
    model: { type: 'string', multiple: true },
    dtype: { type: 'string' },
    backend: { type: 'string' },
    fusion: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Relative to where the command was given, not to this package, into which the package manager has moved. */
const fromCaller = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path);

async function evaluate(model: string): Promise<Record<string, unknown>> {
  const { sts, data, dtype, backend } = values;
  const isPath = existsSync(fromCaller(model)) || /^[.~/]/.test(model);
  await using embedder = await openEmbedder({ model: isPath ? fromCaller(model) : model, dtype, backend });
  const runs = { model: embedder.model.id, dtype: embedder.backend.dtype, backend: embedder.backend.device };
  if (sts) {
    const { evaluateSts } = await import('./sts.ts');
    return { ...runs, ...(await evaluateSts(fromCaller(sts), embedder)) };
  }
  const { evaluateRetrieval } = await import('./retrieval.ts');
  const collection = await readCollection(fromCaller(data!));
  const figures = await evaluateRetrieval(collection, embedder, {
    fusion: fusionOf(values.fusion, embedder.model.fusionWeight),
    onProgress: progress,
  });
  const { name: collectionName, documents, queries, judgments } = collection;
  return {
    collection: collectionName,
    documents: documents.length,
    queries: queries.length,
    judgments,
    ...runs,
    fusion: values.fusion ?? 'calibrated',
    ...figures,
  };
}

function fusionOf(name: string | undefined, weight: number): Fusion | undefined {
  switch (name) {
    case undefined:
      return undefined;
    case 'rrf':
    case 'calibrated':
      return name;
    case 'weighted':
      return { type: 'weighted', weight };
    default:
      throw new Error(`--fusion ${name} is not known: use calibrated, rrf or weighted.`);
  }
}

async function validate(folders: readonly string[]): Promise<unknown> {
  const { crossValidate } = await import('./cross-validate.ts');
  const collections = await Promise.all(folders.map((folder) => readCollection(fromCaller(folder))));
  return crossValidate(collections, progress);
}

/** For a person who waits. */
const progress = process.stderr.isTTY
  ? (text: string): void => void process.stderr.write(`\r\u001B[K${text}`)
  : undefined;

function print(figures: unknown): void {
  progress?.('');
  console.log(values.json ? JSON.stringify(figures) : JSON.stringify(figures, undefined, 2));
}

const asked = [values.sts, values.data, values['cross-validate']].filter((one) => one !== undefined);
if (values.help || asked.length !== 1 || (!values.model && !values['cross-validate'])) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    if (values['cross-validate']) print(await validate(values['cross-validate']));
    else for (const model of values.model!) print(await evaluate(model));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
