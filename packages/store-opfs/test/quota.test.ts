import { describe, expect, it } from 'vitest';
import { openStoreOn } from '../src/open-store-on.ts';
import { FaultFileSystem, memoryWith, seededRandom } from './fault-file-system.ts';
import { Notebook } from './notebook.ts';

const OPTIONS = { segmentBytes: 4000, journalBytes: 4000 };

async function fill(notebook: Notebook): Promise<number> {
  for (let id = 1; ; id++) {
    try {
      await notebook.add([id], 1);
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreError', code: 'quota-exceeded' });
      return id - 1;
    }
  }
}

describe('a full disk', () => {
  it('refuses with how much is missing, and loses nothing', async () => {
    for (let capacity = 2000; capacity < 2600; capacity += 7) {
      const disk = new FaultFileSystem(seededRandom(capacity));
      disk.capacity = capacity;
      const notebook = await Notebook.load(await openStoreOn('test', disk, OPTIONS));
      const count = await fill(notebook);
      expect(count).toBeGreaterThan(1);
      await expect(notebook.add([100], 5)).rejects.toMatchObject({
        code: 'quota-exceeded',
        details: { missingBytes: expect.any(Number), neededBytes: expect.any(Number) },
        message: expect.stringMatching(/missing.*What was acknowledged is safe/),
      });
      await notebook
        .checkpoint()
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'quota-exceeded' }));
      expect(await notebook.state()).toBe(notebook.summary());
      // The power goes; the disk is still full for whoever opens it next.
      const next = new FaultFileSystem(seededRandom(1), undefined, disk.image('forgotten'));
      next.capacity = capacity;
      const reopened = await Notebook.load(await openStoreOn('test', next, OPTIONS));
      expect(await reopened.state()).toBe(notebook.summary());
    }
  });

  it('takes writes again when there is room', async () => {
    const disk = new FaultFileSystem(seededRandom(3));
    disk.capacity = 5000;
    const notebook = await Notebook.load(await openStoreOn('test', disk, OPTIONS));
    const count = await fill(notebook);
    disk.capacity = 20_000;
    await notebook.add([100, 101], 2);
    await notebook.checkpoint();
    await notebook.removeEach([1, 2]);
    expect(notebook.notes.size).toBe(count);
    await notebook.store.close();
    const reopened = await Notebook.load(
      await openStoreOn('test', memoryWith(disk.image('forgotten')), OPTIONS),
    );
    expect(await reopened.state()).toBe(notebook.summary());
  });

  it('lets caches give way first', async () => {
    const disk = new FaultFileSystem(seededRandom(4));
    disk.capacity = 5000;
    const asked: number[] = [];
    const makeRoom = async (missing: number): Promise<number> => {
      asked.push(missing);
      if (asked.length > 3) return 0;
      disk.capacity += 1000;
      return 1000;
    };
    const notebook = await Notebook.load(await openStoreOn('test', disk, { ...OPTIONS, makeRoom }));
    await fill(notebook);
    expect(asked.length).toBeGreaterThan(3);
    expect(disk.size).toBeGreaterThan(7000);
    expect(asked.every((missing) => missing > 0)).toBe(true);
    expect(await notebook.state()).toBe(notebook.summary());
  });

  it('lets the fallback checkpoint give way to the next one', async () => {
    const disk = new FaultFileSystem(seededRandom(5));
    const store = await openStoreOn('test', disk, OPTIONS);
    const content = (fill: number): Map<string, Uint8Array> =>
      new Map([['index', new Uint8Array(10_000).fill(fill)]]);
    await store.checkpoint(content(1));
    await store.checkpoint(content(2));
    disk.capacity = disk.size + 1000;
    await store.checkpoint(content(3));
    expect((await store.section('index'))![0]).toBe(3);
    disk.capacity = disk.size + 10;
    await store.checkpoint(content(4));
    disk.capacity = 11_000;
    await expect(store.checkpoint(content(5))).rejects.toMatchObject({ code: 'quota-exceeded' });
    expect((await store.section('index'))![0]).toBe(4);
    const again = await openStoreOn('test', memoryWith(disk.image('forgotten')), OPTIONS);
    expect((await again.section('index'))![0]).toBe(4);
  });
});
