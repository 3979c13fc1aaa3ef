import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbedder, downloadModel, type DownloadModelOptions, loadTokenizer } from '../src/index.ts';
import type { HubServer } from './hub-server.ts';
import { memoryCache } from './memory-cache.ts';
import { startStaticHub } from './static-hub.ts';

const ID = 'somebody/static';
const FILE = 'model.safetensors';

let hub: HubServer;

beforeEach(async () => {
  hub = await startStaticHub(ID);
});
afterEach(() => hub[Symbol.asyncDispose]());

const gets = (file: string): number =>
  hub.requests.filter((request) => request.method === 'GET' && request.file === file).length;

/** A download of which the second half comes when `go` is called; `begun` when bytes of it have arrived. */
function held(): { go: () => void; begun: Promise<void>; onProgress: DownloadModelOptions['onProgress'] } {
  let go = (): void => {};
  let begin = (): void => {};
  hub.faults.push({ file: FILE, hold: new Promise<void>((resolve) => (go = resolve)) });
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return {
    go,
    begun,
    onProgress: (progress) =>
      progress.phase === 'download' && progress.file === FILE && progress.loaded > 0 && begin(),
  };
}

describe('loads at the same time', () => {
  it.each([true, false])('fetch each file once (cache: %s)', async (keeping) => {
    const options = { sources: [hub.source], cache: keeping ? memoryCache() : (false as const) };
    const [first, second] = await Promise.all([
      createEmbedder({ model: ID, hub: options }),
      createEmbedder({ model: ID, hub: options }),
      loadTokenizer(ID, { hub: options }),
    ]);
    const texts = ['fetched once'];
    expect((await first.embed(texts)).data).toEqual((await second.embed(texts)).data);
    for (const file of ['config.json', 'tokenizer.json', FILE]) expect([file, gets(file)]).toEqual([file, 1]);
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('tell everybody how far they are, also who comes later', async () => {
    const { go, begun, onProgress } = held();
    const options = { hub: { sources: [hub.source], cache: memoryCache() } };
    const first = downloadModel(ID, { ...options, onProgress });
    await begun;
    const seen: number[] = [];
    const second = downloadModel(ID, {
      ...options,
      onProgress: (progress) => {
        if (progress.phase === 'download' && progress.file === FILE) seen.push(progress.loaded);
        go();
      },
    });
    await Promise.all([first, second]);
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen.at(-1)).toBeGreaterThan(7_000_000);
    expect(gets(FILE)).toBe(1);
  });

  it('go on when one of them is aborted', async () => {
    const { go, begun, onProgress } = held();
    const options = { hub: { sources: [hub.source], cache: memoryCache() } };
    const controller = new AbortController();
    const first = downloadModel(ID, { ...options, onProgress, signal: controller.signal });
    const second = downloadModel(ID, options);
    await begun;
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    go();
    expect(await second).toMatchObject({ id: ID });
    expect(gets(FILE)).toBe(1);
  });

  it('stop when all are aborted, and can begin again at once', async () => {
    const { begun, onProgress } = held();
    const options = { hub: { sources: [hub.source], cache: memoryCache() } };
    const controllers = [new AbortController(), new AbortController()];
    const both = controllers.map(({ signal }) => downloadModel(ID, { ...options, onProgress, signal }));
    await begun;
    controllers.forEach((controller) => controller.abort());
    const third = downloadModel(ID, options);
    for (const download of both) await expect(download).rejects.toMatchObject({ name: 'AbortError' });
    expect(await third).toMatchObject({ id: ID });
    expect(gets(FILE)).toBe(2);
  });

  it('are not shared by who has a token and who has none', async () => {
    hub.faults.push({ file: FILE, status: 401 });
    const cache = memoryCache();
    const [without, withToken] = await Promise.allSettled([
      downloadModel(ID, { hub: { sources: [hub.source], cache } }),
      downloadModel(ID, { hub: { sources: [hub.source], cache, token: 'secret' } }),
    ]);
    expect([without.status, withToken.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('each keep the files in their own cache', async () => {
    const caches = [memoryCache(), memoryCache()];
    await Promise.all(caches.map((cache) => downloadModel(ID, { hub: { sources: [hub.source], cache } })));
    for (const { files } of caches) expect([...files.keys()]).toContain(`${ID}@main/${FILE}`);
  });

  it('keep the checksum of every file', async () => {
    const cache = memoryCache();
    const hubOptions = { sources: [hub.source], cache };
    await Promise.all([loadTokenizer(ID, { hub: hubOptions }), downloadModel(ID, { hub: hubOptions })]);
    const checksums: unknown = JSON.parse(
      new TextDecoder().decode(cache.files.get(`${ID}@main/checksums.json`)),
    );
    expect(Object.keys(checksums as object).toSorted()).toEqual([FILE, 'tokenizer.json']);
  });
});
