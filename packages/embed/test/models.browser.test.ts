import {
  clearCachedModel,
  createEmbedder,
  downloadModel,
  embedAssets,
  listCachedModels,
  type Model,
} from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { useLite } from '@burrow/model-use-lite';
import { afterEach, describe, expect, it } from 'vitest';

const bytesOf = async (url: string): Promise<ArrayBuffer> => (await fetch(url)).arrayBuffer();
const blobUrl = (bytes: BlobPart): string => URL.createObjectURL(new Blob([bytes]));

describe('models that were downloaded', () => {
  const id = 'somebody/static';
  const config = JSON.stringify({ model_type: 'model2vec', hidden_dim: 256 });
  const realFetch = globalThis.fetch;
  afterEach(() => {
    globalThis.fetch = realFetch;
  });

  it('are kept in the Cache API, listed, used without the network, and cleared', async () => {
    const files: Record<string, ArrayBuffer | string> = {
      'config.json': config,
      'tokenizer.json': await bytesOf(staticEn.urls['tokenizer.json']!),
      'model.safetensors': await bytesOf(staticEn.urls['model.safetensors']!),
    };
    let downloads = 0;
    // The hub of this test: the page has no other server.
    globalThis.fetch = async (input, init) => {
      const file = /^https:\/\/hub\.invalid\/.+\/(.+)$/.exec(String(input))?.[1];
      if (file === undefined) return realFetch(input, init);
      if (!files[file]) return new Response(null, { status: 404 });
      if (init?.method === 'HEAD') return new Response(null);
      downloads += file === 'model.safetensors' ? 1 : 0;
      return new Response(files[file]);
    };
    const hub = { sources: ['https://hub.invalid/{model}/{revision}/{file}'] };
    for (let round = 0; round < 2; round++) await (await createEmbedder({ model: id, hub })).dispose();
    expect(downloads).toBe(1);
    const [kept] = (await listCachedModels()).filter((model) => model.id === id);
    expect(kept!.files.sort()).toEqual([
      'card.json',
      'checksums.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
    expect(await clearCachedModel(id)).toBe(4);
    expect((await listCachedModels()).some((model) => model.id === id)).toBe(false);
  });
});

describe('realms of one origin', () => {
  it('fetch a file once among them', async () => {
    const model = `somebody/realms-${crypto.randomUUID()}`;
    const sources = [`${location.origin}/hub/{model}/resolve/{revision}/{file}`];
    const workers = Array.from(
      { length: 3 },
      () => new Worker(new URL('./download-in-worker.ts', import.meta.url), { type: 'module' }),
    );
    const next = (worker: Worker): Promise<unknown> =>
      new Promise((resolve) =>
        worker.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    await Promise.all(workers.map(next));
    const answers = Promise.all(workers.map(next));
    for (const worker of workers) worker.postMessage({ model, sources });
    const page = downloadModel(model, { hub: { sources } });
    for (const answer of await answers) expect(answer).toMatchObject({ id: model });
    await page;
    const asked = (await (await fetch('/hub/requests')).json()) as string[];
    const own = asked.filter((line) => line.startsWith('GET') && line.includes(model));
    for (const file of ['tokenizer.json', 'model.safetensors'])
      expect(own.filter((line) => line.endsWith(`/${file}`))).toHaveLength(1);
    const [kept] = (await listCachedModels()).filter(({ id }) => id === model);
    expect(kept).toMatchObject({ dtypes: ['fp32'] });
    await clearCachedModel(model);
    for (const worker of workers) worker.terminate();
  });
});

describe('broken rungs, with the real runtime', () => {
  it('says which candidate failed and why when a graph is damaged', async () => {
    const graph = new Uint8Array(await bytesOf(useLite.urls['model_quantized.onnx']!));
    const damaged: Model = {
      card: {
        ...useLite.card,
        files: { tokenizer: 'tokenizer.json', weights: { int8: 'x.onnx' } },
        bytes: {},
        hashes: {},
      },
      urls: { 'tokenizer.json': useLite.urls['tokenizer.json']!, 'x.onnx': blobUrl(graph.slice(0, 100_000)) },
    };
    await expect(createEmbedder({ model: damaged, device: 'wasm' })).rejects.toThrow(
      /wasm int8, 2 threads: ONNX Runtime cannot load/,
    );
  });

  it('falls to the next format when weights are those of another model', async () => {
    const graph = new Uint8Array(await bytesOf(useLite.urls['model_quantized.onnx']!));
    // Other numbers, same graph: it runs, and is wrong.
    for (let i = 3_000_000; i < 7_000_000; i++) graph[i]! ^= 0x55;
    const wrong: Model = {
      card: { ...useLite.card, bytes: {}, hashes: {} },
      urls: { ...useLite.urls, 'model_quantized.onnx': blobUrl(graph) },
    };
    const embedder = await createEmbedder({ model: wrong, device: 'wasm', threads: 1 });
    expect(embedder.backend).toMatchObject({ device: 'wasm', dtype: 'fp32' });
    expect(embedder.backend.candidates[0]).toMatchObject({
      dtype: 'int8',
      outcome: expect.stringMatching(/incorrect|failed/),
    });
    await embedder.dispose();
  });

  it('says so when the runtime is missing', async () => {
    const missing = { module: new URL('/nowhere.js', location.href).href, wasm: '' };
    const assets = { ...embedAssets, onnxruntime: { wasm: missing, webgpu: missing, jspi: missing } };
    await expect(createEmbedder({ model: useLite, device: 'wasm', assets, threads: 1 })).rejects.toThrow(
      /ONNX Runtime could not be loaded from .*nowhere/,
    );
  });
});
