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

  it('is not harmed by listeners that throw, nor by a signal that is aborted when it is there', async () => {
    const workers: Worker[] = [];
    const reported = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    const created = new AbortController();
    const embedder = await createEmbedder({
      worker: (url) => {
        const worker = new Worker(url, { type: 'module' });
        workers.push(worker);
        return worker;
      },
      signal: created.signal,
      onProgress: () => {
        throw new Error('progress');
      },
      onEvent: ({ type }) => {
        throw new Error(type);
      },
    });
    const told = (): string[] => reported.mock.calls.map(([error]) => (error as Error).message);
    expect(new Set(told())).toEqual(new Set(['progress']));
    const before = told().length;
    created.abort();
    const texts = Array.from({ length: 20_000 }, (_, i) => `text number ${i}`);
    const again = embedder.embed(texts);
    const other = embedder.embed(['a query'], { kind: 'query' });
    workers[0]!.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    expect([(await again).count, (await other).count]).toEqual([20_000, 1]);
    expect(told().slice(before)).toEqual(['backend-restarted']);
    // Whose own progress throws loses that call alone.
    const mine = embedder.embed(texts, {
      onProgress: () => {
        throw new Error('mine');
      },
    });
    await expect(mine).rejects.toThrow('mine');
    expect((await embedder.embed(['another'])).count).toBe(1);
    expect(workers).toHaveLength(2);
    reported.mockRestore();
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
