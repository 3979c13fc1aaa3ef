import { createEmbedder, type Embedder } from '@burrow/embed';
import { useLite } from '@burrow/model-use-lite';
import { describe, expect, it } from 'vitest';

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

  it('chooses the kernels by itself where they are fast, never a software GPU, and fetches no runtime for it', async () => {
    const before = performance.getEntriesByType('resource').length;
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
    const requests = performance.getEntriesByType('resource').slice(before);
    expect(requests.some(({ name }) => name.includes('onnxruntime'))).toBe(false);
    const fp32 = await vectors(
      await createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', threads: 1 }),
    );
    expect(Math.min(...cosines(fp32, await vectors(embedder), 512))).toBeGreaterThan(0.98);
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
