import { openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search, SearchEvent } from '@burrow/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { FragileWorkers } from './fragile-workers.ts';

const opened: Search[] = [];
const freshName = (): string => `silence-${crypto.randomUUID()}`;

async function open(options: Partial<OpenSearchOptions>): Promise<Search> {
  const search = await openSearch({ name: freshName(), model: 'hash', ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close().catch(() => {})));
});

const document = (id: string): { id: string; text: string } => ({ id, text: `Letter ${id} to a friend.` });

describe('a worker whose thread hangs', () => {
  it('is told, given up and replaced; calls are answered and nothing is stored twice', async () => {
    const workers = new FragileWorkers();
    const search = await open({ createWorker: workers.create, workerTimeout: 6000 });
    const events: SearchEvent[] = [];
    for (const type of ['waiting', 'restarted'] as const) search.on(type, (event) => events.push(event));
    await search.add(document('before'));
    await workers.freeze(600_000);
    const [{ written }, { documents }] = await Promise.all([search.add(document('during')), search.list()]);
    expect(written).toEqual(['during']);
    expect(documents[0]!.id).toBe('before');
    expect((await search.stats()).documents).toBe(2);
    expect(workers.started).toBe(2);
    expect(events).toContainEqual({
      type: 'waiting',
      method: expect.stringMatching(/^(?:write|list)$/) as string,
      seconds: expect.any(Number),
      for: ['a sign of life of the search worker'],
    });
    expect(events.filter(({ type }) => type === 'restarted')).toHaveLength(1);
  });

  it('or that dies before it has opened the index, is replaced by another', async () => {
    const workers = new FragileWorkers();
    const createWorker = (url: string): Worker => {
      const worker = workers.create(url);
      if (workers.started === 1) worker.terminate();
      return worker;
    };
    const search = await open({ createWorker, workerTimeout: 6000 });
    await search.add(document('a'));
    expect(workers.started).toBe(2);
  });

  it('again and again makes opening fail, with a reason', async () => {
    const workers = new FragileWorkers('for (;;);');
    await expect(open({ createWorker: workers.create, workerTimeout: 500 })).rejects.toMatchObject({
      code: 'worker-failed',
    });
    expect(workers.started).toBe(4);
  });
});

describe('a browser that does not answer', () => {
  it('about its room costs these figures alone, and the wait is named', async () => {
    const workers = new FragileWorkers('StorageManager.prototype.estimate = () => new Promise(() => {});');
    const search = await open({ createWorker: workers.create, leaderTimeout: 1000 });
    const waits: string[] = [];
    search.on('waiting', ({ method, for: what }) => waits.push(`${method}: ${what.join()}`));
    const { documents, storage } = await search.stats();
    expect(documents).toBe(0);
    expect(storage.kind).toBe('opfs');
    expect(storage.usage).toBeUndefined();
    expect(waits[0]).toMatch(/^stats: the browser to tell about its storage \(\d\.\d s\)/);
  });
});
