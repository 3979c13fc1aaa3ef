import { expect, it } from 'vitest';
import { type Store, openStore } from '@burrow/store-opfs';
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
