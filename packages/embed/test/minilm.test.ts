import { availableParallelism } from 'node:os';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asset, missingAsset } from '../../../scripts/test-assets.mjs';
import { createEmbedder, embedAssets, type Embedder, loadTokenizer } from '../src/index.ts';
import { rowCosine } from '../src/vectors.ts';
import { type HubServer, startHub } from './hub-server.ts';

const FOLDER = asset('models', 'all-MiniLM-L6-v2');
const ID = 'Xenova/all-MiniLM-L6-v2';

const TEXTS = [
  'a',
  'boundary layer over a flat plate',
  'How do I renew my passport, and how long does it take?',
  'word '.repeat(400),
  'The cat sat on the mat. '.repeat(12),
  '東京タワー',
  'short',
  'Photosynthesis converts light into chemical energy, which plants store as sugar. '.repeat(5),
];

describe('all-MiniLM-L6-v2, from a local hub', { timeout: 180_000 }, () => {
  beforeEach((context) => {
    if (!FOLDER) context.skip(missingAsset('models', 'all-MiniLM-L6-v2'));
  });
  let hub: HubServer;
  const open = (
    dtype: 'fp32' | 'int8',
    device: 'kernels' | 'wasm' = 'wasm',
    model = 'all-MiniLM-L6-v2',
  ): Promise<Embedder> =>
    createEmbedder({ model, dtype, device, hub: { sources: [hub.source], cache: false } });
  const DEVICES = ['kernels', 'wasm'] as const;

  beforeAll(async () => {
    hub = await startHub({ [ID]: FOLDER ?? '', 'someone/copy': FOLDER ?? '' });
    return () => hub[Symbol.asyncDispose]();
  });

  it('needs no ONNX Runtime where the kernels are correct', async () => {
    const nowhere = { module: 'file:///nowhere.js', wasm: 'file:///nowhere.wasm' };
    const assets = { ...embedAssets, onnxruntime: { wasm: nowhere, webgpu: nowhere, jspi: nowhere } };
    const hubOptions = { sources: [hub.source], cache: false as const };
    await using embedder = await createEmbedder({ model: 'all-MiniLM-L6-v2', assets, hub: hubOptions });
    expect(embedder.backend).toMatchObject({ device: 'kernels', dtype: 'int8' });
    expect(embedder.backend.threads).toBe(Math.min(8, availableParallelism()));
    const passed = embedder.backend.candidates.filter(({ device }) => device === 'wasm');
    expect(passed.every(({ reason }) => reason.startsWith('not tried'))).toBe(true);
  });

  it.each(DEVICES)('reproduces the reference vectors of its card on %s', async (device) => {
    for (const dtype of ['fp32', 'int8'] as const) {
      await using embedder = await open(dtype, device);
      const { cosine } = embedder.backend.candidates.find(({ outcome }) => outcome === 'chosen')!;
      if (dtype === 'fp32') expect(cosine!.least).toBeGreaterThan(0.99999);
      else expect(cosine!.mean).toBeGreaterThan(0.975);
    }
  });

  it.each(DEVICES)('on %s, batch mates change an fp32 vector by 1e-5 at most', async (device) => {
    await using embedder = await open('fp32', device);
    const together = await embedder.embed(TEXTS);
    expect(together.truncated).toEqual([3]);
    expect(together.tokens[3]).toBe(256);
    for (const [i, text] of TEXTS.entries()) {
      const { data } = await embedder.embed([text]);
      const difference = data.map((value, d) => Math.abs(value - together.data[i * 384 + d]!));
      expect(Math.max(...difference)).toBeLessThan(1e-5);
    }
  });

  it.each(DEVICES)('on %s, keeps int8 within 0.99 of the text alone', async (device) => {
    await using embedder = await open('int8', device);
    const together = await embedder.embed(TEXTS);
    for (const [i, text] of TEXTS.entries()) {
      const { data } = await embedder.embed([text]);
      expect(rowCosine(together.data.subarray(i * 384), data, 0, 384), text).toBeGreaterThan(0.99);
    }
  });

  it('builds the same card from the configuration files as the preset states', async () => {
    await using read = await open('int8', 'wasm', 'someone/copy');
    await using preset = await open('int8');
    const facts = ({ model }: Embedder): object => {
      const { dimensions, maxTokens, pooling, normalize, prefixes, kind } = model;
      return { dimensions, maxTokens, pooling, normalize, prefixes, kind };
    };
    expect(facts(read)).toEqual(facts(preset));
    expect([read.model.verified, preset.model.verified]).toEqual([false, true]);
    expect(Object.keys(read.model.files.weights).sort()).toEqual(['fp32', 'int8']);
  });

  it('overrides the padding and truncation that its tokenizer.json carries', async () => {
    const tokenizer = await loadTokenizer('all-MiniLM-L6-v2', {
      hub: { sources: [hub.source], cache: false },
    });
    expect(tokenizer.encode('hello world').length).toBe(4);
    expect(tokenizer.encode('word '.repeat(400)).length).toBe(256);
    expect(tokenizer.capacity).toBe(254);
  });
});
