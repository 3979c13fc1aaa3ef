import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { staticEn } from '@burrow/model-static-en';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clearCachedModel,
  createEmbedder,
  type CreateEmbedderOptions,
  listCachedModels,
  loadTokenizer,
} from '../src/index.ts';
import { download } from '../src/models/download.ts';
import { type HubServer, startHub } from './hub-server.ts';
import { memoryCache } from './memory-cache.ts';

const DATA = dirname(fileURLToPath(staticEn.urls['model.safetensors']!));
const ID = 'somebody/static';
const FILE = 'model.safetensors';

let folder: string;
let hub: HubServer;
let original: Uint8Array;
const noWait = async (): Promise<void> => {};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burrow-hub-'));
  for (const name of [FILE, 'tokenizer.json'])
    await writeFile(join(folder, name), await readFile(join(DATA, name)));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ model_type: 'model2vec', hidden_dim: 256, normalize: true }),
  );
  original = new Uint8Array(await readFile(join(folder, FILE)));
  hub = await startHub({ [ID]: folder });
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const url = (file: string): string => `${hub.origin}/${ID}/resolve/main/${file}`;
const same = (bytes: Uint8Array): boolean => Buffer.compare(bytes, original) === 0;
const open = (options: CreateEmbedderOptions = {}): ReturnType<typeof createEmbedder> =>
  createEmbedder({ model: ID, ...options, hub: { sources: [hub.source], cache: false, ...options.hub } });

describe('downloading', () => {
  it('takes up a broken connection where it stopped', async () => {
    hub.faults.push({ file: FILE, cutAfter: 3_000_000 }, { file: FILE, cutAfter: 2_000_000 });
    expect(same(await download(url(FILE), { wait: noWait }))).toBe(true);
    const ranges = hub.requests.map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges).toHaveLength(3);
    expect(Number(/\d+/.exec(ranges[2]!)![0])).toBeGreaterThan(Number(/\d+/.exec(ranges[1]!)![0]));
  });

  it('begins again where the server knows no ranges', async () => {
    hub.faults.push({ file: FILE, cutAfter: 3_000_000 }, { file: FILE, noRanges: true });
    expect(same(await download(url(FILE), { wait: noWait }))).toBe(true);
  });

  it('goes on after a restart from the pieces that were kept', async () => {
    await writeFile(join(folder, FILE), Buffer.concat([original, original, original]));
    const cache = memoryCache();
    const pieces = { cache, key: 'x' };
    const controller = new AbortController();
    const stop = download(url(FILE), {
      pieces,
      signal: controller.signal,
      onProgress: (loaded) => loaded > 20_000_000 && controller.abort(),
    });
    await expect(stop).rejects.toThrow();
    expect(cache.files.size).toBe(2);
    const bytes = await download(url(FILE), { pieces });
    expect(bytes.byteLength).toBe(3 * original.byteLength);
    expect(same(bytes.subarray(2 * original.byteLength))).toBe(true);
    expect(Number(/\d+/.exec(hub.requests.at(-1)!.range!)![0])).toBeGreaterThanOrEqual(16 << 20);
    expect(cache.files.size).toBe(0);
  });

  it('waits as long as a busy server asks, and gives up in the end', async () => {
    const waits: number[] = [];
    const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
    hub.faults.push(
      { file: FILE, status: 429, headers: { 'Retry-After': '7' } },
      { file: FILE, status: 503 },
    );
    expect(same(await download(url(FILE), { wait }))).toBe(true);
    expect(waits).toEqual([7000, 1000]);
    hub.faults.push({ file: FILE, status: 429, always: true });
    await expect(download(url(FILE), { wait })).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('names what cannot be helped', async () => {
    hub.faults.push({ file: FILE, status: 401 }, { file: FILE, status: 404 });
    await expect(download(url(FILE), { wait: noWait })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(download(url(FILE), { wait: noWait })).rejects.toMatchObject({ code: 'not-found' });
    const gone = 'http://127.0.0.1:9/x';
    await expect(download(gone, { wait: noWait })).rejects.toMatchObject({ code: 'download-failed' });
  });

  it('stops when aborted, also while it waits', async () => {
    const controller = new AbortController();
    hub.faults.push({ file: FILE, status: 503, headers: { 'Retry-After': '50' } });
    const stopped = download(url(FILE), { signal: controller.signal });
    while (hub.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('never mind'));
    await expect(stopped).rejects.toThrow('never mind');
  });
});

describe('hub models', () => {
  it('reads the card from the model’s own files and does not claim to have verified it', async () => {
    await using embedder = await open();
    expect(embedder.model).toMatchObject({
      id: ID,
      revision: 'main',
      kind: 'static',
      dimensions: 256,
      verified: false,
    });
    await using bundled = await createEmbedder();
    const texts = ['the same vectors', 'as the default model'];
    expect((await embedder.embed(texts)).data).toEqual((await bundled.embed(texts)).data);
    expect(embedder.space).not.toBe(bundled.space);
  });

  it('keeps files, lists them, clears them, and needs no network with them', async () => {
    const cache = memoryCache();
    await (await open({ hub: { cache } })).dispose();
    const before = hub.requests.length;
    await (await open({ hub: { cache } })).dispose();
    expect(hub.requests.length).toBe(before);
    const [kept] = await listCachedModels(cache);
    expect(kept).toMatchObject({ id: ID, revision: 'main' });
    expect(kept!.files).toContain(FILE);
    expect(await clearCachedModel(ID, { cache })).toBeGreaterThan(1);
    expect(cache.files.size).toBe(0);
  });

  it('notices other bytes than at the first download', async () => {
    const cache = memoryCache();
    await (await open({ hub: { cache } })).dispose();
    await cache.delete(`${ID}@main/${FILE}`);
    hub.faults.push({ file: FILE, garble: true });
    await expect(open({ hub: { cache } })).rejects.toMatchObject({ code: 'integrity' });
  });

  it('downloads again what was damaged where it was kept', async () => {
    const cache = memoryCache();
    await (await open({ hub: { cache } })).dispose();
    cache.files.get(`${ID}@main/${FILE}`)![4_000_000]! ^= 1;
    await (await open({ hub: { cache } })).dispose();
    expect(same(cache.files.get(`${ID}@main/${FILE}`)!)).toBe(true);
  });

  it('works with a full disk, and says so', async () => {
    const notices: string[] = [];
    const onProgress: CreateEmbedderOptions['onProgress'] = (progress) =>
      progress.phase === 'notice' && notices.push(progress.message);
    await using embedder = await open({ hub: { cache: memoryCache(() => false) }, onProgress });
    expect((await embedder.embed(['x'])).count).toBe(1);
    expect(notices.some((notice) => notice.includes(FILE) && notice.includes('full'))).toBe(true);
  });

  it('turns to a mirror, sends the token, reports progress', async () => {
    const seen: { loaded: number; total: number | undefined }[] = [];
    const onProgress: CreateEmbedderOptions['onProgress'] = (progress) => {
      if (progress.phase === 'download' && progress.file === FILE) seen.push(progress);
    };
    const sources = [`${hub.origin}/nowhere/{model}/{file}`, hub.source];
    await (await open({ hub: { sources, token: 'secret' }, onProgress })).dispose();
    expect(hub.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toMatchObject({ loaded: original.byteLength, total: original.byteLength });
  });

  it('takes a plain folder, over HTTP and from disk', async () => {
    await using served = await createEmbedder({
      model: `${hub.origin}/${ID}/resolve/main`,
      hub: { cache: false },
    });
    await using local = await createEmbedder({ model: new URL(`file://${folder}`).href });
    expect((await served.embed(['x'])).data).toEqual((await local.embed(['x'])).data);
  });

  it('takes files as they are', async () => {
    const blob = async (name: string): Promise<Blob> => new Blob([await readFile(join(folder, name))]);
    const card = (await open()).model;
    const urls = { 'tokenizer.json': await blob('tokenizer.json'), [FILE]: await blob(FILE) };
    await using embedder = await createEmbedder({ model: { card, urls } });
    await using bundled = await createEmbedder();
    expect((await embedder.embed(['x y'])).data).toEqual((await bundled.embed(['x y'])).data);
    // Another file of the same name is another file.
    const broken = { ...urls, [FILE]: new Blob(['not it']) };
    await expect(createEmbedder({ model: { card, urls: broken } })).rejects.toMatchObject({
      code: 'invalid-model',
    });
  });

  it('refuses what is not there or not readable', async () => {
    await expect(createEmbedder({ model: 'no such' })).rejects.toMatchObject({ code: 'unknown-model' });
    await expect(open({ model: 'nobody/nothing' })).rejects.toMatchObject({ code: 'unknown-model' });
    await expect(createEmbedder({ model: 'use-lite' })).rejects.toThrow(/model-use-lite/);
    await writeFile(join(folder, FILE), original.slice(0, 5000));
    await expect(open()).rejects.toMatchObject({ code: 'invalid-model' });
    await writeFile(join(folder, 'tokenizer.json'), '{"truncated');
    await expect(loadTokenizer(ID, { hub: { sources: [hub.source], cache: false } })).rejects.toMatchObject({
      code: 'invalid-model',
    });
    await mkdir(join(folder, 'empty'));
    await expect(createEmbedder({ model: `file://${folder}/empty` })).rejects.toMatchObject({
      code: 'unknown-model',
    });
  });
});
