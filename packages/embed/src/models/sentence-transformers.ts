import { EmbedError } from '../errors.ts';
import type { DenseLayer, ModelCard, Pooling } from '../types.ts';
import type { Json } from './model-reader.ts';

/** Reads a configuration file of a model; undefined when there is none. */
export type ReadJson = (file: string) => Promise<Json | undefined>;

/** What a model in sentence-transformers' layout does with a text, module by module. */
export interface Modules {
  /** What makes the vectors: a transformer, or a table of token vectors. */
  first: 'transformer' | 'static';
  /** Folder of the first module, with a slash behind it; empty for the model's own. */
  folder: string;
  pooling?: {
    modes: Pooling | Pooling[];
    dimensions: number | undefined;
    file: string;
    includesPrompt: boolean;
  };
  dense: DenseLayer[];
  normalize: boolean;
}

const FLAG = 'pooling_mode_';

/** Modes of Pooling, as its flags name them, in the order in which their vectors are joined. */
const MODES: [string, Pooling][] = [
  ['cls_token', 'cls'],
  ['max_tokens', 'max'],
  ['mean_tokens', 'mean'],
  ['mean_sqrt_len_tokens', 'mean-sqrt-length'],
  ['weightedmean_tokens', 'weighted-mean'],
  ['lasttoken', 'last'],
];

/**
 * Reads `modules.json` and what it names. Undefined where there is none.
 * @throws EmbedError `unsupported` for what would give other vectors here than its authors mean.
 */
export async function readModules(id: string, read: ReadJson): Promise<Modules | undefined> {
  const list = (await read('modules.json')) as unknown;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const refuse = (why: string): never => {
    throw new EmbedError('unsupported', `${id} cannot be run as its authors mean it: ${why}.`);
  };
  const modules: Modules = { first: 'transformer', folder: '', dense: [], normalize: false };
  for (const [place, { type, path }] of (list as { type: string; path: string }[]).entries()) {
    const name = String(type).split('.').at(-1)!;
    const folder = path ? `${path.replace(/\/+$/, '')}/` : '';
    // What comes with a model as Python code may do anything.
    if (!String(type).startsWith('sentence_transformers.')) refuse(`its module ${type} is code of its own`);
    const head = name === 'Transformer' || name === 'StaticEmbedding';
    if (head !== (place === 0)) refuse(`its module ${place} is ${name}`);
    if (modules.normalize && name !== 'Dropout') refuse(`${name} comes after Normalize`);
    switch (name) {
      case 'Transformer':
      case 'StaticEmbedding':
        modules.first = name === 'Transformer' ? 'transformer' : 'static';
        modules.folder = folder;
        break;
      case 'Pooling':
        if (modules.pooling || modules.dense.length > 0) refuse('it pools twice, or after a Dense module');
        modules.pooling = await readPooling(`${folder}config.json`, read, refuse);
        break;
      case 'Dense':
        modules.dense.push(await readDense(folder, read, refuse));
        break;
      case 'Normalize':
        modules.normalize = true;
        break;
      case 'Dropout': // only in training
        break;
      default:
        refuse(`its module ${name} is not known here`);
    }
  }
  if (modules.first === 'transformer' && !modules.pooling) refuse('it has no Pooling module');
  return modules;
}

type Refuse = (why: string) => never;

async function readPooling(file: string, read: ReadJson, refuse: Refuse): Promise<Modules['pooling']> {
  const config = await read(file);
  if (!config) return refuse(`${file} is missing`);
  return { file, ...poolingOf(config, refuse) };
}

/** Modes that a Pooling module's configuration switches on, one by one or by name. */
export function poolingOf(config: Json, refuse: Refuse): Omit<NonNullable<Modules['pooling']>, 'file'> {
  const named = [config['pooling_mode'] ?? []].flat().map(String);
  const known = new Map(
    MODES.flatMap(([flag, mode]) => [
      [flag, mode],
      [flag.replace(/_tokens?$/, ''), mode],
    ]),
  );
  const flags = Object.keys(config).filter((key) => key.startsWith(FLAG) && config[key] === true);
  const unknown = [...named, ...flags.map((flag) => flag.slice(FLAG.length))].find(
    (name) => !known.has(name),
  );
  if (unknown !== undefined) refuse(`its pooling ${unknown} is not known here`);
  const modes = MODES.filter(
    ([flag, mode]) => config[FLAG + flag] === true || named.some((name) => known.get(name) === mode),
  ).map(([, mode]) => mode);
  if (modes.length === 0) refuse('its Pooling module has no mode');
  return {
    modes: modes.length === 1 ? modes[0]! : modes,
    dimensions: numberOf(config['word_embedding_dimension']) ?? numberOf(config['embedding_dimension']),
    includesPrompt: config['include_prompt'] !== false,
  };
}

async function readDense(folder: string, read: ReadJson, refuse: Refuse): Promise<DenseLayer> {
  const config = (await read(`${folder}config.json`)) ?? {};
  const [inputs, outputs] = [numberOf(config['in_features']), numberOf(config['out_features'])];
  if (inputs === undefined || outputs === undefined) return refuse(`${folder}config.json has no sizes`);
  const other = ['module_input_name', 'module_output_name'].some(
    (key) => (config[key] ?? 'sentence_embedding') !== 'sentence_embedding',
  );
  if (other) refuse(`its Dense module ${folder} works on something else than the text's vector`);
  const activation = String(config['activation_function'] ?? 'Tanh')
    .split('.')
    .at(-1)!
    .toLowerCase();
  if (activation !== 'identity' && activation !== 'tanh')
    return refuse(
      `its Dense module ${folder} has the activation ${activation}; identity and tanh are known here`,
    );
  return { file: `${folder}model.safetensors`, inputs, outputs, activation };
}

/**
 * Prefixes of queries and documents, as `encode_query` and `encode_document` choose them: by their names, else the default.
 * @throws EmbedError `invalid-model` when the default is none of the prompts.
 */
export function prefixesOf(id: string, config: Json | undefined): ModelCard['prefixes'] {
  const prompts = (config?.['prompts'] ?? {}) as Record<string, unknown>;
  const name = config?.['default_prompt_name'];
  const other = typeof name === 'string' ? prompts[name] : '';
  if (typeof other !== 'string') {
    throw new EmbedError(
      'invalid-model',
      `The default prompt ${String(name)} of ${id} is none of its prompts.`,
    );
  }
  const first = (...names: string[]): string =>
    names.map((name) => prompts[name]).find((prompt) => typeof prompt === 'string') ?? other;
  return {
    query: first('query', 'Retrieval-query', 's2p_query'),
    document: first('document', 'passage', 'corpus', 'Retrieval-document'),
  };
}

/** A number above 0, else undefined. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
