import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EmbeddingCache, openEmbeddingCacheOn } from '../src/embedding-cache.ts';
import { KeyTable } from '../src/key-table.ts';
import { CRASH_MODES, FaultFileSystem, memoryWith, seededRandom } from './fault-file-system.ts';

const SPACE = { space: 'static-en@1/256/mean', dtype: 'int8' };
const OTHER = { space: 'static-en@1/256/mean', dtype: 'fp32' };

/** A vector that anyone can compute from the text. */
function vector(text: string, length = 64): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, i) => text.charCodeAt(i % Math.max(1, text.length)) + i * 7 + text.length,
  );
}

async function fill(cache: EmbeddingCache, texts: string[]): Promise<void> {
  await cache.put(
    SPACE,
    texts,
    texts.map((text) => vector(text)),
  );
}

/** Which of the vectors of `text 0`, `text 1`, … are neither right nor missing. */
function wrong(values: (Uint8Array | undefined)[]): number[] {
  return values.flatMap((value, i) => (value && String(value) !== String(vector(`text ${i}`)) ? [i] : []));
}

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `text ${from + i}`);

describe('an embedding cache', () => {
  it('gives back what was put, for the same text and space only', async () => {
    const fileSystem = memoryWith(new Map());
    const cache = await openEmbeddingCacheOn(fileSystem);
    const some = ['', 'a', 'lone \ud800', 'lone \ud801', 'ünï', 'b'.repeat(10_000)];
    await fill(cache, some);
    expect(cache.count).toBe(some.length);
    expect(await cache.get(SPACE, ['missing', ...some])).toEqual([
      undefined,
      ...some.map((text) => vector(text)),
    ]);
    expect(await cache.get(OTHER, some)).toEqual(some.map(() => undefined));
    await cache.close();
    const again = await openEmbeddingCacheOn(fileSystem);
    expect(await again.get(SPACE, some)).toEqual(some.map((text) => vector(text)));
    await expect(cache.get(SPACE, some)).rejects.toMatchObject({ code: 'closed' });
  });

  it('keeps its size, and lets the least recently used go first', async () => {
    const cache = await openEmbeddingCacheOn(memoryWith(new Map()), { maxBytes: 50_000, segmentBytes: 2000 });
    for (let from = 0; from < 2000; from += 20) {
      await fill(cache, texts(from, from + 20));
      expect(cache.bytes).toBeLessThanOrEqual(50_000);
      // These are in use all the time.
      expect(await cache.get(SPACE, ['text 0', 'text 7'])).toEqual([vector('text 0'), vector('text 7')]);
    }
    expect(cache.count).toBeGreaterThan(200);
    expect((await cache.get(SPACE, texts(1980, 2000))).every(Boolean)).toBe(true);
    expect((await cache.get(SPACE, texts(100, 200))).some(Boolean)).toBe(false);
  });

  it('remembers over a restart what was used last', async () => {
    const fileSystem = memoryWith(new Map());
    const options = { maxBytes: 100_000, segmentBytes: 2000 };
    const cache = await openEmbeddingCacheOn(fileSystem, options);
    await fill(cache, texts(0, 100));
    await fill(cache, texts(100, 200));
    await cache.get(SPACE, texts(0, 50));
    await cache.close();
    const again = await openEmbeddingCacheOn(fileSystem, options);
    expect(await again.evict(again.bytes / 2)).toBeGreaterThan(0);
    const left = await again.get(SPACE, texts(0, 200));
    expect(left.slice(0, 50).every(Boolean)).toBe(true);
    expect(left.slice(50, 100).some(Boolean)).toBe(false);
  });

  it('frees at least what it is asked for', async () => {
    for (const wanted of [1, 1000, 5000, 9000, 1e9]) {
      const cache = await openEmbeddingCacheOn(memoryWith(new Map()), { segmentBytes: 1500 });
      await fill(cache, texts(0, 100));
      await cache.get(
        SPACE,
        texts(0, 100).filter((_, i) => i % 3 === 0),
      );
      const before = cache.bytes;
      const freed = await cache.evict(wanted);
      expect(freed).toBe(before - cache.bytes);
      expect(freed).toBeGreaterThanOrEqual(Math.min(wanted, before));
      const left = await cache.get(SPACE, texts(0, 100));
      expect(wrong(left)).toEqual([]);
      await cache.clear();
      expect([cache.count, cache.bytes]).toEqual([0, 0]);
    }
  });

  it('keeps nothing where there is no room, without failing', async () => {
    const disk = new FaultFileSystem(seededRandom(1));
    disk.capacity = 5000;
    const cache = await openEmbeddingCacheOn(disk, { segmentBytes: 1000 });
    await fill(cache, texts(0, 20));
    for (let i = 20; i < 200; i += 20) await fill(cache, texts(i, i + 20));
    expect(await cache.get(SPACE, texts(0, 5))).toEqual(texts(0, 5).map((text) => vector(text)));
    expect(await cache.evict(1000)).toBeGreaterThanOrEqual(1000);
  });

  it('never gives a wrong vector, whatever a crash or a bad byte did to it', async () => {
    const check = async (image: Map<string, Uint8Array>): Promise<number> => {
      const cache = await openEmbeddingCacheOn(memoryWith(image), { segmentBytes: 1000 });
      const found = await cache.get(SPACE, texts(0, 60));
      expect(wrong(found)).toEqual([]);
      await fill(cache, texts(0, 60));
      expect(wrong(await cache.get(SPACE, texts(0, 60)))).toEqual([]);
      return found.filter(Boolean).length;
    };
    for (let at = 1; at < 60; at++) {
      for (const mode of CRASH_MODES) {
        const disk = new FaultFileSystem(seededRandom(at), { at, fault: 'crash' });
        const life = async (): Promise<void> => {
          const cache = await openEmbeddingCacheOn(disk, { segmentBytes: 1000 });
          for (let from = 0; from < 60; from += 10) await fill(cache, texts(from, from + 10));
          await cache.evict(2000);
          await cache.close();
        };
        await life().catch(() => expect(disk.crashed).toBe(true));
        await check(disk.image(mode));
      }
    }
    const disk = new FaultFileSystem(seededRandom(1));
    await fill(await openEmbeddingCacheOn(disk, { segmentBytes: 1000 }), texts(0, 30));
    const image = disk.image('killed');
    for (const [name, bytes] of image) {
      for (let at = 0; at < bytes.length; at += 7) {
        const damaged = bytes.slice();
        damaged[at]! ^= 0x41;
        const found = await check(new Map(image).set(name, damaged));
        // A bad byte costs one vector, in a header the vectors of one file.
        expect(found).toBeGreaterThanOrEqual(at < 32 ? 10 : 29);
      }
    }
  });
});

it('a key table does what a map does', () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 16, max: 2 });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat(1000)), { maxLength: 3000 }), fc.nat(3), (pairs, drop) => {
      const [table, map] = [new KeyTable(), new Map<string, number>()];
      for (const [k, value] of pairs) {
        table.set(k, 1, value, 2, 3);
        map.set(String(k), value);
      }
      table.retain((entry) => table.offset[entry]! % 4 !== drop);
      for (const [k, value] of map) if (value % 4 === drop) map.delete(k);
      expect(table.size).toBe(map.size);
      for (const [k] of pairs) {
        const entry = table.find(k);
        expect(entry < 0 ? undefined : table.offset[entry]).toBe(map.get(String(k)));
        if (entry >= 0) expect(table.key(entry)).toEqual(k);
      }
    }),
    { numRuns: 60 },
  );
});
