// Published weights through our kernels, against ONNX Runtime on the same files.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { asset, missingAsset } from '../../../scripts/test-assets.mjs';
import { embedAssets } from '../src/assets.ts';
import type { BackendRequest } from '../src/backends/backend.ts';
import { createKernelsBackend } from '../src/backends/kernels.ts';
import { createOnnxBackend } from '../src/backends/onnx.ts';
import { readOnnx } from '../src/encoder/onnx-file.ts';
import { recogniseOnnx } from '../src/encoder/recognise-onnx.ts';
import { recogniseSafetensors } from '../src/encoder/recognise-safetensors.ts';
import { EmbedError } from '../src/errors.ts';
import { ModelTokenizer } from '../src/tokenizer.ts';
import type { Dtype, ModelCard } from '../src/types.ts';
import { rowCosine } from '../src/vectors.ts';
import { encode, normals } from './encoder-reference.ts';
import { TEXTS } from './sentences.ts';

const MINILM = asset('models', 'all-MiniLM-L6-v2');
const USE_LITE = new URL('../../model-use-lite/generated/', import.meta.url);

function cardOf(id: string, dimensions: number, pooling: ModelCard['pooling']): ModelCard {
  return {
    id,
    revision: '1',
    kind: 'onnx',
    dimensions,
    maxTokens: 128,
    pooling,
    normalize: true,
    prefixes: { query: '', document: '' },
    similarity: 'cosine',
    languages: ['en'],
    licence: '',
    fusionWeight: 0.5,
    files: { tokenizer: 'tokenizer.json', weights: { fp32: 'model.onnx', int8: 'model_quantized.onnx' } },
    bytes: {},
    verified: false,
    sources: {},
  };
}

function request(card: ModelCard, dtype: Dtype, file: Uint8Array): BackendRequest {
  const files = { [card.files.weights[dtype]!]: file };
  return { card, device: 'wasm', dtype, threads: 1, files, assets: embedAssets, allowSoftwareAdapter: false };
}

function cosines(a: Float32Array, b: Float32Array, dimensions: number): number[] {
  return Array.from({ length: a.length / dimensions }, (_, i) => rowCosine(a, b, i, dimensions));
}

const mean = (numbers: number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

async function compare(
  card: ModelCard,
  files: Record<'fp32' | 'int8', Uint8Array>,
  tokenizerJson: string,
): Promise<void> {
  const tokenizer = new ModelTokenizer(card, tokenizerJson);
  const texts = TEXTS.map((text) => tokenizer.encode(text));
  const run = async (create: typeof createOnnxBackend, dtype: 'fp32' | 'int8'): Promise<Float32Array> => {
    const backend = await create(request(card, dtype, files[dtype].slice()));
    const rows: Float32Array[] = [];
    for (const text of texts) rows.push(await backend.embed([text]));
    await backend.dispose();
    return Float32Array.from(rows.flatMap((row) => [...row]));
  };
  const reference = await run(createOnnxBackend, 'fp32');
  const theirs = cosines(await run(createOnnxBackend, 'int8'), reference, card.dimensions);
  const floats = cosines(await run(createKernelsBackend, 'fp32'), reference, card.dimensions);
  const codes = cosines(await run(createKernelsBackend, 'int8'), reference, card.dimensions);
  expect(Math.min(...floats)).toBeGreaterThan(0.99999);
  expect(mean(codes)).toBeGreaterThan(0.993);
  expect(mean(codes)).toBeGreaterThan(mean(theirs));
}

describe('published weights', { timeout: 180_000 }, () => {
  it('MiniLM: f32 equals ONNX Runtime, int8 is as close to it as its own int8', async (context) => {
    if (!MINILM) context.skip(missingAsset('models', 'all-MiniLM-L6-v2'));
    const [fp32, int8] = await Promise.all(
      ['model.onnx', 'model_quantized.onnx'].map((name) => readFile(`${MINILM}/onnx/${name}`)),
    );
    await compare(
      cardOf('all-MiniLM-L6-v2', 384, 'mean'),
      { fp32: fp32!, int8: int8! },
      await readFile(`${MINILM}/tokenizer.json`, 'utf8'),
    );
  });

  it('use-lite: likewise', async (context) => {
    const read = (name: string): Promise<Uint8Array> => readFile(new URL(name, USE_LITE));
    const files = await Promise.all([
      read('model.onnx'),
      read('model_quantized.onnx'),
      read('tokenizer.json'),
    ]).catch(() => undefined);
    if (!files) context.skip('needs packages/model-use-lite built');
    await compare(
      cardOf('use-lite', 512, 'graph'),
      { fp32: files![0], int8: files![1] },
      new TextDecoder().decode(files![2]),
    );
  });

  it('a damaged ONNX file is named as such', async (context) => {
    if (!MINILM) context.skip(missingAsset('models', 'all-MiniLM-L6-v2'));
    const file = await readFile(`${MINILM}/onnx/model_quantized.onnx`);
    for (const length of [0, 10, 1000, file.length - 100]) {
      expect(() => recogniseOnnx(file.subarray(0, length))).toThrow(EmbedError);
    }
    expect(() => readOnnx(new Uint8Array(100).fill(7))).toThrow(EmbedError);
  });
});

describe('safetensors', () => {
  const random = normals(3);
  const write = (tensors: Record<string, { shape: number[]; values: Float32Array }>): Uint8Array => {
    let offset = 0;
    const header = JSON.stringify(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, values }]) => {
          const entry = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
          offset += values.byteLength;
          return [name, entry];
        }),
      ),
    );
    const bytes = new Uint8Array(8 + header.length + offset);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    let at = 8 + header.length;
    for (const { values } of Object.values(tensors)) {
      bytes.set(new Uint8Array(values.buffer), at);
      at += values.byteLength;
    }
    return bytes;
  };
  const tensors = (gated: boolean, prefix: string): Parameters<typeof write>[0] => {
    const all: Parameters<typeof write>[0] = {};
    const put = (name: string, ...shape: number[]): void => {
      all[prefix + name] = {
        shape,
        values: random(
          shape.reduce((product, dim) => product * dim, 1),
          0.3,
        ),
      };
    };
    const dense = (name: string, inputs: number, outputs: number): void => {
      put(`${name}.weight`, outputs, inputs);
      put(`${name}.bias`, outputs);
    };
    const norm = (name: string): void => {
      put(`${name}.weight`, 16);
      put(`${name}.bias`, 16);
    };
    put('embeddings.word_embeddings.weight', 60, 16);
    put('embeddings.token_type_embeddings.weight', 2, 16);
    if (!gated) put('embeddings.position_embeddings.weight', 40, 16);
    norm('embeddings.LayerNorm');
    for (const i of [0, 1]) {
      const at = `encoder.layer.${i}`;
      for (const part of ['query', 'key', 'value']) dense(`${at}.attention.self.${part}`, 16, 16);
      dense(`${at}.attention.output.dense`, 16, 16);
      norm(`${at}.attention.output.LayerNorm`);
      if (gated) put(`${at}.mlp.gated_layers.weight`, 64, 16);
      dense(gated ? `${at}.mlp.wo` : `${at}.intermediate.dense`, gated ? 32 : 16, gated ? 16 : 32);
      if (!gated) dense(`${at}.output.dense`, 32, 16);
      norm(gated ? `${at}.mlp.layernorm` : `${at}.output.LayerNorm`);
    }
    return all;
  };
  const backendOf = (file: Uint8Array, config: object): ReturnType<typeof createKernelsBackend> => {
    const card = {
      ...cardOf('small', 16, 'mean'),
      files: { tokenizer: '', weights: { fp32: 'model.safetensors' } },
    };
    const files = {
      'model.safetensors': file,
      'config.json': new TextEncoder().encode(JSON.stringify(config)),
    };
    return createKernelsBackend({ ...request(cardOf('small', 16, 'mean'), 'fp32', file), card, files });
  };

  it.each([
    [false, ''],
    [false, 'bert.'],
    [true, ''],
  ])('runs BERT (gated: %s, names after "%s") as plain loops do', async (gated, prefix) => {
    const config = { num_attention_heads: 2, layer_norm_eps: 1e-12, hidden_act: 'gelu' };
    const file = write(tensors(gated, prefix));
    const backend = await backendOf(file, config);
    const text = Int32Array.of(1, 5, 59, 0, 12, 12, 3);
    const vector = await backend.embed([text]);
    const wanted = encode(recogniseSafetensors(file, config), text);
    expect(Math.max(...vector.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(1e-4);
  });

  it('says why a model is not recognised', async () => {
    const whole = tensors(false, '');
    const config = { num_attention_heads: 2 };
    await expect(backendOf(write(whole), {})).rejects.toThrow(/number of attention heads/);
    await expect(backendOf(write(whole), { ...config, hidden_act: 'mish' })).rejects.toThrow(
      /activation is mish/,
    );
    await expect(
      backendOf(write(whole), { ...config, position_embedding_type: 'relative_key' }),
    ).rejects.toThrow(/relative/);
    const { 'encoder.layer.1.output.dense.weight': _, ...part } = whole;
    await expect(backendOf(write(part), config)).rejects.toThrow(
      /encoder.layer.1.output.dense.weight is missing/,
    );
  });
});
