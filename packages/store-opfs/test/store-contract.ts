import { afterEach, describe, expect, it } from 'vitest';
import type { Store, StoreOptions } from '../src/types.ts';

/** What the suite needs of a kind of storage. */
export interface StoreHost {
  /** Opens the store of this test; again after `close` to see what survived. */
  open(options?: StoreOptions): Promise<Store>;
  /** Removes what the test left. */
  dispose(): Promise<void>;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const string = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && new TextDecoder().decode(bytes);

async function replayed(store: Store): Promise<string[]> {
  const records: string[] = [];
  for await (const record of store.replay()) records.push(string(record)!);
  return records;
}

/** The contract of a store, for every file system that can carry one. */
export function describeStore(label: string, makeHost: () => Promise<StoreHost>): void {
  describe(label, () => {
    const hosts: StoreHost[] = [];
    const host = async (): Promise<StoreHost> => {
      const made = await makeHost();
      hosts.push(made);
      return made;
    };
    afterEach(async () => {
      for (const made of hosts.splice(0)) await made.dispose();
    });

    it('is created where there was none, and found again', async () => {
      const { open } = await host();
      const created = await open();
      expect(created.report.outcome).toBe('created');
      expect(created.dataVersion).toBeUndefined();
      await created.close();
      const again = await open();
      expect(again.report.outcome).toBe('clean');
      expect(again.dataVersion).toBe(1);
      await again.close();
    });

    it('keeps appended records in order', async () => {
      const { open } = await host();
      const store = await open();
      expect(await store.append([text('one'), text('two')])).toBe(2);
      expect(await store.append([text('')])).toBe(3);
      expect(await replayed(store)).toEqual(['one', 'two', '']);
      await store.close();
      const again = await open();
      expect(again.report.records).toBe(3);
      expect(await replayed(again)).toEqual(['one', 'two', '']);
      expect(await again.append([text('four')])).toBe(4);
      await again.close();
      const third = await open();
      expect(await replayed(third)).toEqual(['one', 'two', '', 'four']);
      await third.close();
    });

    it('acknowledges appends that arrive together, each with its own sequence number', async () => {
      const { open } = await host();
      const store = await open();
      const sequences = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.append([text(`record ${i}`)])),
      );
      expect(sequences).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      await store.close();
      const again = await open();
      expect(await replayed(again)).toEqual(Array.from({ length: 20 }, (_, i) => `record ${i}`));
      await again.close();
    });

    it('gives blobs back', async () => {
      const { open } = await host();
      const store = await open({ segmentBytes: 1000 });
      const blobs = ['', 'a', 'b'.repeat(900), 'c'.repeat(5000), 'ü'.repeat(100)].map(text);
      const refs = await store.putBlobs(blobs);
      await store.append([text('refers to them')]);
      expect(store.segments.size).toBeGreaterThan(1);
      await store.close();
      const again = await open({ segmentBytes: 1000 });
      for (const [i, ref] of refs.entries()) expect(await again.getBlob(ref)).toEqual(blobs[i]);
      const [more] = await again.putBlobs([text('later')]);
      expect(string(await again.getBlob(more!))).toBe('later');
      expect(await again.getBlob(refs[3]!)).toEqual(blobs[3]);
      await again.close();
    });

    it('refuses refs that lead nowhere', async () => {
      const { open } = await host();
      const store = await open();
      const [ref] = await store.putBlobs([text('here')]);
      for (const wrong of [
        [99, 32, 4],
        [ref![0], ref![1] + 1, 4],
        [ref![0], ref![1], 3],
        [ref![0], 1e6, 4],
      ] as const) {
        await expect(store.getBlob([...wrong])).rejects.toMatchObject({
          name: 'StoreError',
          code: 'blob-damaged',
        });
      }
      await store.close();
    });

    it('replaces journal by sections at a checkpoint', async () => {
      const { open } = await host();
      const store = await open();
      await store.append([text('one')]);
      const large = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) & 255);
      await store.checkpoint(
        new Map([
          ['index', text('{one}')],
          ['vectors', large],
          ['empty', text('')],
        ]),
      );
      expect(await replayed(store)).toEqual([]);
      await store.append([text('two')]);
      await store.close();
      const again = await open();
      expect([...again.sections()]).toEqual([
        ['index', 5],
        ['vectors', 100_000],
        ['empty', 0],
      ]);
      expect(string(await again.section('index'))).toBe('{one}');
      expect(await again.section('vectors')).toEqual(large);
      expect(await again.section('vectors')).toEqual(large);
      expect(await again.section('empty')).toEqual(text(''));
      expect(await again.section('other')).toBeUndefined();
      expect(await again.readSection('vectors', 16_380, 10)).toEqual(large.slice(16_380, 16_390));
      expect(await again.readSection('vectors', 99_990, 100)).toEqual(large.slice(99_990));
      expect(await replayed(again)).toEqual(['two']);
      await again.close();
    });

    it('keeps records that arrive while a checkpoint is written', async () => {
      const { open } = await host();
      const store = await open();
      await store.append([text('in the snapshot')]);
      const checkpoint = store.checkpoint(new Map([['index', new Uint8Array(3_000_000)]]));
      const appends = Promise.all(['a', 'b', 'c'].map((record) => store.append([text(record)])));
      await Promise.all([checkpoint, appends]);
      expect(await replayed(store)).toEqual(['a', 'b', 'c']);
      await store.close();
      const again = await open();
      expect(await replayed(again)).toEqual(['a', 'b', 'c']);
      await again.close();
    });

    it('keeps records after `through`', async () => {
      const { open } = await host();
      const store = await open();
      for (const record of ['a', 'b', 'c']) await store.append([text(record)]);
      await store.checkpoint(new Map([['index', text('{a}')]]), { through: 1 });
      expect(await replayed(store)).toEqual(['b', 'c']);
      await store.append([text('d')]);
      await store.close();
      const again = await open();
      expect(await replayed(again)).toEqual(['b', 'c', 'd']);
      await expect(again.checkpoint(new Map(), { through: 9 })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
      await expect(again.checkpoint(new Map(), { through: 0 })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
      await again.close();
    });

    it('keeps named sections, and drops those that are not named', async () => {
      const { open } = await host();
      const store = await open();
      await store.checkpoint(
        new Map([
          ['a', text('1')],
          ['b', text('2')],
          ['c', text('3')],
        ]),
      );
      await store.checkpoint(new Map([['b', text('22')]]), { keep: ['a'] });
      await store.close();
      const again = await open();
      expect([...again.sections().keys()].sort()).toEqual(['a', 'b']);
      expect(string(await again.section('a'))).toBe('1');
      expect(string(await again.section('b'))).toBe('22');
      await expect(again.checkpoint(new Map(), { keep: ['c'] })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
      await again.close();
    });

    it('deletes unused segments, but never those with fresh blobs', async () => {
      const { open } = await host();
      const store = await open({ segmentBytes: 200 });
      const old = await store.putBlobs([text('x'.repeat(300))]);
      await store.append([text('old')]);
      await store.checkpoint(new Map([['index', text('1')]]));
      const [fresh] = await store.putBlobs([text('fresh')]);
      await store.checkpoint(new Map([['index', text('2')]]), { segments: [] });
      await store.checkpoint(new Map([['index', text('3')]]), { segments: [fresh![0]] });
      await expect(store.getBlob(old[0]!)).rejects.toMatchObject({ code: 'blob-damaged' });
      expect(string(await store.getBlob(fresh!))).toBe('fresh');
      await store.close();
      const again = await open();
      expect(again.report.outcome).toBe('clean');
      expect(string(await again.getBlob(fresh!))).toBe('fresh');
      await again.close();
    });

    it('never deletes a segment that gets blobs while a checkpoint is written', async () => {
      const { open } = await host();
      const first = await open();
      await first.putBlobs([text('dead')]);
      await first.append([text('dead')]);
      await first.close();
      const store = await open();
      await store.checkpoint(new Map([['index', text('a')]]), { segments: [] });
      const checkpoint = store.checkpoint(new Map([['index', new Uint8Array(500_000)]]), { segments: [] });
      const refs = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.putBlobs([text(`blob ${i}`)])),
      );
      await store.append([text('refers to them')]);
      await checkpoint;
      for (const [i, [ref]] of refs.entries()) expect(string(await store.getBlob(ref!))).toBe(`blob ${i}`);
      await store.close();
      const again = await open();
      for (const [i, [ref]] of refs.entries()) expect(string(await again.getBlob(ref!))).toBe(`blob ${i}`);
      await again.close();
    });

    it('moves live blobs out of wasteful segments', async () => {
      const { open } = await host();
      const store = await open({ segmentBytes: 2000 });
      const contents = Array.from({ length: 40 }, (_, i) => text(`${i}:`.padEnd(200, '.')));
      const refs = await store.putBlobs(contents);
      await store.append([text('all')]);
      const live = refs.filter((_, i) => i % 5 === 0);
      const before = (await store.estimate()).stored;
      const moved = await store.compactBlobs(live);
      expect(moved).not.toEqual(live);
      const segments = new Set(moved.map(([segment]) => segment));
      await store.checkpoint(new Map([['index', text('moved')]]), { segments, purge: true });
      expect((await store.estimate()).stored).toBeLessThan(before / 2);
      await store.close();
      const again = await open();
      for (const [i, ref] of moved.entries()) expect(await again.getBlob(ref)).toEqual(contents[i * 5]);
      await again.close();
    });

    it('tells what is stored while files come and go', async () => {
      const { open } = await host();
      const store = await open();
      const estimates: Promise<{ stored: number }>[] = [];
      for (let round = 0; round < 8; round++) {
        await store.append([text(`record ${round}`)]);
        const sections = new Map([['state', text(`state ${round}`.repeat(2000))]]);
        const checkpoint = store.checkpoint(sections, { purge: true });
        for (let i = 0; i < 4; i++) estimates.push(store.estimate());
        await checkpoint;
      }
      for (const { stored } of await Promise.all(estimates)) expect(stored).toBeGreaterThan(0);
      await store.close();
    });

    it('refuses a store with a newer data version, and takes an older one', async () => {
      const { open } = await host();
      const store = await open({ version: 2 });
      await store.append([text('two')]);
      await store.close();
      await expect(open({ version: 1 })).rejects.toMatchObject({ code: 'store-newer' });
      const newer = await open({ version: 3 });
      expect(newer.dataVersion).toBe(2);
      expect(await replayed(newer)).toEqual(['two']);
      await newer.append([text('three')]);
      await newer.close();
      await expect(open({ version: 2 })).rejects.toMatchObject({ code: 'store-newer' });
    });

    it('acknowledges sooner with relaxed durability, and keeps everything at close', async () => {
      const { open } = await host();
      const store = await open({ durability: 'relaxed' });
      for (let i = 0; i < 50; i++) await store.append([text(`record ${i}`)]);
      await store.flush();
      await store.append([text('last')]);
      await store.close();
      const again = await open();
      expect(await replayed(again)).toEqual([...Array.from({ length: 50 }, (_, i) => `record ${i}`), 'last']);
      await again.close();
    });

    it('begins new journal files at a size', async () => {
      const { open } = await host();
      const store = await open({ journalBytes: 1000 });
      const records = Array.from({ length: 30 }, (_, i) => `${i}`.padEnd(100, '.'));
      for (const record of records) await store.append([text(record)]);
      expect(await replayed(store)).toEqual(records);
      await store.close();
      const again = await open({ journalBytes: 1000 });
      expect(again.report.outcome).toBe('clean');
      expect(await replayed(again)).toEqual(records);
      await again.checkpoint(new Map());
      expect(again.journalBytes).toBe(0);
      await again.close();
    });

    it('answers `closed` after closing', async () => {
      const { open } = await host();
      const store = await open();
      await store.close();
      await store.close();
      await expect(store.append([text('x')])).rejects.toMatchObject({ code: 'closed' });
      await expect(store.section('x')).rejects.toMatchObject({ code: 'closed' });
      await expect(replayed(store)).rejects.toMatchObject({ code: 'closed' });
      expect(() => store.sections()).toThrow(expect.objectContaining({ code: 'closed' }));
    });

    it('is gone after destroying', async () => {
      const { open } = await host();
      const store = await open();
      await store.putBlobs([text('blob')]);
      await store.append([text('x')]);
      await store.destroy();
      const again = await open();
      expect(again.report.outcome).toBe('created');
      expect(await replayed(again)).toEqual([]);
      await again.close();
    });
  });
}
