import { useLite } from '@burrow/model-use-lite';
import { StoreError } from '@burrow/store-opfs';
import { openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search } from '@burrow/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';

/** The part of the DevTools protocol that is needed here. */
interface DevTools {
  send(
    method: 'Storage.overrideQuotaForOrigin',
    params: { origin: string; quotaSize?: number },
  ): Promise<unknown>;
}

const MEGABYTE = 1024 * 1024;
const opened: Search[] = [];

/** Leaves the origin so many more bytes than it uses; undefined lifts the limit. */
async function leaveRoom(bytes: number | undefined): Promise<void> {
  const { usage = 0 } = await navigator.storage.estimate();
  const quotaSize = bytes === undefined ? undefined : usage + bytes;
  await (cdp() as unknown as DevTools).send('Storage.overrideQuotaForOrigin', {
    origin: location.origin,
    quotaSize,
  });
}

async function open(options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const search = await openSearch({ name: `room-${crypto.randomUUID()}`, model: 'hash', ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await leaveRoom(undefined);
  await Promise.all(opened.splice(0).map((search) => search.close()));
});

const folder = (from: number, count: number): { id: string; text: string }[] =>
  Array.from({ length: count }, (_, i) => ({ id: `f${from + i}`, text: `File ${from + i} about rivers.` }));

describe('when there is no room left', () => {
  it('a write fails by name and figure, what was acknowledged stays, and search goes on', async () => {
    const name = `room-${crypto.randomUUID()}`;
    const search = await open({ name });
    await search.add({ id: 'kept', text: 'The lighthouse keeper writes home.' });
    await leaveRoom(3 * MEGABYTE);
    const acknowledged = ['kept'];
    let refusal: unknown;
    for (let i = 0; i < 100 && !refusal; i++) {
      const text = Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2, 12)).join(' ');
      try {
        acknowledged.push(...(await search.add({ id: `big-${i}`, text })).written);
      } catch (error) {
        refusal = error;
      }
    }
    expect(refusal).toBeInstanceOf(StoreError);
    expect(refusal).toMatchObject({ code: 'quota-exceeded' });
    expect((refusal as StoreError).details['missingBytes']).toBeGreaterThan(0);
    expect((await search.query('lighthouse')).hits[0]?.id).toBe('kept');
    expect((await search.stats()).documents).toBe(acknowledged.length);

    await leaveRoom(undefined);
    acknowledged.push(...(await search.add({ id: 'later', text: 'There is room again.' })).written);
    await search.close();
    const again = await open({ name });
    expect((await again.list()).documents.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
  });
});

describe('vectors of earlier imports', () => {
  it('are used again: importing a folder anew embeds only what changed', async () => {
    const name = `room-${crypto.randomUUID()}`;
    const search = await open({ name, model: useLite, device: 'wasm' });
    const files = folder(0, 8);
    await search.add(files);
    expect((await search.stats()).cache).toMatchObject({ vectors: 8, found: 0, embedded: 8 });
    const query = async (): Promise<unknown> =>
      (await search.query('file about rivers', { mode: 'vector', limit: 5 })).hits.map(({ id, score }) => ({
        id,
        score: score.toFixed(5),
      }));
    const before = await query();
    await search.update(files);
    expect((await search.stats()).cache).toMatchObject({ vectors: 8, found: 8, embedded: 8 });
    expect(await query()).toEqual(before);
    await search.update([...files.slice(0, 7), { id: 'f7', text: 'This file is another now.' }]);
    expect((await search.stats()).cache).toMatchObject({ vectors: 9, found: 15, embedded: 9 });

    await search.close();
    const again = await open({ name, model: useLite, device: 'wasm' });
    await again.update(files);
    expect((await again.stats()).cache).toMatchObject({ found: 8, embedded: 0 });
    await again.clear();
    expect((await again.stats()).cache).toMatchObject({ vectors: 0 });
  }, 120_000);

  it('give way to data when room runs out', async () => {
    const search = await open({ model: useLite, device: 'wasm' });
    await search.add(folder(0, 100));
    expect((await search.stats()).cache?.vectors).toBe(100);
    await search.setModel('hash');
    await expect.poll(async () => (await search.stats()).move, { timeout: 30_000 }).toBeUndefined();
    await leaveRoom(100_000);
    let added = 0;
    let refusal: unknown;
    while (refusal === undefined && (await search.stats()).cache?.vectors === 100) {
      const text = Array.from({ length: 2000 }, () => Math.random().toString(36).slice(2, 12)).join(' ');
      try {
        await search.add({ id: `new-${added}`, text });
        added++;
      } catch (error) {
        refusal = error;
      }
    }
    // Before a write was refused, or to let it through, the cache has been emptied.
    expect((await search.stats()).cache?.vectors).toBe(0);
    expect((await search.stats()).documents).toBe(100 + added);
  });
});
