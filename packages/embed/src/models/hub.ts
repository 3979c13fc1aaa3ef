import { EmbedError, messageOf } from '../errors.ts';
import type { Dtype, Model, ModelCard, Pooling } from '../types.ts';
import type { ModelCache } from './cache.ts';
import { download, type DownloadOptions } from './download.ts';

/** Where a hub's files are: `{model}`, `{revision}` and `{file}` are filled in. A plain folder needs only `{file}`. */
export const HUB_SOURCE = 'https://huggingface.co/{model}/resolve/{revision}/{file}';

export interface HubOptions {
  /** Addresses with `{model}`, `{revision}` and `{file}`, tried in turn. Default: the Hugging Face hub. */
  sources?: string[];
  /** For models that ask for one. Sent to every source. */
  token?: string;
  /** Where downloads are kept. Default: the Cache API where there is one; `false`: nowhere. */
  cache?: ModelCache | false;
}

/** An address of each source. */
export function addressesOf(sources: string[], model: string, revision: string, file: string): string[] {
  return sources.map((source) =>
    source
      .replaceAll('{model}', model)
      .replaceAll('{revision}', encodeURIComponent(revision))
      .replaceAll('{file}', file.split('/').map(encodeURIComponent).join('/')),
  );
}

/** A card's files at those sources. */
export function modelAt(card: ModelCard, sources: string[], id: string, revision: string): Model {
  const { tokenizer, tokenizerConfig, weights, external = {} } = card.files;
  const names = [tokenizer, tokenizerConfig, ...Object.values(weights), ...Object.values(external).flat()];
  const urls = names.flatMap((name) =>
    name === undefined ? [] : [[name, addressesOf(sources, id, revision, name)] as const],
  );
  return { card, urls: Object.fromEntries(urls) };
}

type Json = Record<string, unknown>;

const WEIGHTS: Record<Dtype, string[]> = {
  fp32: ['onnx/model.onnx', 'model.onnx'],
  fp16: ['onnx/model_fp16.onnx', 'model_fp16.onnx'],
  int8: ['onnx/model_quantized.onnx', 'onnx/model_int8.onnx', 'model_quantized.onnx'],
};
const DEFAULT_MAX_TOKENS = 512;

/**
 * Builds the card of any model from its configuration files: `config.json`, `modules.json`, `1_Pooling/config.json`,
 * `config_sentence_transformers.json`, `sentence_bert_config.json`. The card is not verified.
 * @throws EmbedError `unknown-model` when there is no such model, or nothing of it that can run here; `unauthorized`,
 * `rate-limited`, `download-failed`.
 */
export async function readHubModel(
  id: string,
  revision: string,
  options: { sources: string[] } & Pick<DownloadOptions, 'token' | 'signal' | 'wait'>,
): Promise<Model> {
  const reader = new HubReader(id, revision, options);
  const config = await reader.json('config.json');
  if (!config)
    throw new EmbedError(
      'unknown-model',
      `There is no model ${id} (${revision}) at ${options.sources.join(', ')}.`,
    );
  const [modules, pooling, prompts, sentence, tokenizer] = await Promise.all(
    [
      'modules.json',
      '1_Pooling/config.json',
      'config_sentence_transformers.json',
      'sentence_bert_config.json',
      'tokenizer_config.json',
    ].map((file) => reader.json(file)),
  );
  const isStatic =
    config['model_type'] === 'model2vec' ||
    modulesOf(modules).some((type) => type.endsWith('StaticEmbedding'));
  const common = {
    id,
    revision,
    normalize: true,
    prefixes: prefixesOf(prompts),
    similarity: 'cosine' as const,
    languages: [],
    licence: 'see the model’s page',
    fusionWeight: 0.4,
    verified: false,
  };
  const tokenizerFiles = {
    tokenizer: 'tokenizer.json',
    ...(tokenizer && { tokenizerConfig: 'tokenizer_config.json' }),
  };
  let card: ModelCard;
  if (isStatic) {
    const file =
      modulesOf(modules).some((type) => type.endsWith('StaticEmbedding')) && !config['hidden_dim']
        ? '0_StaticEmbedding/model.safetensors'
        : 'model.safetensors';
    card = {
      ...common,
      kind: 'static',
      dimensions: numberOf(config['hidden_dim']) ?? 0,
      maxTokens: numberOf(config['seq_length']) ?? DEFAULT_MAX_TOKENS,
      pooling: 'mean',
      files: { ...tokenizerFiles, weights: { fp32: file } },
      bytes: {},
      sources: { dimensions: 'config.json', maxTokens: 'config.json' },
    };
  } else {
    const { weights, external, bytes } = await reader.weights();
    card = {
      ...common,
      kind: 'onnx',
      dimensions:
        numberOf(pooling?.['word_embedding_dimension']) ??
        numberOf(config['hidden_size']) ??
        numberOf(config['d_model']) ??
        0,
      maxTokens: maxTokensOf(config, sentence, tokenizer),
      pooling: poolingOf(pooling),
      files: { ...tokenizerFiles, weights, ...(Object.keys(external).length > 0 && { external }) },
      bytes,
      sources: {
        dimensions: pooling ? '1_Pooling/config.json' : 'config.json',
        maxTokens: sentence ? 'sentence_bert_config.json' : 'tokenizer_config.json, config.json',
        pooling: pooling ? '1_Pooling/config.json' : 'a guess: mean is the most common',
        prefixes: prompts ? 'config_sentence_transformers.json' : 'none stated',
      },
    };
  }
  if (card.dimensions === 0)
    throw new EmbedError('invalid-model', `config.json of ${id} does not say how long its vectors are.`);
  return modelAt(card, options.sources, id, revision);
}

/** Reads small files and asks for sizes, source by source. */
class HubReader {
  private readonly id: string;
  private readonly revision: string;
  private readonly options: { sources: string[] } & Pick<DownloadOptions, 'token' | 'signal' | 'wait'>;

  constructor(id: string, revision: string, options: HubReader['options']) {
    this.id = id;
    this.revision = revision;
    this.options = options;
  }

  async json(file: string): Promise<Json | undefined> {
    const { sources, token, signal, wait } = this.options;
    let failure: unknown;
    for (const url of addressesOf(sources, this.id, this.revision, file)) {
      try {
        const bytes = url.startsWith('file:')
          ? await readLocal(url)
          : await download(url, { token, signal, wait });
        return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Json);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof SyntaxError)
          failure = new EmbedError('invalid-model', `${url} is not JSON: ${messageOf(error)}`);
        else if (!(error instanceof EmbedError && error.code === 'not-found')) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** Which weights there are, with their sizes. */
  async weights(): Promise<{
    weights: ModelCard['files']['weights'];
    external: Partial<Record<Dtype, string[]>>;
    bytes: ModelCard['bytes'];
  }> {
    const weights: ModelCard['files']['weights'] = {};
    const external: Partial<Record<Dtype, string[]>> = {};
    const bytes: ModelCard['bytes'] = {};
    await Promise.all(
      (Object.entries(WEIGHTS) as [Dtype, string[]][]).map(async ([dtype, names]) => {
        for (const name of names) {
          const size = await this.size(name);
          if (size === undefined) continue;
          weights[dtype] = name;
          if (size > 0) bytes[dtype] = size;
          const data = `${name}_data`;
          if ((await this.size(data)) !== undefined) external[dtype] = [data];
          return;
        }
      }),
    );
    if (Object.keys(weights).length === 0) {
      throw new EmbedError(
        'unknown-model',
        `${this.id} has no ONNX weights. Look for a converted copy, often named onnx-community/… or Xenova/….`,
      );
    }
    return { weights, external, bytes };
  }

  /** Size of a file, 0 when the server does not tell, undefined when there is no such file. */
  private async size(file: string): Promise<number | undefined> {
    const { sources, token, signal } = this.options;
    for (const url of addressesOf(sources, this.id, this.revision, file)) {
      if (url.startsWith('file:')) {
        const { stat } = process.getBuiltinModule('node:fs/promises');
        const found = await stat(new URL(url)).catch(() => undefined);
        if (found) return found.size;
        continue;
      }
      const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
      const response = await fetch(url, { method: 'HEAD', headers, signal }).catch(() => undefined);
      signal?.throwIfAborted();
      if (response?.ok)
        return response.headers.has('Content-Encoding')
          ? 0
          : Number(response.headers.get('Content-Length') ?? 0);
    }
    return undefined;
  }
}

async function readLocal(url: string): Promise<Uint8Array | undefined> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  return readFile(new URL(url)).catch(() => undefined);
}

function modulesOf(modules: Json | undefined): string[] {
  return Array.isArray(modules) ? modules.map((module: Json) => String(module['type'])) : [];
}

function poolingOf(pooling: Json | undefined): Pooling {
  if (pooling?.['pooling_mode_cls_token']) return 'cls';
  if (pooling?.['pooling_mode_max_tokens']) return 'max';
  if (pooling?.['pooling_mode_lasttoken']) return 'last';
  if (pooling?.['pooling_mode_weightedmean_tokens']) return 'weighted-mean';
  return 'mean';
}

function prefixesOf(config: Json | undefined): { query: string; document: string } {
  const prompts = (config?.['prompts'] ?? {}) as Record<string, string>;
  const first = (...names: string[]): string =>
    names.map((name) => prompts[name]).find((prompt) => typeof prompt === 'string') ?? '';
  return {
    query: first('query', 'Retrieval-query', 's2p_query'),
    document: first('document', 'passage', 'Retrieval-document'),
  };
}

function maxTokensOf(config: Json, sentence: Json | undefined, tokenizer: Json | undefined): number {
  const positions = numberOf(config['max_position_embeddings']) ?? Infinity;
  const stated =
    numberOf(sentence?.['max_seq_length']) ?? numberOf(tokenizer?.['model_max_length']) ?? DEFAULT_MAX_TOKENS;
  // Tokenizers without a limit state astronomical ones.
  const most = Math.min(positions, stated);
  return most < 1e6 ? most : DEFAULT_MAX_TOKENS;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
