import { describe, expect, it, vi } from 'vitest';
import type { ModelCache, ModelCacheOptions } from '../src/model-cache.ts';

const file = (size: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 255);

function streamOf(...pieces: (Uint8Array | Error)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece instanceof Error) controller.error(piece);
      else if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** What a model cache does, wherever it keeps its files; `open` opens a new one each time it gets a new name. */
export function describeModelCache(
  label: string,
  open: (name: string, options?: ModelCacheOptions) => Promise<ModelCache>,
): void {
  describe(label, () => {
    it('gives files back, whole and as streams', async () => {
      const cache = await open(crypto.randomUUID());
      const large = file(9_000_000);
      await cache.put('weights', large, { version: 'r1', licence: 'MIT' });
      await cache.put('tokenizer', streamOf(file(10), file(20, 5)));
      await cache.put('empty', new Blob([]));
      const weights = await cache.get('weights');
      expect(weights?.meta).toEqual({ version: 'r1', licence: 'MIT' });
      expect(weights!.bytes.length).toBe(large.length);
      expect(weights!.bytes.every((byte, i) => byte === large[i])).toBe(true);
      expect((await cache.get('tokenizer'))?.bytes).toEqual(new Uint8Array([...file(10), ...file(20, 5)]));
      expect((await cache.get('empty'))?.bytes).toEqual(new Uint8Array(0));
      const match = await cache.match('weights');
      expect(match).toMatchObject({ key: 'weights', version: 'r1', size: 9_000_000 });
      expect((await read(match!.stream())).length).toBe(9_000_000);
      expect(await cache.get('missing')).toBeUndefined();
      expect(await cache.match('missing')).toBeUndefined();
      cache.close();
    });

    it('tells versions apart, and replaces them', async () => {
      const cache = await open(crypto.randomUUID());
      await cache.put('m', file(10), { version: '1' });
      expect(await cache.get('m', '2')).toBeUndefined();
      await cache.put('m', file(20), { version: '2' });
      expect(await cache.get('m', '1')).toBeUndefined();
      expect((await cache.get('m', '2'))?.bytes).toEqual(file(20));
      expect(await cache.list()).toMatchObject([{ key: 'm', version: '2', size: 20 }]);
      expect(await cache.delete('m')).toBe(true);
      expect(await cache.delete('m')).toBe(false);
      cache.close();
    });

    it('keeps the old file when a download breaks off', async () => {
      const cache = await open(crypto.randomUUID());
      await cache.put('m', file(10));
      await expect(cache.put('m', streamOf(file(5_000_000), new Error('offline')))).rejects.toThrow(
        /offline/,
      );
      const abort = new DOMException('enough', 'AbortError');
      await expect(cache.put('m', streamOf(file(5), abort))).rejects.toBe(abort);
      expect((await cache.get('m'))?.bytes).toEqual(file(10));
      cache.close();
    });

    it('lets the least recently used go when it is full, or when it is asked to', async () => {
      vi.useFakeTimers({ now: 1, toFake: ['Date'] });
      const cache = await open(crypto.randomUUID(), { maxBytes: 1000 });
      const at = (time: number): void => void vi.setSystemTime(time);
      at(10);
      await cache.put('a', file(300));
      at(20);
      await cache.put('b', file(300));
      at(30);
      await cache.put('c', file(300));
      at(40);
      await cache.get('a');
      at(50);
      await cache.put('d', file(300));
      expect((await cache.list()).map(({ key }) => key)).toEqual(['d', 'a', 'c']);
      expect(await cache.evict(301)).toBe(600);
      expect((await cache.list()).map(({ key }) => key)).toEqual(['d']);
      await cache.clear();
      expect(await cache.list()).toEqual([]);
      vi.useRealTimers();
      cache.close();
    });
  });
}
