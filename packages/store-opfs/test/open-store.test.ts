import { expect, it } from 'vitest';
import { openStore } from '../src/open-store.ts';

it('works in memory where there is nothing else, and says so', async () => {
  const store = await openStore('notes');
  expect(store.kind).toBe('memory');
  expect(store.report.kindReasons).toHaveLength(2);
  expect(store.report.text[0]).toMatch(/in memory only/);
  await store.append([new Uint8Array([1])]);
  expect(store.sequence).toBe(1);
  await store.close();
});

it('refuses names and options that cannot be used', async () => {
  for (const name of ['', 'x'.repeat(201), 'ü'.repeat(50), '\ud800']) {
    await expect(openStore(name)).rejects.toMatchObject({ name: 'StoreError', code: 'invalid-argument' });
  }
  await expect(openStore('x', { version: -1 })).rejects.toMatchObject({ code: 'invalid-argument' });
  await expect(openStore('x', { kind: 'opfs' })).rejects.toMatchObject({ code: 'unsupported' });
  await expect(openStore('x', { kind: 'indexeddb' })).rejects.toMatchObject({ code: 'unsupported' });
});
