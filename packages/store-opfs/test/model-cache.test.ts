import { expect, it } from 'vitest';
import { modelCacheOn } from '../src/model-cache.ts';
import { memoryModelFiles } from '../src/model-files.ts';
import { describeModelCache } from './model-cache-contract.ts';

describeModelCache('a model cache in memory', async (_name, options) =>
  modelCacheOn(memoryModelFiles(), options),
);

it('takes a damaged file for a miss and removes it', async () => {
  const files = memoryModelFiles();
  const cache = modelCacheOn({
    ...files,
    readChunk: async (id, index) => {
      const chunk = await files.readChunk(id, index);
      return chunk?.with(3, chunk[3]! ^ 1);
    },
  });
  await cache.put('m', new Uint8Array(10));
  const stream = (await cache.match('m'))!.stream();
  await expect(
    new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  ).rejects.toMatchObject({ code: 'cache-damaged' });
  await cache.put('m', new Uint8Array(10));
  expect(await cache.get('m')).toBeUndefined();
  expect(await cache.list()).toEqual([]);
});

it('makes room among its own files, and says how much is missing if that is not enough', async () => {
  const files = memoryModelFiles();
  let room = 10;
  const cache = modelCacheOn({
    ...files,
    writeChunk: async (id, index, bytes) => {
      const used = (await files.entries()).reduce((sum, entry) => sum + entry.size, 0);
      if (used + bytes.length > room) throw new DOMException('full', 'QuotaExceededError');
      await files.writeChunk(id, index, bytes);
    },
  });
  await cache.put('a', new Uint8Array(8));
  await cache.put('b', new Uint8Array(9));
  expect((await cache.list()).map(({ key }) => key)).toEqual(['b']);
  room = 5;
  await expect(cache.put('c', new Uint8Array(9))).rejects.toMatchObject({
    code: 'quota-exceeded',
    details: { neededBytes: 9 },
  });
});
