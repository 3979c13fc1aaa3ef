import { expect, it, vi } from 'vitest';
import { type Store, destroyStore, openStore } from '@burrow/store-opfs';
import { describeStore } from './store-contract.ts';

describeStore('a store in IndexedDB', async () => {
  const name = crypto.randomUUID();
  const opened: Store[] = [];
  return {
    open: async (options) => {
      const store = await openStore(name, { ...options, kind: 'indexeddb' });
      opened.push(store);
      return store;
    },
    dispose: async () => {
      for (const store of opened) await store.close();
    },
  };
});

it('refuses a second holder', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name, { kind: 'indexeddb' });
  await expect(openStore(name, { kind: 'indexeddb', lockTimeout: 50 })).rejects.toMatchObject({
    code: 'locked',
  });
  await store.close();
  const again = await openStore(name, { kind: 'indexeddb' });
  await again.destroy();
});

it('stays in IndexedDB where it was begun there', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name, { kind: 'indexeddb' });
  await store.append([new Uint8Array([1])]);
  await store.close();
  const again = await openStore(name);
  expect(again.kind).toBe('indexeddb');
  expect(again.sequence).toBe(1);
  await again.destroy();
});

it('keeps two holders apart where there are no Web Locks: the later one wins', async () => {
  const locks = vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  const name = crypto.randomUUID();
  const first = await openStore(name, { kind: 'indexeddb' });
  await first.append([new Uint8Array([1])]);
  const second = await openStore(name, { kind: 'indexeddb' });
  await expect(first.append([new Uint8Array([2])])).rejects.toMatchObject({ code: 'locked' });
  await second.append([new Uint8Array([3])]);
  const records: Uint8Array[] = [];
  for await (const record of second.replay()) records.push(record);
  expect(records).toEqual([new Uint8Array([1]), new Uint8Array([3])]);
  await first.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'locked' }));
  await second.destroy();
  locks.mockRestore();
});

it('is destroyed without being opened', async () => {
  const name = crypto.randomUUID();
  const store = await openStore(name, { kind: 'indexeddb' });
  await store.append([new Uint8Array([1])]);
  await store.close();
  await destroyStore(name);
  const again = await openStore(name, { kind: 'indexeddb' });
  expect(again.report.outcome).toBe('created');
  await again.destroy();
});

it('works in memory where the browser refuses IndexedDB, and says so', async () => {
  const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('not in this window', 'SecurityError');
  });
  const store = await openStore(crypto.randomUUID());
  expect(store.kind).toBe('memory');
  expect(store.report.text.join(' ')).toMatch(/in memory only.*IndexedDB is refused here/);
  open.mockRestore();
  await store.close();
});
