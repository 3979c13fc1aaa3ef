import { useLite } from '@burrow/model-use-lite';
import { openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search, SearchStats } from '@burrow/worker';
import { afterEach, describe, expect, it, vi } from 'vitest';

const opened: Search[] = [];

async function open(options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const search = await openSearch({ name: `move-${crypto.randomUUID()}`, ...options });
  opened.push(search);
  return search;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close()));
});

const topics = [
  'passport renewal at the town hall',
  'kittens and wet food',
  'brake pads of a car',
  'pears in the orchard',
];
const documents = (count: number): { id: string; text: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `d${i}`,
    text: `Note ${i} on ${topics[i % topics.length]}.`,
  }));

/** Resolves when no move is under way, and the index is in the space of this model. */
async function moved(search: Search, model: string): Promise<SearchStats> {
  return vi.waitFor(
    async () => {
      const stats = await search.stats();
      expect(stats.model.state).toBe('ready');
      expect(stats.move).toBeUndefined();
      expect(stats.space).toContain(model);
      return stats;
    },
    { timeout: 45_000, interval: 100 },
  );
}

/** Every document is found by its vector: the index has them all in one space. */
async function expectVectors(search: Search, count: number): Promise<void> {
  const { hits, mode } = await search.query('note', { mode: 'vector', limit: 10_000, passages: 0 });
  expect(mode).toBe('vector');
  expect(hits).toHaveLength(count);
}

describe('moving to another model', () => {
  it('answers all the while, takes in what is written meanwhile, and shows both sides', async () => {
    const search = await open({ model: 'hash' });
    await search.add(documents(300));
    const sides: string[] = [];
    search.on('status', ({ stats: { move } }) => {
      if (move) sides.push(`${move.from} → ${move.to}`);
    });
    await search.setModel('static-en');
    // Before it is done: all kinds of writes.
    await Promise.all([
      search.add({ id: 'new', text: 'A note on lighthouses.' }),
      search.update({ id: 'd5', text: 'A note on glaciers.' }),
      search.update({ id: 'd299', text: 'A note on volcanoes.' }),
      search.remove(['d0', 'd298']),
    ]);
    expect((await search.query('lighthouses')).hits[0]?.id).toBe('new');
    const { documents: count } = await moved(search, 'static-en');
    expect(count).toBe(299);
    expect(new Set(sides).size).toBe(1);
    expect(sides[0]).toMatch(/hash.* → .*static-en/);
    await expectVectors(search, 299);
    expect((await search.query('ice in the mountains')).hits[0]?.id).toBe('d5');
    expect((await search.get('d299'))?.text).toBe('A note on volcanoes.');
    expect(await search.get('d0')).toBeUndefined();
  });

  it('goes on after its worker was killed in the middle, and after a new opening', async () => {
    const workers: Worker[] = [];
    const createWorker = (url: string): Worker => {
      const worker = new Worker(url, { type: 'module' });
      workers.push(worker);
      return worker;
    };
    const name = `move-${crypto.randomUUID()}`;
    const search = await open({ name, createWorker, model: 'hash' });
    await search.add(documents(1000));
    const restarted = new Promise((resolve) => search.on('restarted', resolve));
    const underWay = new Promise<void>((resolve) =>
      search.on('status', ({ stats: { move } }) => {
        if (move && move.documents > 0 && move.documents < move.totalDocuments) resolve();
      }),
    );
    await search.setModel('static-en');
    await underWay;
    workers.at(-1)!.terminate();
    await restarted;
    await search.close();

    const again = await open({ name, model: 'static-en' });
    const { documents: count } = await moved(again, 'static-en');
    expect(count).toBe(1000);
    await expectVectors(again, 1000);
    expect((await again.stats()).storage.recovery).toEqual([]);
  });

  it('stays with the model it has when the other cannot be loaded', async () => {
    const search = await open({ model: 'hash' });
    await search.add(documents(20));
    const broken = { ...useLite, urls: { ...useLite.urls, 'tokenizer.json': '/nothing-here.json' } };
    await expect(search.setModel(broken, { device: 'wasm' })).rejects.toMatchObject({ name: 'EmbedError' });
    expect((await search.stats()).model).toMatchObject({ state: 'ready' });
    await expectVectors(search, 20);
  });

  it('gives up a move when the old model is chosen again, and leaves no document without its vector', async () => {
    const name = `move-${crypto.randomUUID()}`;
    const first = await open({ name, model: 'hash' });
    await first.add(documents(200));
    await first.close();
    // Opened for another model, so that what is added at once has no vector in the old space.
    const second = await open({ name, model: 'static-en' });
    await second.add({ id: 'between', text: 'Written between two models.' });
    await second.setModel('hash');
    const { documents: count } = await moved(second, 'hash');
    expect(count).toBe(201);
    await expectVectors(second, 201);
  });

  it('moves to a transformer that comes with the app, and back', async () => {
    const search = await open({ model: 'hash' });
    await search.add(documents(40));
    await search.setModel(useLite, { device: 'wasm' });
    await moved(search, useLite.card.id);
    await expectVectors(search, 40);
    const { hits } = await search.query('my cat is hungry', { mode: 'vector' });
    expect(hits[0]?.passages[0]?.text).toContain('kittens');
    await search.setModel('hash');
    await moved(search, 'hash');
    await expectVectors(search, 40);
  });
});
