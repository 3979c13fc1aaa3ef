import { expect, it } from 'vitest';
import { openStore } from '@burrow/store-opfs';
import { StoreWorker } from './remote-store.ts';
import { describeStore } from './store-contract.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describeStore('a store on OPFS in a dedicated worker', async () => {
  const name = `contract/${crypto.randomUUID()}`;
  const worker = new StoreWorker();
  return {
    open: async (options) => {
      const store = await worker.open(name, options);
      expect(store.kind).toBe('opfs');
      return store;
    },
    dispose: async () => worker.terminate(),
  };
});

it('refuses a second holder, and lets it in when the first one goes', async () => {
  const name = crypto.randomUUID();
  const [first, second] = [new StoreWorker(), new StoreWorker()];
  const store = await first.open(name);
  await store.append([bytes('one')]);
  await expect(second.open(name, { lockTimeout: 100 })).rejects.toMatchObject({ code: 'locked' });
  const waiting = second.open(name, { lockTimeout: 20_000 });
  await store.close();
  const taken = await waiting;
  expect(taken.sequence).toBe(1);
  await taken.destroy();
  for (const worker of [first, second]) worker.terminate();
});

it('has all acknowledged records after its worker was killed in the middle of appending', async () => {
  const name = crypto.randomUUID();
  for (let round = 0; round < 5; round++) {
    const worker = new StoreWorker();
    const store = await worker.open(name, {
      lockTimeout: 20_000,
      segmentBytes: 20_000,
      journalBytes: 10_000,
    });
    let found = 0;
    for await (const record of store.replay())
      expect(new TextDecoder().decode(record)).toMatch(`${++found} `);
    expect(store.report.findings.filter(({ severity }) => severity === 'loss')).toEqual([]);
    let acknowledged = found;
    const killed = new Promise<void>((resolve) => {
      for (let i = 1; i <= 400; i++) {
        const sequence = found + i;
        void store.append([bytes(`${sequence} `.padEnd(50 + ((sequence * 37) % 400), 'x'))]).then((last) => {
          acknowledged = last;
          // No call is answered after this: what was acknowledged is known for certain.
          if (last >= found + 37 * (round + 1)) resolve();
        });
      }
    });
    await killed;
    worker.terminate();
    const next = new StoreWorker();
    const again = await next.open(name, { lockTimeout: 20_000 });
    expect(again.sequence).toBeGreaterThanOrEqual(acknowledged);
    expect(again.report.findings.filter(({ severity }) => severity === 'loss')).toEqual([]);
    await again.close();
    next.terminate();
  }
});

it('needs few handles for many files', async () => {
  const name = crypto.randomUUID();
  const worker = new StoreWorker();
  const store = await worker.open(name, { segmentBytes: 50 });
  const refs = await store.putBlobs(Array.from({ length: 240 }, (_, i) => bytes(`blob ${i} `.repeat(10))));
  await store.append([bytes('refers to them')]);
  expect(store.segments.size).toBe(240);
  for (const [i, ref] of refs.entries())
    expect(await store.getBlob(ref)).toEqual(bytes(`blob ${i} `.repeat(10)));
  await store.close();
  const again = await worker.open(name);
  expect(await again.getBlob(refs[7]!)).toEqual(bytes('blob 7 '.repeat(10)));
  await again.compactBlobs(refs.slice(0, 3));
  await again.checkpoint(new Map(), { segments: [], purge: true });
  expect(again.segments.size).toBe(0);
  await again.destroy();
  worker.terminate();
});

it('does not take a store for empty where its file system cannot be used', async () => {
  const name = crypto.randomUUID();
  const worker = new StoreWorker();
  const store = await worker.open(name);
  await store.append([bytes('kept')]);
  await store.close();
  // A page has no sync access handles.
  await expect(openStore(name)).rejects.toMatchObject({ code: 'unsupported' });
  worker.terminate();
});

it('says why it is not on OPFS on a page', async () => {
  const store = await openStore(crypto.randomUUID());
  expect(store.kind).toBe('indexeddb');
  expect(store.report.kindReasons).toHaveLength(1);
  expect(store.report.text.join(' ')).toMatch(/dedicated worker/);
  await store.destroy();
});

it('estimates its own size and that of the origin', async () => {
  const worker = new StoreWorker();
  const store = await worker.open(crypto.randomUUID());
  const before = await store.estimate();
  await store.putBlobs([new Uint8Array(100_000)]);
  const after = await store.estimate();
  expect(after.stored - before.stored).toBeGreaterThanOrEqual(100_000);
  expect(after.quota).toBeGreaterThan(after.usage!);
  await store.destroy();
  worker.terminate();
});
