import { createEmbedder, embedAssets, type EmbedAssets, type Embedder, type Model } from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { useLite } from '@burrow/model-use-lite';
import { describe, expect, it } from 'vitest';
import { TEXTS as SENTENCES } from './sentences.ts';

const TEXTS = Array.from(
  { length: 40 },
  (_, i) => `text ${i}: ${'the weather in spring, '.repeat(1 + (i % 9))}`,
);

function cosines(a: Float32Array, b: Float32Array, dimensions: number): number[] {
  return Array.from({ length: a.length / dimensions }, (_, row) => {
    let dot = 0;
    for (let i = row * dimensions; i < (row + 1) * dimensions; i++) dot += a[i]! * b[i]!;
    return dot;
  });
}

async function vectors(embedder: Embedder): Promise<Float32Array> {
  const { data } = await embedder.embed(TEXTS);
  await embedder.dispose();
  return data;
}

describe('backends, with the real runtime', () => {
  it('computes the same fp32 vectors with one thread, with threads, and in a pool', async () => {
    const one = await vectors(
      await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 1 }),
    );
    const embedder = await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 2 });
    const tried = embedder.backend.candidates.filter(({ cosine }) => cosine);
    expect(tried.map(({ threads, workers }) => [threads, workers])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    expect(tried.map(({ outcome }) => outcome).sort()).toEqual(['chosen', 'slower']);
    expect(Math.min(...cosines(one, await vectors(embedder), 512))).toBeGreaterThan(0.99999);
  });

  it('chooses the kernels by itself where they are fast, never a software GPU', async () => {
    const embedder = await createEmbedder({ model: useLite });
    const { backend } = embedder;
    expect(backend).toMatchObject({ device: 'kernels', dtype: 'int8' });
    const outcome = (device: string): object | undefined =>
      backend.candidates.find((candidate) => candidate.device === device);
    expect(outcome('webgpu')).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringContaining('software'),
    });
    expect(outcome('wasm')).toMatchObject({
      outcome: 'slower',
      reason: expect.stringContaining('not tried'),
    });
    const fp32 = await vectors(
      await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 1 }),
    );
    expect(Math.min(...cosines(fp32, await vectors(embedder), 512))).toBeGreaterThan(0.98);
  });

  it('is as exact in int8 on the kernels as on ONNX Runtime', async () => {
    const run = async (device: 'kernels' | 'wasm', dtype: 'fp32' | 'int8'): Promise<Float32Array> => {
      await using embedder = await createEmbedder({ model: useLite, device, dtype, threads: 1 });
      return (await embedder.embed(SENTENCES)).data;
    };
    const [exact, ours, theirs] = [
      await run('wasm', 'fp32'),
      await run('kernels', 'int8'),
      await run('wasm', 'int8'),
    ];
    const mean = (vectors: Float32Array): number =>
      cosines(vectors, exact, 512).reduce((sum, cosine) => sum + cosine, 0) / SENTENCES.length;
    expect(mean(ours)).toBeGreaterThan(mean(theirs));
  });

  it('runs int8 on ONNX Runtime when asked to', async () => {
    const embedder = await createEmbedder({ model: useLite, device: 'wasm' });
    expect(embedder.backend).toMatchObject({ device: 'wasm', dtype: 'int8' });
    const fp32 = await vectors(
      await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 1 }),
    );
    expect(Math.min(...cosines(fp32, await vectors(embedder), 512))).toBeGreaterThan(0.99);
  });

  it('runs on WebGPU when asked to, and agrees with the CPU', { timeout: 240_000 }, async () => {
    const embedder = await createEmbedder({ model: useLite, device: 'webgpu' });
    expect(embedder.backend).toMatchObject({ device: 'webgpu', dtype: 'fp32' });
    expect(embedder.backend.adapter).toMatch(/swiftshader/i);
    // A few short ones: this GPU is a CPU.
    const few = ['one', 'two words', 'and now three'];
    const cpu = await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 1 });
    const [ours, theirs] = [await embedder.embed(few), await cpu.embed(few)];
    expect(Math.min(...cosines(ours.data, theirs.data, 512))).toBeGreaterThan(0.999);
    await Promise.all([embedder.dispose(), cpu.dispose()]);
  });

  it('stops within one batch', async () => {
    const embedder = await createEmbedder({ model: useLite, device: 'wasm', threads: 1 });
    const controller = new AbortController();
    let done = 0;
    const many = Array.from({ length: 500 }, () => TEXTS).flat();
    const job = embedder.embed(many, {
      signal: controller.signal,
      onProgress: (progress) => {
        done = progress.done;
        controller.abort();
      },
    });
    await expect(job).rejects.toThrow();
    expect(done).toBeLessThan(200);
    expect((await embedder.embed(['a query'], { kind: 'query' })).count).toBe(1);
    await embedder.dispose();
  });
});

describe('what is downloaded', () => {
  /** The same addresses with a mark, by which the server's log tells whose requests they are. */
  function marked<T>(value: T, mark: string): T {
    const json = JSON.stringify(value, (_, item: unknown) =>
      typeof item === 'string' && /^https?:/.test(item) ? `${item}?${mark}` : item,
    );
    return JSON.parse(json) as T;
  }

  async function requestsOf(model: Model, device: 'auto' | 'wasm'): Promise<string[]> {
    const mark = `mark-${crypto.randomUUID()}`;
    const assets: EmbedAssets = marked(embedAssets, mark);
    const embedder = await createEmbedder({
      model: { card: model.card, urls: marked(model.urls, mark) },
      assets,
      device,
      threads: 2,
    });
    await embedder.embed(['one', 'two']);
    await embedder.dispose();
    const all = (await (await fetch('/requests-log')).json()) as string[];
    const names = all.filter((url) => url.includes(mark)).map((url) => /([^/?]+)\?/.exec(url)![1]!);
    return [...new Set(names)].sort();
  }

  it('is the worker and the model for static models and encoders on the CPU, and no runtime', async () => {
    expect(await requestsOf(staticEn, 'auto')).toEqual([
      'embed-worker.js',
      'model.safetensors',
      'tokenizer.json',
    ]);
    expect(await requestsOf(useLite, 'auto')).toEqual([
      'embed-worker.js',
      'encoder-worker.js',
      'model_quantized.onnx',
      'tokenizer.json',
    ]);
  });

  it('is ONNX Runtime only where it is asked for', async () => {
    expect(await requestsOf(useLite, 'wasm')).toEqual(
      expect.arrayContaining(['embed-worker.js', 'ort.js', 'ort.wasm']),
    );
  });
});
