import { createEmbedder, embedAssets } from '@burrow/embed';
import { useLite } from '@burrow/model-use-lite';
import { describe, expect, it, vi } from 'vitest';

describe('the default embedder, in a worker', () => {
  it('reproduces its reference vectors without a request off the origin', async () => {
    const embedder = await createEmbedder();
    expect(embedder.backend).toMatchObject({ device: 'static', dtype: 'int8' });
    const { data, count } = await embedder.embed(['a worker', 'made this']);
    expect([count, data.length]).toEqual([2, 512]);
    const requests = performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin);
    expect(requests.every((origin) => origin === location.origin)).toBe(true);
    await embedder.dispose();
  });

  it('does a batch again when its worker dies', async () => {
    const workers: Worker[] = [];
    const events: string[] = [];
    const embedder = await createEmbedder({
      worker: (url) => {
        const worker = new Worker(url, { type: 'module' });
        workers.push(worker);
        return worker;
      },
      onEvent: ({ type }) => events.push(type),
    });
    const texts = Array.from({ length: 20_000 }, (_, i) => `text number ${i}`);
    const expected = await embedder.embed(texts);
    const again = embedder.embed(texts);
    workers[0]!.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    const { data } = await again;
    expect(data.every((value, i) => value === expected.data[i])).toBe(true);
    expect(events).toEqual(['backend-restarted']);
    expect(workers).toHaveLength(2);
    await embedder.dispose();
  });

  it('does a batch again when its worker ends without a word', async () => {
    const workers: Worker[] = [];
    const events: string[] = [];
    const embedder = await createEmbedder({
      worker: (url) => {
        const worker = new Worker(url, { type: 'module' });
        workers.push(worker);
        return worker;
      },
      onEvent: ({ reason }) => events.push(reason),
    });
    const texts = Array.from({ length: 20_000 }, (_, i) => `text number ${i}`);
    const expected = await embedder.embed(texts);
    let killed = false;
    const { data } = await embedder.embed(texts, {
      onProgress: () => {
        if (!killed) workers[0]!.terminate(); // no event says so
        killed = true;
      },
    });
    expect(data.every((value, i) => value === expected.data[i])).toBe(true);
    expect(events).toEqual([expect.stringContaining('ended by the browser')]);
    // Also one that ends while it has nothing to do.
    workers[1]!.terminate();
    expect((await embedder.embed(['later'])).count).toBe(1);
    expect(workers).toHaveLength(3);
    await embedder.dispose();
  });

  it('gives memory back after a peak, when it is idle', async () => {
    const workers: Worker[] = [];
    const memories: number[] = [];
    let peak = 0;
    const events: string[] = [];
    const embedder = await createEmbedder({
      model: useLite,
      device: 'wasm',
      threads: 1,
      // The real worker; only what it says of its memory is changed.
      worker: (url) => {
        const worker = new Worker(url, { type: 'module' });
        workers.push(worker);
        worker.addEventListener('message', ({ data }) => {
          if (data.type !== 'embedded') return;
          memories.push(data.result.memory);
          data.result.memory += peak;
        });
        return worker;
      },
      onEvent: ({ type, reason }) => events.push(`${type}: ${reason}`),
    });
    expect(memories[0]).toBeGreaterThan(8e6); // the model's own size
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await embedder.embed(['small']);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(workers).toHaveLength(1);
      peak = 300 * 2 ** 20;
      await embedder.embed(['large']);
      peak = 0;
      await vi.advanceTimersByTimeAsync(60_000);
    } finally {
      vi.useRealTimers();
    }
    const [, { data }] = [
      await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 30_000 }),
      await embedder.embed(['afterwards']),
    ];
    expect(events[0]).toBe('backend-restarted: wasm int8 gave back 300 MiB of memory');
    expect(workers).toHaveLength(2);
    expect(data.every(Number.isFinite)).toBe(true);
    await embedder.dispose();
  });

  it('says so when the worker cannot be loaded', async () => {
    const assets = { ...embedAssets, worker: new URL('/nowhere.js', location.href).href };
    await expect(createEmbedder({ assets })).rejects.toMatchObject({ code: 'backend-failed' });
  });
});
