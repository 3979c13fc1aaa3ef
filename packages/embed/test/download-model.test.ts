import { staticEn } from '@burrow/model-static-en';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clearCachedModel, createEmbedder, downloadModel, listCachedModels } from '../src/index.ts';
import type { HubServer } from './hub-server.ts';
import { memoryCache } from './memory-cache.ts';
import { startStaticHub } from './static-hub.ts';

const ID = 'somebody/static';

let hub: HubServer;

beforeEach(async () => {
  hub = await startStaticHub(ID);
});
afterEach(() => hub[Symbol.asyncDispose]());

describe('downloadModel', () => {
  it('fetches all that the model needs: afterwards it starts without a request', async () => {
    const cache = memoryCache();
    const options = { hub: { sources: [hub.source], cache } };
    let last = 0;
    const card = await downloadModel(ID, {
      ...options,
      onProgress: (progress) => progress.phase === 'download' && (last = progress.allLoaded),
    });
    expect(card).toMatchObject({ id: ID, dimensions: 256 });
    expect(last).toBeGreaterThan(8_000_000);
    const before = hub.requests.length;
    await downloadModel(ID, options);
    const embedder = await createEmbedder({ model: ID, ...options });
    expect((await embedder.embed(['offline'])).data).toHaveLength(256);
    await embedder[Symbol.asyncDispose]();
    expect(hub.requests).toHaveLength(before);
  });

  it('says what could not be kept, instead of promising that it is there', async () => {
    const cache = memoryCache((key) => !key.endsWith('.safetensors'));
    await expect(downloadModel(ID, { hub: { sources: [hub.source], cache } })).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(/model\.safetensors.*The disk is full/s) as string,
    });
  });

  it('refuses where nothing can be kept, and weights that the model has not', async () => {
    const hubOptions = { sources: [hub.source], cache: false as const };
    await expect(downloadModel(ID, { hub: hubOptions })).rejects.toMatchObject({ code: 'unsupported' });
    const wanted = downloadModel(ID, { hub: { ...hubOptions, cache: memoryCache() }, dtype: 'int8' });
    await expect(wanted).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const options = { hub: { sources: [hub.source], cache: memoryCache() }, signal: controller.signal };
    const download = downloadModel(ID, { ...options, onProgress: () => controller.abort() });
    await expect(download).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is not listed as complete before it is, and what came of it can be cleared', async () => {
    const cache = memoryCache();
    const controller = new AbortController();
    const options = { hub: { sources: [hub.source], cache } };
    const stopped = downloadModel(ID, {
      ...options,
      signal: controller.signal,
      onProgress: (progress) =>
        progress.phase === 'download' &&
        progress.file === 'model.safetensors' &&
        progress.loaded > 0 &&
        controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await listCachedModels(cache)).toMatchObject([{ id: ID, revision: 'main', dtypes: [] }]);
    await downloadModel(ID, options);
    expect(await listCachedModels(cache)).toMatchObject([{ id: ID, dtypes: ['fp32'] }]);
    await cache.delete(`${ID}@main/tokenizer.json`);
    expect(await listCachedModels(cache)).toMatchObject([{ id: ID, dtypes: [] }]);
    await cache.put(`${ID}@main/model.safetensors#0`, new Uint8Array(9));
    await clearCachedModel(ID, { cache });
    expect(cache.files.size).toBe(0);
  });

  it('has come to rest when it rejects', async () => {
    const files = memoryCache();
    let resting = false;
    const late: string[] = [];
    const cache = {
      ...files,
      async put(key: string, bytes: Uint8Array): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        if (resting) late.push(key);
        await files.put(key, bytes);
      },
    };
    hub.faults.push({ file: 'model.safetensors', status: 404 });
    await downloadModel(ID, { hub: { sources: [hub.source], cache } }).catch(() => {});
    resting = true;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(late).toEqual([]);
  });

  it('lists a preset of which nothing but a piece came', async () => {
    const cache = memoryCache();
    await cache.put('Xenova/all-MiniLM-L6-v2@x/onnx/model_quantized.onnx#0', new Uint8Array(9));
    expect(await listCachedModels(cache)).toEqual([
      { id: 'Xenova/all-MiniLM-L6-v2', revision: 'x', files: [], dtypes: [] },
    ]);
    for (const file of ['tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'])
      await cache.put(`Xenova/all-MiniLM-L6-v2@x/${file}`, new Uint8Array(9));
    expect(await listCachedModels(cache)).toMatchObject([{ dtypes: ['int8'] }]);
  });

  it('is not stopped by a listener that throws, and reports what it throws', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: Error) => reported.push(error.message));
    const cache = memoryCache();
    await downloadModel(ID, {
      hub: { sources: [hub.source], cache },
      onProgress: () => {
        throw new Error('mine');
      },
    });
    vi.unstubAllGlobals();
    expect(new Set(reported)).toEqual(new Set(['mine']));
    expect(await listCachedModels(cache)).toMatchObject([{ dtypes: ['fp32'] }]);
  });

  it('has nothing to fetch for models that come along', async () => {
    expect((await downloadModel('hash')).kind).toBe('hash');
    expect((await downloadModel('static-en')).id).toBe(staticEn.card.id);
  });
});
