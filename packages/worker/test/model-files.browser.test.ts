import { openModelCache } from '@burrow/store-opfs';
import { downloadModel, listModels, openSearch, removeModel } from '@burrow/worker';
import { afterAll, expect, it } from 'vitest';

// Another address each time: nothing of an earlier run is kept under it.
const folder = `${location.origin}/hub/somebody/static-${crypto.randomUUID()}/resolve/v1`;

const requests = async (): Promise<string[]> => {
  const all = (await (await fetch('/hub/requests')).json()) as string[];
  return all.filter((line) => line.includes(new URL(folder).pathname.slice('/hub'.length)));
};

afterAll(async () => {
  const cache = await openModelCache();
  for (const { key } of await cache.list()) if (key.startsWith(folder)) await cache.delete(key);
  cache.close();
});

it('keeps a downloaded model in the app’s own storage, and opens it from there', async () => {
  for (const round of [1, 2]) {
    const search = await openSearch({ name: `hub-${round}-${crypto.randomUUID()}`, model: folder });
    await search.add([{ id: 'a', text: 'the kitten naps on the couch' }]);
    const { mode, hits } = await search.query('where does the cat sleep');
    expect([mode, hits[0]?.id]).toEqual(['hybrid', 'a']);
    await search.clear();
    await search.close();
  }
  const asked = await requests();
  expect(asked.filter((line) => /^GET .*model\.safetensors$/.test(line))).toHaveLength(1);
  expect(asked.filter((line) => /^GET .*config\.json$/.test(line)).length).toBeGreaterThan(0);
  const cache = await openModelCache();
  const kept = (await cache.list()).filter(({ key }) => key.startsWith(folder));
  cache.close();
  const files = kept.map(({ key }) => key.split('/').at(-1)).sort();
  expect(files).toEqual(['card.json', 'checksums.json', 'model.safetensors', 'tokenizer.json']);
  const weights = kept.find(({ key }) => key.endsWith('model.safetensors'))!;
  expect([weights.version, weights.size > 7e6]).toEqual(['folder', true]);
  // And nowhere else: other tests of this origin may use the Cache API, this folder is not in it.
  for (const name of await caches.keys()) {
    const keys = await (await caches.open(name)).keys();
    expect(keys.filter(({ url }) => decodeURIComponent(url).includes(folder))).toEqual([]);
  }
});

it('downloads a model ahead, tells what it takes, and removes it', async () => {
  const model = `somebody/ahead-${crypto.randomUUID()}`;
  const sources = [`${location.origin}/hub/{model}/resolve/{revision}/{file}`];
  const asked = async (): Promise<number> => {
    const all = (await (await fetch('/hub/requests')).json()) as string[];
    return all.filter((line) => line.includes(model)).length;
  };
  const loaded: number[] = [];
  const card = await downloadModel(model, {
    sources,
    onProgress: (progress) => progress.phase === 'download' && loaded.push(progress.allLoaded),
  });
  expect(card.dimensions).toBe(256);
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  const stored = (await listModels()).find(({ id }) => id === model)!;
  expect(stored).toMatchObject({ revision: 'main', dtypes: ['fp32'] });
  expect(stored.bytes).toBeGreaterThan(loaded.at(-1)! - 1);
  // No source is named here: what was downloaded is all that the index needs.
  const before = await asked();
  const search = await openSearch({ name: `ahead-${crypto.randomUUID()}`, model });
  await search.add([{ id: 'a', text: 'the kitten naps on the couch' }]);
  expect((await search.query('where does the cat sleep')).mode).toBe('hybrid');
  await search.clear();
  await search.close();
  expect(await asked()).toBe(before);
  expect(await removeModel(model)).toBeGreaterThan(1);
  expect((await listModels()).filter(({ id }) => id === model)).toEqual([]);
});

it('tells a download that was cancelled from a model that is there, and removes it', async () => {
  const model = `somebody/cancelled-${crypto.randomUUID()}`;
  const sources = [`${location.origin}/hub/{model}/resolve/{revision}/{file}`];
  const stop = new AbortController();
  const download = downloadModel(model, {
    sources,
    signal: stop.signal,
    onProgress: (progress) =>
      progress.phase === 'download' && progress.file === 'model.safetensors' && stop.abort(),
  });
  await expect(download).rejects.toMatchObject({ name: 'AbortError' });
  const [cancelled] = (await listModels()).filter(({ id }) => id === model);
  expect(cancelled?.dtypes).toEqual([]);
  expect(cancelled?.bytes).toBeGreaterThan(0);
  await removeModel(model);
  expect((await listModels()).filter(({ id }) => id === model)).toEqual([]);
});
