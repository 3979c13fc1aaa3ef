import { expect, it } from 'vitest';
import { openEmbeddingCache, openModelCache } from '@burrow/store-opfs';
import { describeModelCache } from './model-cache-contract.ts';

describeModelCache('a model cache in IndexedDB', openModelCache);

it('shares the model cache between holders, and finds files again', async () => {
  const name = crypto.randomUUID();
  const [one, two] = [await openModelCache(name), await openModelCache(name)];
  expect(one.kind).toBe('indexeddb');
  await one.put('m', new Uint8Array([1, 2, 3]));
  expect((await two.get('m'))?.bytes).toEqual(new Uint8Array([1, 2, 3]));
  const stream = (await two.match('m'))!.stream();
  await one.put('m', new Uint8Array([4]));
  expect((await two.get('m'))?.bytes).toEqual(new Uint8Array([4]));
  await stream.cancel();
  one.close();
  two.close();
});

it('keeps embeddings in IndexedDB where there are no sync access handles', async () => {
  const name = crypto.randomUUID();
  const space = { space: 's', dtype: 'fp32' };
  const cache = await openEmbeddingCache(name);
  expect(cache.kind).toBe('indexeddb');
  await cache.put(space, ['a', 'b'], [new Uint8Array([1]), new Uint8Array([2])]);
  await cache.close();
  const again = await openEmbeddingCache(name);
  expect(await again.get(space, ['b', 'c', 'a'])).toEqual([
    new Uint8Array([2]),
    undefined,
    new Uint8Array([1]),
  ]);
  await again.destroy();
});
