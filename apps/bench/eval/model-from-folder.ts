import { existsSync, openSync, readFileSync, readSync, closeSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { presets } from '@burrow/embed';
import type { Dtype, Model, ModelCard, Pooling } from '@burrow/embed';

/** What a card of an unknown model starts from: neither side is trusted more than the other. */
const NEUTRAL_WEIGHT = 0.5;
const ONNX_FILES: Record<Dtype, string[]> = {
  fp32: ['onnx/model.onnx', 'model.onnx'],
  fp16: ['onnx/model_fp16.onnx', 'model_fp16.onnx'],
  int8: ['onnx/model_quantized.onnx', 'onnx/model_int8.onnx', 'model_quantized.onnx', 'model_int8.onnx'],
};
const STATIC_DTYPES: Record<string, Dtype> = { F32: 'fp32', F16: 'fp16', I8: 'int8' };

/**
 * A model out of a folder: the layout of transformers.js (config.json, tokenizer.json, onnx/…) or of model2vec (config.json,
 * tokenizer.json, model.safetensors). The card claims only what the folder's configuration files say, and, where the folder
 * has the name of a model that is known, what is known about that.
 */
export function modelFromFolder(folder: string): Model {
  const config = readJson(folder, 'config.json');
  if (!config) throw new Error(`${folder} is no folder of a model: it has no config.json.`);
  if (!existsSync(join(folder, 'tokenizer.json'))) throw new Error(`${folder} has no tokenizer.json.`);
  const read = isStatic(folder) ? staticCard(folder, config) : encoderCard(folder, config);
  const card = { ...read, ...knownFacts(read) };
  const names = [card.files.tokenizer, card.files.tokenizerConfig, ...Object.values(card.files.weights)];
  const urls = names
    .filter((name) => name !== undefined)
    .map((name) => [name, pathToFileURL(join(resolve(folder), name)).href] as const);
  return { card, urls: Object.fromEntries(urls) };
}

type Json = Record<string, unknown>;

/** What no configuration file says. A folder with other vectors than the known model's is another model. */
function knownFacts({ id, kind, dimensions }: ModelCard): Partial<ModelCard> {
  const known = Object.hasOwn(presets, id) ? presets[id] : undefined;
  if (!known || known.kind !== kind || known.dimensions !== dimensions) return {};
  const { prefixes, pooling, maxTokens, fusionWeight, reference, languages, licence, matryoshka } = known;
  return { prefixes, pooling, maxTokens, fusionWeight, reference, languages, licence, matryoshka };
}

function isStatic(folder: string): boolean {
  return existsSync(join(folder, 'model.safetensors')) && !existsSync(join(folder, 'onnx'));
}

function baseCard(
  folder: string,
): Pick<
  ModelCard,
  | 'id'
  | 'revision'
  | 'similarity'
  | 'languages'
  | 'licence'
  | 'fusionWeight'
  | 'bytes'
  | 'verified'
  | 'sources'
> {
  return {
    id: basename(resolve(folder)),
    revision: 'folder',
    similarity: 'cosine',
    languages: [],
    licence: 'see the folder',
    fusionWeight: NEUTRAL_WEIGHT,
    bytes: {},
    verified: false,
    sources: {},
  };
}

function staticCard(folder: string, config: Json): ModelCard {
  const { dtype, shape } = embeddingTable(join(folder, 'model.safetensors'));
  const known = STATIC_DTYPES[dtype];
  if (!known)
    throw new Error(
      `${folder}/model.safetensors holds ${dtype}; this reads ${Object.keys(STATIC_DTYPES).join(', ')}.`,
    );
  return {
    ...baseCard(folder),
    kind: 'static',
    dimensions: shape[1]!,
    maxTokens: number(config['seq_length'] ?? config['max_length']) ?? 1_000_000,
    pooling: 'mean',
    normalize: true,
    prefixes: { query: '', document: '' },
    files: { tokenizer: 'tokenizer.json', weights: { [known]: 'model.safetensors' } },
  };
}

function encoderCard(folder: string, config: Json): ModelCard {
  const weights: Partial<Record<Dtype, string>> = {};
  for (const [dtype, candidates] of Object.entries(ONNX_FILES)) {
    const file = candidates.find((name) => existsSync(join(folder, name)));
    if (file) weights[dtype as Dtype] = file;
  }
  if (Object.keys(weights).length === 0)
    throw new Error(`${folder} has no weights: neither model.safetensors nor onnx/*.onnx.`);
  const sentence = readJson(folder, 'sentence_bert_config.json');
  const tokenizer = readJson(folder, 'tokenizer_config.json');
  const pooling = readJson(folder, '1_Pooling/config.json');
  const prompts = (readJson(folder, 'config_sentence_transformers.json')?.['prompts'] ?? {}) as Record<
    string,
    string
  >;
  const dimensions =
    number(pooling?.['word_embedding_dimension']) ?? number(config['hidden_size']) ?? number(config['dim']);
  if (!dimensions)
    throw new Error(`${folder}/config.json does not say how long the vectors are (hidden_size).`);
  const limits = [
    sentence?.['max_seq_length'],
    tokenizer?.['model_max_length'],
    config['max_position_embeddings'],
  ];
  return {
    ...baseCard(folder),
    kind: 'onnx',
    dimensions,
    maxTokens: Math.min(limits.map(number).find((limit) => limit !== undefined) ?? 512, 8192),
    pooling: poolingOf(pooling),
    normalize: true,
    prefixes: { query: prompts['query'] ?? '', document: prompts['document'] ?? prompts['passage'] ?? '' },
    files: {
      tokenizer: 'tokenizer.json',
      ...(tokenizer ? { tokenizerConfig: 'tokenizer_config.json' } : {}),
      weights,
    },
  };
}

function poolingOf(config: Json | undefined): Pooling {
  if (config?.['pooling_mode_cls_token']) return 'cls';
  if (config?.['pooling_mode_max_tokens']) return 'max';
  if (config?.['pooling_mode_lasttoken']) return 'last';
  if (config?.['pooling_mode_weightedmean_tokens']) return 'weighted-mean';
  return 'mean';
}

/** Format and shape of the table, out of the header of a safetensors file. */
function embeddingTable(file: string): { dtype: string; shape: number[] } {
  const handle = openSync(file, 'r');
  try {
    const size = Buffer.alloc(8);
    readSync(handle, size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    readSync(handle, header, 0, header.length, 8);
    const tensors = JSON.parse(header.toString('utf8')) as Record<string, { dtype: string; shape: number[] }>;
    const table = ['embeddings', 'embedding.weight', 'embeddings.weight']
      .map((name) => tensors[name])
      .find(Boolean);
    if (!table || table.shape.length !== 2) throw new Error(`${file} holds no table "embeddings".`);
    return table;
  } finally {
    closeSync(handle);
  }
}

function readJson(folder: string, file: string): Json | undefined {
  const path = join(folder, file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Json) : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
