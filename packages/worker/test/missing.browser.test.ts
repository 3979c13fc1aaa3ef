import { openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search } from '@burrow/worker';
import { afterEach, describe, expect, it } from 'vitest';

const opened: Search[] = [];

/** Opens with a worker in which something is missing or different: `code` runs in it before the engine does. */
async function openWith(code: string, options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const createWorker = (url: string): Worker => {
    const module = `${code}\nimport ${JSON.stringify(url)};`;
    const blob = new Blob([module], { type: 'text/javascript' });
    return new Worker(URL.createObjectURL(blob), { type: 'module' });
  };
  const name = `missing-${crypto.randomUUID()}`;
  const search = await openSearch({ name, createWorker, ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close().catch(() => {})));
});

const notes = [
  { id: 'cat', text: 'Kittens eat small portions of wet food four times a day.' },
  { id: 'car', text: 'The automobile needs an oil change and new brake pads.' },
];

async function expectToWork(search: Search): Promise<void> {
  await search.add(notes);
  const { hits, mode } = await search.query('repairing my vehicle');
  expect(mode).toBe('hybrid');
  expect(hits[0]?.id).toBe('car');
  await search.update({ id: 'cat', text: 'Parrots like seeds.' });
  expect((await search.get('cat'))?.text).toBe('Parrots like seeds.');
  await search.remove('cat');
  expect((await search.stats()).documents).toBe(1);
}

describe('without', () => {
  it('SharedArrayBuffer everything works', async () => {
    await expectToWork(await openWith('delete self.SharedArrayBuffer;'));
  });

  it('OPFS the index is kept in IndexedDB, which is said', async () => {
    const code = `Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: undefined });`;
    const search = await openWith(code);
    await expectToWork(search);
    const { kind, kindReasons } = (await search.stats()).storage;
    expect(kind).toBe('indexeddb');
    expect(kindReasons).toHaveLength(1);
    await search.close();
    const again = await openWith(code, { name: search.name });
    expect((await again.stats()).documents).toBe(1);
    expect((await again.get('car'))?.text).toBe(notes[1]!.text);
  });

  it('OPFS and IndexedDB it works in memory, which is said', async () => {
    const search = await openWith(`
      Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: undefined });
      Object.defineProperty(self, 'indexedDB', { value: undefined });`);
    await expectToWork(search);
    const { kind, kindReasons } = (await search.stats()).storage;
    expect(kind).toBe('memory');
    expect(kindReasons).toHaveLength(2);
  });

  it('Web Locks one tab works, and a second one is told that the index is in use', async () => {
    // In the workers that it starts, too.
    const none = `Object.defineProperty(WorkerNavigator.prototype, 'locks', { value: undefined });`;
    const bare = `${none}
      const Plain = self.Worker;
      self.Worker = class extends Plain {
        constructor(url, options) {
          const code = ${JSON.stringify(none)} + 'import ' + JSON.stringify(String(url)) + ';';
          super(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), options);
        }
      };`;
    const search = await openWith(bare);
    await expectToWork(search);
    await expect(openWith(bare, { name: search.name })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'locked',
    });
    expect((await search.stats()).documents).toBe(1);
  });

  it('BroadcastChannel one tab works', async () => {
    await expectToWork(await openWith('delete self.BroadcastChannel;'));
  });
});

describe('a model worker that dies', () => {
  /** Keeps the workers that the engine starts, and ends the last one when it is told. */
  const fragile = `const Plain = self.Worker;
    const started = [];
    self.Worker = class extends Plain {
      constructor(...rest) { super(...rest); started.push(this); }
    };
    addEventListener('message', ({ data }) => {
      if (data?.crash) started.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    });`;

  it('is replaced; what was not acknowledged is embedded again, once, and ids stay', async () => {
    const workers: Worker[] = [];
    const createWorker = (url: string): Worker => {
      const blob = new Blob([`import ${JSON.stringify(url)};\n${fragile}`], { type: 'text/javascript' });
      const worker = new Worker(URL.createObjectURL(blob), { type: 'module' });
      workers.push(worker);
      return worker;
    };
    const name = `missing-${crypto.randomUUID()}`;
    const search = await openSearch({ name, createWorker });
    opened.push(search);
    await search.add(notes);
    const documents = Array.from({ length: 500 }, (_, i) => ({
      id: `d${i}`,
      text: `Meadow ${i} in bloom. `.repeat(40),
    }));
    let crashed = false;
    const { written } = await search.add(documents, {
      onProgress: ({ documents: done }) => {
        if (crashed || done < 100) return;
        crashed = true;
        workers[0]!.postMessage({ crash: true });
      },
    });
    expect(crashed).toBe(true);
    expect(workers).toHaveLength(1);
    expect(written).toEqual(documents.map(({ id }) => id));
    expect((await search.stats()).documents).toBe(502);
    const { hits } = await search.query('flowers', { mode: 'vector', limit: 1000, passages: 0 });
    expect(new Set(hits.map(({ id }) => id)).size).toBe(502);
    expect(hits).toHaveLength(502);
  });
});
