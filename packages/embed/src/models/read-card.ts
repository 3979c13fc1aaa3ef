import { EmbedError } from '../errors.ts';
import type { ModelCard } from '../types.ts';
import { findWeights, type Json, type ModelReader, readShapes } from './model-reader.ts';
import { type Modules, numberOf, prefixesOf, readModules } from './sentence-transformers.ts';

const DEFAULT_MAX_TOKENS = 512;

/** Tables of token vectors know no limit; this one is only there because a text has to end somewhere. */
const STATIC_MAX_TOKENS = 1 << 16;

/** Names of the table in a safetensors file. */
const TABLES = ['embeddings', 'embedding.weight', 'embeddings.weight'];

/**
 * Builds the card of any model from its configuration files: `config.json`, `modules.json` and what it names,
 * `config_sentence_transformers.json`, `sentence_bert_config.json`, `tokenizer_config.json`. The card is not verified.
 * @throws EmbedError `unknown-model` when there is no such model, or nothing of it that can run here; `unsupported` when
 * it would run otherwise than its authors mean; `invalid-model`, and what the reader throws.
 */
export async function readCard(id: string, revision: string, reader: ModelReader): Promise<ModelCard> {
  const read = (file: string): Promise<Json | undefined> => reader.json(file);
  const modules = await readModules(id, read);
  const folder = modules?.folder ?? '';
  const [config, prompts, tokenizer] = await Promise.all(
    [`${folder}config.json`, 'config_sentence_transformers.json', `${folder}tokenizer_config.json`].map(read),
  );
  if (!config && modules?.first !== 'static')
    throw new EmbedError('unknown-model', `There is no model ${id} (${revision}): no ${folder}config.json.`);
  const prefixes = prefixesOf(id, prompts);
  if (modules?.pooling?.includesPrompt === false && (prefixes.query || prefixes.document)) {
    throw new EmbedError(
      'unsupported',
      `${id} leaves its prompts out when it pools, which is not done here: its vectors would be others.`,
    );
  }
  const facts: Facts = { id, modules, folder, config: config ?? {}, tokenizer };
  const isTable = modules?.first === 'static' || config?.['model_type'] === 'model2vec';
  const own = isTable ? await staticCard(facts, reader) : await transformerCard(facts, reader);
  const dense = modules?.dense ?? [];
  for (const { file } of dense) {
    if ((await reader.size(file)) === undefined)
      throw new EmbedError('unsupported', `${id} has no ${file}: its Dense weights have to be safetensors.`);
  }
  const card: ModelCard = {
    id,
    revision,
    prefixes,
    similarity: 'cosine',
    languages: [],
    licence: 'see the model’s page',
    fusionWeight: 0.4,
    verified: false,
    ...(dense.length > 0 && { dense }),
    ...own,
    dimensions: dense.at(-1)?.outputs ?? own.dimensions,
    sources: { prefixes: prompts ? 'config_sentence_transformers.json' : 'none stated', ...own.sources },
  };
  checkSizes(card, own.dimensions);
  return card;
}

interface Facts {
  id: string;
  modules: Modules | undefined;
  folder: string;
  config: Json;
  tokenizer: Json | undefined;
}

type Own = Pick<
  ModelCard,
  'kind' | 'dimensions' | 'maxTokens' | 'pooling' | 'normalize' | 'files' | 'bytes'
> &
  Pick<ModelCard, 'lowercase' | 'unknownTokens' | 'sources'>;

function checkSizes({ id, dense = [] }: ModelCard, pooled: number): void {
  let length = pooled;
  if (length === 0)
    throw new EmbedError(
      'invalid-model',
      `The configuration of ${id} does not say how long its vectors are.`,
    );
  for (const { file, inputs, outputs } of dense) {
    if (inputs !== length)
      throw new EmbedError(
        'invalid-model',
        `${file} of ${id} takes ${inputs} numbers, not the ${length} that come.`,
      );
    length = outputs;
  }
}

async function tokenizerFiles(
  { id, folder, tokenizer }: Facts,
  reader: ModelReader,
): Promise<Pick<ModelCard['files'], 'tokenizer' | 'tokenizerConfig'>> {
  for (const place of new Set([folder, ''])) {
    if ((await reader.size(`${place}tokenizer.json`)) === undefined) continue;
    return {
      tokenizer: `${place}tokenizer.json`,
      ...(tokenizer && { tokenizerConfig: `${folder}tokenizer_config.json` }),
    };
  }
  throw new EmbedError('unsupported', `${id} has no tokenizer.json. Look for a converted copy of the model.`);
}

/** A table of token vectors: model2vec's layout, or sentence-transformers' StaticEmbedding. */
async function staticCard(facts: Facts, reader: ModelReader): Promise<Own> {
  const { id, modules, folder, config } = facts;
  const model2vec = config['model_type'] === 'model2vec';
  const files = [`${folder}model.safetensors`, 'model.safetensors', '0_StaticEmbedding/model.safetensors'];
  for (const file of new Set(files)) {
    if ((await reader.size(file)) === undefined) continue;
    return {
      kind: 'static',
      dimensions: numberOf(config['hidden_dim']) ?? (await widthOf(file, reader)),
      // model2vec cuts texts where nothing else is said, StaticEmbedding does not.
      maxTokens: numberOf(config['seq_length']) ?? (model2vec ? DEFAULT_MAX_TOKENS : STATIC_MAX_TOKENS),
      pooling: 'mean',
      ...(!model2vec && { unknownTokens: 'counted' as const }),
      normalize: modules ? modules.normalize : config['normalize'] !== false,
      files: { ...(await tokenizerFiles(facts, reader)), weights: { fp32: file } },
      bytes: {},
      sources: { dimensions: file, normalize: modules ? 'modules.json' : 'config.json' },
    };
  }
  throw new EmbedError('unsupported', `${id} has no table of vectors as safetensors.`);
}

/** Length of the vectors in a table, by the header of its file; 0 where there is no table. */
async function widthOf(file: string, reader: ModelReader): Promise<number> {
  const shapes = (await readShapes(reader, file)) ?? {};
  return TABLES.map((name) => shapes[name]?.[1]).find((width) => width !== undefined) ?? 0;
}

async function transformerCard(facts: Facts, reader: ModelReader): Promise<Own> {
  const { id, modules, folder, config, tokenizer } = facts;
  const { weights, external, bytes } = await findWeights(reader, folder);
  if (Object.keys(weights).length === 0) {
    throw new EmbedError(
      'unknown-model',
      `${id} has no ONNX weights. Look for a converted copy, often named onnx-community/… or Xenova/….`,
    );
  }
  const sentence = await reader.json(`${folder}sentence_bert_config.json`);
  const modes = modules?.pooling?.modes ?? 'mean';
  const width =
    modules?.pooling?.dimensions ?? numberOf(config['hidden_size']) ?? numberOf(config['d_model']) ?? 0;
  return {
    kind: 'onnx',
    dimensions: width * [modes].flat().length,
    maxTokens: maxTokensOf(config, sentence, tokenizer),
    pooling: modes,
    normalize: modules?.normalize ?? true,
    ...(sentence?.['do_lower_case'] === true && { lowercase: true }),
    files: { ...(await tokenizerFiles(facts, reader)), weights, ...(external && { external }) },
    bytes,
    sources: {
      dimensions: modules?.pooling?.file ?? 'config.json',
      maxTokens: sentence ? 'sentence_bert_config.json' : 'tokenizer_config.json, config.json',
      pooling: modules?.pooling?.file ?? 'a guess: mean is the most common',
      normalize: modules ? 'modules.json' : 'a guess: most are compared by cosine',
    },
  };
}

function maxTokensOf(config: Json, sentence: Json | undefined, tokenizer: Json | undefined): number {
  const positions = (numberOf(config['max_position_embeddings']) ?? Infinity) - placesBefore(config);
  const stated =
    numberOf(sentence?.['max_seq_length']) ?? numberOf(tokenizer?.['model_max_length']) ?? Infinity;
  // Tokenizers without a limit state astronomical ones.
  const most = Math.min(positions, stated);
  return most < 1e6 ? most : DEFAULT_MAX_TOKENS;
}

/** RoBERTa's kind counts places from the one after its padding's. */
function placesBefore(config: Json): number {
  const kind = /^(xlm-)?roberta|^camembert$|^mpnet$/.test(String(config['model_type']));
  return kind ? (numberOf(config['pad_token_id']) ?? 1) + 1 : 0;
}
