import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { staticEn } from '@burrow/model-static-en';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asset, missingAsset } from '../../../scripts/test-assets.mjs';
import {
  createEmbedder,
  type Device,
  loadTokenizer,
  type Model,
  type ModelCard,
  presets,
} from '../src/index.ts';
import type { Json } from '../src/models/model-reader.ts';
import { prefixesOf } from '../src/models/sentence-transformers.ts';
import { readSafetensors, toFloat32 } from '../src/safetensors.ts';
import { normals } from './encoder-reference.ts';
import { type HubServer, startHub } from './hub-server.ts';
import { modelFolder, type ModelFolder, safetensors } from './model-folder.ts';

const MINILM = asset('models', 'all-MiniLM-L6-v2');
const ID = 'somebody/sentences';
const TEXTS = ['How do I renew my passport?', 'boundary layer over a flat plate', 'a'];
const TYPE = 'sentence_transformers.models.';

let folder: ModelFolder;
let hub: HubServer;

beforeEach(async () => {
  folder = await modelFolder();
  hub = await startHub({ [ID]: folder.path });
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const hubOptions = (): { sources: string[]; cache: false } => ({ sources: [hub.source], cache: false });
const modules = (...list: [type: string, path: string][]): object =>
  list.map(([type, path], idx) => ({
    idx,
    name: String(idx),
    path,
    type: type.includes('.') ? type : TYPE + type,
  }));

/** Vectors of the texts, with the card that was read. */
async function embed(
  model: string | Model,
  device: Device,
  options: { kind?: 'query' | 'document'; texts?: string[] } = {},
): Promise<{ rows: number[][]; card: ModelCard; truncated: number[] }> {
  await using embedder = await createEmbedder({
    model,
    device,
    dtype: device === 'static' ? 'auto' : 'int8',
    threads: 1,
    worker: false,
    hub: hubOptions(),
  });
  const { data, dimensions, count, truncated } = await embedder.embed(options.texts ?? TEXTS, options);
  const rows = Array.from({ length: count }, (_, row) => [
    ...data.subarray(row * dimensions, (row + 1) * dimensions),
  ]);
  return { rows, card: embedder.model, truncated };
}

const unit = (row: number[]): number[] => {
  const length = Math.hypot(...row);
  return row.map((value) => value / length);
};

function expectClose(actual: number[][], expected: number[][], tolerance = 1e-5): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const worst = Math.max(
    ...actual.flatMap((row, i) => row.map((value, d) => Math.abs(value - expected[i]![d]!))),
  );
  expect(worst).toBeLessThan(tolerance);
}

const refusal = (): Promise<unknown> =>
  createEmbedder({ model: ID, hub: hubOptions() }).catch((error: unknown) => error);

describe('a transformer in sentence-transformers’ layout', { timeout: 180_000 }, () => {
  beforeEach(async (context) => {
    if (!MINILM) return context.skip(missingAsset('models', 'all-MiniLM-L6-v2'));
    const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
    await folder.link(Object.fromEntries(names.map((name) => [name, join(MINILM, name)])));
    await folder.write({
      'modules.json': modules(['Transformer', ''], ['Pooling', '1_Pooling'], ['Normalize', '2_Normalize']),
      '1_Pooling/config.json': { word_embedding_dimension: 384, pooling_mode_mean_tokens: true },
      'sentence_bert_config.json': { max_seq_length: 256, do_lower_case: false },
    });
  });

  /** What the transformer gives, pooled in one way and no further: from a card made by hand. */
  const pooled = (pooling: 'cls' | 'mean' | 'max'): Promise<number[][]> => {
    const known = byPooling.get(pooling) ?? poolAs(pooling);
    byPooling.set(pooling, known);
    return known;
  };
  const byPooling = new Map<string, Promise<number[][]>>();
  const poolAs = async (pooling: 'cls' | 'mean' | 'max'): Promise<number[][]> => {
    const card = {
      ...presets['all-MiniLM-L6-v2']!,
      pooling,
      normalize: false,
      reference: undefined,
      verified: false,
      files: { tokenizer: 'tokenizer.json', weights: { int8: 'onnx/model_quantized.onnx' } },
    };
    const urls = Object.fromEntries(
      ['tokenizer.json', 'onnx/model_quantized.onnx'].map((name) => [
        name,
        pathToFileURL(join(MINILM!, name)).href,
      ]),
    );
    return (await embed({ card, urls }, 'wasm')).rows;
  };

  it('pools as the module says, wherever its folder is', async () => {
    await folder.write({
      'modules.json': modules(['Transformer', ''], ['Pooling', 'pool/here'], ['Normalize', '2_Normalize']),
      'pool/here/config.json': { word_embedding_dimension: 384, pooling_mode_cls_token: true },
    });
    const { rows, card } = await embed(ID, 'wasm');
    expect(card).toMatchObject({
      pooling: 'cls',
      normalize: true,
      dimensions: 384,
      maxTokens: 256,
      verified: false,
    });
    expectClose(rows, (await pooled('cls')).map(unit));
  });

  it('pools in several ways at once', async () => {
    await folder.write({
      '1_Pooling/config.json': {
        word_embedding_dimension: 384,
        pooling_mode_mean_tokens: true,
        pooling_mode_cls_token: true,
        pooling_mode_max_tokens: true,
      },
    });
    const { rows, card } = await embed(ID, 'wasm');
    expect(card).toMatchObject({ pooling: ['cls', 'max', 'mean'], dimensions: 3 * 384 });
    const [cls, max, mean] = [await pooled('cls'), await pooled('max'), await pooled('mean')];
    expectClose(
      rows,
      cls.map((row, i) => unit([...row, ...max[i]!, ...mean[i]!])),
    );
  });

  it('leaves vectors as long as they are where nothing normalises them', async () => {
    await folder.write({ 'modules.json': modules(['Transformer', ''], ['Pooling', '1_Pooling']) });
    const { rows, card } = await embed(ID, 'wasm');
    expect(card.normalize).toBe(false);
    expectClose(rows, await pooled('mean'));
    expect(Math.hypot(...rows[0]!)).toBeGreaterThan(2);
  });

  it.each(['wasm', 'kernels'] as const)('applies Dense modules, on %s', async (device) => {
    const random = normals(5);
    const [first, bias, second] = [random(64 * 384, 0.05), random(64, 0.5), random(16 * 64, 0.1)];
    const activation = (name: string): object => ({ activation_function: `torch.nn.modules.${name}` });
    await folder.write({
      'modules.json': modules(
        ['Transformer', ''],
        ['Pooling', '1_Pooling'],
        ['Dense', '2_Dense'],
        ['Dropout', '3_Dropout'],
        ['Dense', '4_Dense'],
        ['Normalize', '5_Normalize'],
      ),
      '2_Dense/config.json': {
        in_features: 384,
        out_features: 64,
        bias: true,
        ...activation('activation.Tanh'),
      },
      '2_Dense/model.safetensors': safetensors({
        'linear.weight': { shape: [64, 384], data: first },
        'linear.bias': { shape: [64], data: bias },
      }),
      '4_Dense/config.json': {
        in_features: 64,
        out_features: 16,
        bias: false,
        ...activation('linear.Identity'),
      },
      '4_Dense/model.safetensors': safetensors({ 'linear.weight': { shape: [16, 64], data: second } }),
    });
    const product = (weights: Float32Array, outputs: number, x: number[]): number[] =>
      Array.from({ length: outputs }, (_, o) =>
        x.reduce((sum, value, i) => sum + value * weights[o * x.length + i]!, 0),
      );
    const { rows, card } = await embed(ID, device);
    expect(card).toMatchObject({ dimensions: 16, pooling: 'mean', normalize: true });
    const expected = (await pooled('mean')).map((row) => {
      const hidden = product(first, 64, row).map((value, o) => Math.tanh(value + bias[o]!));
      return unit(product(second, 16, hidden));
    });
    // Kernels round int8 otherwise than ONNX Runtime does.
    if (device === 'wasm') expectClose(rows, expected);
    else
      rows.forEach((row, i) =>
        expect(row.reduce((sum, x, d) => sum + x * expected[i]![d]!, 0)).toBeGreaterThan(0.97),
      );
  });

  it('reads a transformer that has a folder of its own', async () => {
    await folder.link({ '0_Transformer/config.json': join(MINILM!, 'config.json') });
    await folder.link({ '0_Transformer/tokenizer.json': join(MINILM!, 'tokenizer.json') });
    await folder.link({
      '0_Transformer/onnx/model_quantized.onnx': join(MINILM!, 'onnx/model_quantized.onnx'),
    });
    for (const name of [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/model_quantized.onnx',
    ])
      await folder.remove(name);
    await folder.write({
      'modules.json': modules(['Transformer', '0_Transformer'], ['Pooling', '1_Pooling']),
      '0_Transformer/sentence_bert_config.json': { max_seq_length: 16 },
    });
    const { rows, card, truncated } = await embed(ID, 'wasm', { texts: [...TEXTS, 'word '.repeat(40)] });
    expect(card).toMatchObject({ maxTokens: 16, files: { tokenizer: '0_Transformer/tokenizer.json' } });
    expect(truncated).toEqual([3]);
    expectClose(rows.slice(0, 3), await pooled('mean'));
  });

  it('writes texts in small letters where the model wants them so', async () => {
    const tokenizer = JSON.parse(await readFile(join(MINILM!, 'tokenizer.json'), 'utf8'));
    tokenizer.normalizer.lowercase = false;
    await folder.write({ 'tokenizer.json': tokenizer, 'sentence_bert_config.json': { do_lower_case: true } });
    const lower = await loadTokenizer(ID, { hub: hubOptions() });
    expect(lower.encode('HELLO World')).toEqual(lower.encode('hello world'));
    await folder.write({ 'sentence_bert_config.json': { do_lower_case: false } });
    const cased = await loadTokenizer(ID, { hub: hubOptions() });
    expect(cased.encode('HELLO World')).not.toEqual(cased.encode('hello world'));
  });

  it('puts prompts before texts', async () => {
    const config = { prompts: { query: 'question: ', other: 'passage: ' }, default_prompt_name: 'other' };
    await folder.write({ 'config_sentence_transformers.json': config });
    const query = await embed(ID, 'kernels', { kind: 'query', texts: ['where'] });
    expect(query.card.prefixes).toEqual({ query: 'question: ', document: 'passage: ' });
    const document = await embed(ID, 'kernels', { texts: ['where'] });
    await folder.write({ 'config_sentence_transformers.json': {} });
    const plain = await embed(ID, 'kernels', { texts: ['question: where', 'passage: where'] });
    expectClose([...query.rows, ...document.rows], plain.rows);
  });

  it.each<[string, Record<string, object>, RegExp]>([
    [
      'a pooling that is not known',
      { '1_Pooling/config.json': { pooling_mode_attention: true } },
      /pooling attention/,
    ],
    ['no pooling at all', { '1_Pooling/config.json': { word_embedding_dimension: 384 } }, /no mode/],
    [
      'another activation',
      {
        'modules.json': modules(['Transformer', ''], ['Pooling', '1_Pooling'], ['Dense', '2_Dense']),
        '2_Dense/config.json': {
          in_features: 384,
          out_features: 8,
          activation_function: 'torch.nn.modules.activation.ReLU',
        },
      },
      /activation relu/,
    ],
    [
      'weights that are not safetensors',
      {
        'modules.json': modules(['Transformer', ''], ['Pooling', '1_Pooling'], ['Dense', '2_Dense']),
        '2_Dense/config.json': {
          in_features: 384,
          out_features: 8,
          activation_function: 'torch.nn.modules.linear.Identity',
        },
        '2_Dense/pytorch_model.bin': {},
      },
      /2_Dense\/model\.safetensors/,
    ],
    [
      'a module that is not known',
      { 'modules.json': modules(['Transformer', ''], ['Pooling', '1_Pooling'], ['LSTM', '2_LSTM']) },
      /LSTM/,
    ],
    [
      'code of its own',
      { 'modules.json': modules(['custom_st.Transformer', ''], ['Pooling', '1_Pooling']) },
      /custom_st\.Transformer/,
    ],
    [
      'prompts that are not pooled',
      {
        '1_Pooling/config.json': {
          word_embedding_dimension: 384,
          pooling_mode_mean_tokens: true,
          include_prompt: false,
        },
        'config_sentence_transformers.json': { prompts: { query: 'q: ' } },
      },
      /prompts/,
    ],
  ])(
    'says what it cannot run as it is meant, rather than give other vectors: %s',
    async (_, files, message) => {
      await folder.write(files);
      expect(await refusal()).toMatchObject({ code: 'unsupported', message: expect.stringMatching(message) });
    },
  );
});

describe('prompts', () => {
  it.each<[string, object, { query: string; document: string }]>([
    ['by their names', { prompts: { query: 'q: ', document: 'd: ' } }, { query: 'q: ', document: 'd: ' }],
    ['another name', { prompts: { query: 'q: ', passage: 'p: ' } }, { query: 'q: ', document: 'p: ' }],
    [
      'the default for what has none',
      { prompts: { query: 'q: ', all: 'x: ' }, default_prompt_name: 'all' },
      { query: 'q: ', document: 'x: ' },
    ],
    [
      'the default',
      { prompts: { all: 'x: ' }, default_prompt_name: 'all' },
      { query: 'x: ', document: 'x: ' },
    ],
    ['none', { prompts: { other: 'y: ' }, default_prompt_name: null }, { query: '', document: '' }],
    ['nothing', {}, { query: '', document: '' }],
  ])('are chosen for queries and documents: %s', (_, config, prefixes) => {
    expect(prefixesOf(ID, config as Json)).toEqual(prefixes);
  });

  it('have a default that is one of them', () => {
    expect(() => prefixesOf(ID, { prompts: {}, default_prompt_name: 'x' })).toThrow(/default prompt x/);
  });
});

describe('StaticEmbedding', () => {
  const [ROWS, WIDTH] = [30522, 32];
  let table: Float32Array;

  beforeEach(async () => {
    const tensors = readSafetensors(
      await readFile(fileURLToPath(staticEn.urls['model.safetensors'] as string)),
    );
    const [values, scales] = [toFloat32(tensors.get('embeddings')!), toFloat32(tensors.get('scales')!)];
    table = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => {
      const row = Math.floor(i / WIDTH);
      return values[row * 256 + (i % WIDTH)]! * scales[row]!;
    });
  });

  it.each([
    ['0_StaticEmbedding', true],
    ['', false],
  ])('needs no config.json; its folder is "%s"', async (place, normalize) => {
    const inside = place ? `${place}/` : '';
    const list: [string, string][] = [['StaticEmbedding', place]];
    if (normalize) list.push(['Normalize', '1_Normalize']);
    await folder.link({
      [`${inside}tokenizer.json`]: fileURLToPath(staticEn.urls['tokenizer.json'] as string),
    });
    await folder.write({
      'modules.json': modules(...list),
      [`${inside}model.safetensors`]: safetensors({
        'embedding.weight': { shape: [ROWS, WIDTH], data: table },
      }),
    });
    // The last word is unknown: the table has a vector for that, too.
    const texts = ['a cat sleeps on the sofa', 'word '.repeat(3000), 'tea \u{1F375}'];
    const { rows, card, truncated } = await embed(ID, 'static', { texts });
    expect(card).toMatchObject({ kind: 'static', dimensions: WIDTH, normalize });
    expect(truncated).toEqual([]);
    const tokenizer = await loadTokenizer(ID, { hub: hubOptions() });
    const expected = texts.map((text) => {
      const ids = [...tokenizer.encode(text)];
      const mean = Array.from(
        { length: WIDTH },
        (_, d) => ids.reduce((sum, id) => sum + table[id * WIDTH + d]!, 0) / ids.length,
      );
      return normalize ? unit(mean) : mean;
    });
    // The sum of 3,000 rows in single precision.
    expectClose(rows, expected, 1e-4);
  });

  it('says so when there is no table', async () => {
    await folder.write({ 'modules.json': modules(['StaticEmbedding', '0_StaticEmbedding']) });
    expect(await refusal()).toMatchObject({ code: 'unsupported' });
  });
});
