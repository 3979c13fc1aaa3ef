import { expect, it } from 'vitest';
import { openStoreOn } from '../src/open-store-on.ts';
import { FaultFileSystem, seededRandom } from './fault-file-system.ts';
import { Notebook, noteText } from './notebook.ts';

/** Whether a text is anywhere on the disk. */
function onDisk(disk: FaultFileSystem, text: string): boolean {
  return [...disk.image('killed').values()].some((bytes) =>
    new TextDecoder('latin1').decode(bytes).includes(text),
  );
}

it('leaves no deleted text on the disk after compaction', async () => {
  const disk = new FaultFileSystem(seededRandom(1));
  const notebook = await Notebook.load(await openStoreOn('test', disk, { segmentBytes: 2000 }));
  await notebook.add([1, 2, 3, 4, 5], 1);
  await notebook.checkpoint();
  await notebook.add([6, 7, 3], 2);
  await notebook.removeEach([1, 6]);
  const deleted = [noteText(1, 1), noteText(3, 1), noteText(6, 2)];
  for (const text of deleted) expect(onDisk(disk, text)).toBe(true);
  await notebook.compact();
  for (const text of deleted) expect(onDisk(disk, text)).toBe(false);
  for (const [id, { version }] of notebook.notes) expect(onDisk(disk, noteText(id, version))).toBe(true);
  expect(await notebook.state()).toBe(notebook.summary());
});

it('does not write sections again that did not change', async () => {
  const disk = new FaultFileSystem(seededRandom(1));
  const store = await openStoreOn('test', disk);
  const vectors = new Uint8Array(100_000).fill(7);
  await store.checkpoint(new Map([['vectors', vectors]]));
  const files = (): string[] => [...disk.image('killed').keys()].filter((name) => name.startsWith('section'));
  const before = files();
  await store.checkpoint(
    new Map([
      ['vectors', vectors.slice()],
      ['index', new Uint8Array(10)],
    ]),
  );
  await store.checkpoint(new Map([['index', new Uint8Array(11)]]), { keep: ['vectors'] });
  expect(files()).toEqual(expect.arrayContaining(before));
  expect(await store.section('vectors')).toEqual(vectors);
});

it('leaves a section alone that changes while it is written', async () => {
  const disk = new FaultFileSystem(seededRandom(1));
  const store = await openStoreOn('test', disk);
  await store.checkpoint(new Map([['index', new Uint8Array(100).fill(1)]]));
  const moving = new Uint8Array(100).fill(2);
  const checkpoint = store.checkpoint(
    new Map([
      ['first', new Uint8Array(9_000_000)],
      ['index', moving],
    ]),
  );
  const change = setInterval(() => moving[5]!++, 0);
  await checkpoint.then(
    async () => expect((await store.section('index'))!.length).toBe(100),
    (error: unknown) => expect(error).toMatchObject({ code: 'invalid-argument' }),
  );
  clearInterval(change);
  await store.close();
  const again = await openStoreOn(
    'test',
    new FaultFileSystem(seededRandom(1), undefined, disk.image('killed')),
  );
  expect(again.report.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
});
