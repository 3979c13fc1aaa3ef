import { useLite } from '@burrow/model-use-lite';
import { describe, expect, it } from 'vitest';
import { createEmbedder, type Embedder } from '../src/index.ts';
import { startNodeWorker } from '../src/node-worker.ts';

const TEXTS = [
  'a cat sleeps',
  'the interest rate was raised again',
  '',
  'one more, a little longer than the others are',
];

const open = (options: { threads: number; worker?: boolean }): Promise<Embedder> =>
  createEmbedder({ model: useLite, device: 'wasm', dtype: 'fp32', ...options });

describe('worker threads of Node', () => {
  it('run a pool of ONNX Runtimes, with the vectors of the caller’s own thread', async () => {
    const pool = await open({ threads: 2 });
    const own = await open({ threads: 1, worker: false });
    try {
      expect(pool.backend).toMatchObject({ device: 'wasm', workers: 2 });
      const [ours, theirs] = [await pool.embed(TEXTS), await own.embed(TEXTS)];
      const furthest = Math.max(...ours.data.map((value, i) => Math.abs(value - theirs.data[i]!)));
      expect(furthest).toBeLessThan(1e-6);
    } finally {
      await pool[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    }
  });

  it('tell when one cannot start', async () => {
    const worker = startNodeWorker(new URL('./no-such-file.js', import.meta.url).href);
    const message = await new Promise((resolve) =>
      worker.addEventListener('error', (event) => resolve(event.message)),
    );
    expect(message).toMatch(/no-such-file/);
    expect(() => startNodeWorker('https://example.invalid/worker.js')).toThrow(
      expect.objectContaining({ code: 'backend-failed' }) as Error,
    );
  });
});
