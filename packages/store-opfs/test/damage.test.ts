import { beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../src/errors.ts';
import { openStoreOn } from '../src/open-store-on.ts';
import type { RecoveryFinding, StoreOptions } from '../src/types.ts';
import { FaultFileSystem, memoryWith, seededRandom } from './fault-file-system.ts';
import { Notebook, type Step, noteText, perform } from './notebook.ts';

type Image = Map<string, Uint8Array>;

const SMALL: StoreOptions = { segmentBytes: 700, journalBytes: 600 };

/** Lives and gives the disk as it is, with the summary after each step. */
async function diskAfter(steps: Step[], options = SMALL): Promise<{ image: Image; summaries: string[] }> {
  const disk = new FaultFileSystem(seededRandom(1));
  const notebook = await Notebook.load(await openStoreOn('test', disk, options));
  const summaries = ['[]'];
  for (const step of steps) {
    await perform(notebook, step);
    summaries.push(notebook.summary());
  }
  await notebook.store.close();
  return { image: disk.image('killed'), summaries };
}

function withByte(image: Image, name: string, at: number, change: (byte: number) => number): Image {
  const bytes = image.get(name)!.slice();
  bytes[at] = change(bytes[at]!);
  return new Map(image).set(name, bytes);
}

interface Outcome {
  error?: StoreError;
  notebook?: Notebook;
  findings: RecoveryFinding[];
  /** Notes whose text answers with an error. */
  unreadable: number;
}

/** Opens a damaged disk; any answer that is neither right nor a typed error throws. */
async function openDamaged(image: Image): Promise<Outcome> {
  const fileSystem = memoryWith(image);
  let notebook: Notebook;
  try {
    notebook = await Notebook.load(await openStoreOn('test', fileSystem, SMALL));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    for (const [name, bytes] of image) expect(fileSystem.files.get(name)?.bytes(), name).toEqual(bytes);
    return { error, findings: [], unreadable: 0 };
  }
  let unreadable = 0;
  for (const [id, { version, ref }] of notebook.notes) {
    try {
      const text = new TextDecoder().decode(await notebook.store.getBlob(ref));
      expect(text).toBe(noteText(id, version));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      expect(error.code).toBe('blob-damaged');
      unreadable++;
    }
  }
  return { notebook, findings: notebook.store.report.findings, unreadable };
}

const STEPS: Step[] = [
  { do: 'add', ids: [1, 2], version: 1 },
  { do: 'checkpoint' },
  { do: 'add', ids: [3], version: 1 },
  { do: 'checkpoint' },
  { do: 'add', ids: [4, 1], version: 2 },
  { do: 'remove', ids: [2, 3] },
  { do: 'add', ids: [5], version: 1 },
];

describe('one changed byte, wherever it is', { timeout: 240_000 }, () => {
  const changes = {
    'all bits': (byte: number) => byte ^ 0xff,
    'one bit': (byte: number) => byte ^ 4,
    zero: () => 0,
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`gives the right state, or says what is lost (${what})`, async () => {
      const { image, summaries } = await diskAfter(STEPS);
      const now = summaries.at(-1)!;
      let [unharmed, partial, refused] = [0, 0, 0];
      for (const [name, bytes] of image) {
        for (let at = 0; at < bytes.length; at++) {
          if (change(bytes[at]!) === bytes[at]) continue;
          const label = `${name} at ${at}`;
          const { error, notebook, findings, unreadable } = await openDamaged(
            withByte(image, name, at, change),
          );
          if (error) {
            refused++;
            expect(error.code, label).toBe('store-damaged');
            // The one section that both checkpoints share.
            expect(name, label).toBe('section-2');
            const salvaged = await openStoreOn('test', memoryWith(withByte(image, name, at, change)), {
              ...SMALL,
              salvage: true,
            });
            await expect(salvaged.section('constant'), label).rejects.toMatchObject({
              code: 'section-damaged',
            });
            expect(await salvaged.section('notes'), label).toBeDefined();
            continue;
          }
          const lost = findings.filter(({ severity }) => severity === 'loss').length;
          expect(lost + unreadable, label).toBeLessThanOrEqual(1);
          if (lost === 0) expect(notebook!.summary(), label).toBe(now);
          else partial++;
          if (lost + unreadable === 0) unharmed++;
          // A byte of one file never costs anything that is kept in another.
          if (unreadable > 0) expect(name, label).toMatch(/^blobs-/);
          if (lost > 0) expect(name, label).toMatch(/^journal-/);
        }
      }
      expect(unharmed).toBeGreaterThan(500);
      expect(partial).toBeGreaterThan(50);
      expect(refused).toBeGreaterThan(50);
    });
  }

  it('is refused when the only checkpoint is hit', async () => {
    const { image } = await diskAfter([...STEPS, { do: 'purge' }]);
    let refused = 0;
    for (const [name, bytes] of image) {
      for (let at = 0; at < bytes.length; at++) {
        const { error } = await openDamaged(withByte(image, name, at, (byte) => byte ^ 0x55));
        if (!error) continue;
        refused++;
        expect(error.code).toBe('store-damaged');
        expect(error.message).toMatch(/Nothing was changed/);
        expect(name).toMatch(/^section-/);
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('a journal', () => {
  const steps: Step[] = [
    { do: 'add', ids: [1], version: 1 },
    { do: 'add', ids: [2, 3], version: 1 },
    { do: 'remove', ids: [1, 2] },
    { do: 'add', ids: [4], version: 1 },
  ];
  let image: Image;
  let summaries: string[];
  beforeAll(async () => {
    ({ image, summaries } = await diskAfter(steps, {}));
  });

  it('that is cut anywhere ends before or after a step', async () => {
    const journal = image.get('journal-1')!;
    const seen = new Set<string>();
    for (let length = journal.length; length >= 0; length--) {
      const { notebook, unreadable } = await openDamaged(
        new Map(image).set('journal-1', journal.slice(0, length)),
      );
      expect(summaries).toContain(notebook!.summary());
      expect(unreadable).toBe(0);
      seen.add(notebook!.summary());
    }
    expect([...seen]).toEqual([...summaries].reverse());
  });

  it('whose end is zeros or rubbish ends at the last step', async () => {
    const journal = image.get('journal-1')!;
    for (const rubbish of [new Uint8Array(100), journal.slice(128), journal.slice(150, 400)]) {
      const longer = new Uint8Array([...journal, ...rubbish]);
      const { notebook, findings } = await openDamaged(new Map(image).set('journal-1', longer));
      expect(notebook!.summary()).toBe(summaries.at(-1));
      expect(findings.map(({ severity }) => severity)).toEqual(['unacknowledged']);
    }
  });

  it('keeps what comes after a bad record', async () => {
    const journal = image.get('journal-1')!;
    const text = new TextDecoder('latin1').decode(journal);
    const second = text.indexOf('{"add":[[2');
    const { notebook, findings } = await openDamaged(
      withByte(image, 'journal-1', second, (byte) => byte ^ 1),
    );
    expect(notebook!.summary()).toBe('[[4,1]]');
    expect(findings).toMatchObject([{ severity: 'loss', records: 1, file: 'journal-1' }]);
    expect(notebook!.store.report.text.join(' ')).toMatch(
      /1 acknowledged change in journal-1 could not be read/,
    );
    expect(notebook!.store.report.text.join(' ')).toMatch(
      /Some acknowledged data is lost; everything else is there/,
    );
  });

  it('says how many changes are gone with a whole file', async () => {
    const { image } = await diskAfter([...steps, ...steps], { journalBytes: 200 });
    const names = [...image.keys()].filter((name) => name.startsWith('journal-'));
    expect(names.length).toBeGreaterThan(2);
    image.delete(names[1]!);
    const { findings } = await openDamaged(image);
    expect(findings.map(({ severity }) => severity)).toContain('loss');
  });
});

describe('a store that cannot be read', () => {
  it('is never taken for an empty one', async () => {
    const { image } = await diskAfter(STEPS);
    for (const manifests of [['manifest-0'], ['manifest-0', 'manifest-1']]) {
      const damaged = new Map(image);
      for (const name of manifests) damaged.delete(name);
      if (manifests.length === 1) damaged.set('manifest-1', new Uint8Array(0));
      const { error } = await openDamaged(damaged);
      expect(error?.code).toBe('store-damaged');
    }
  });

  it('is one with a newer format: refused, untouched', async () => {
    const { loadChecksum } = await import('../src/checksum.ts');
    const checksum = await loadChecksum();
    const { image } = await diskAfter(STEPS);
    const names = [...image.keys()].filter((name) => /^(manifest|journal)/.test(name));
    for (const name of names) {
      const newer = new Map(image);
      const bytes = image.get(name)!.slice();
      for (const at of name.startsWith('journal') ? [0, 64] : [0]) {
        bytes[at + 8] = 77;
        bytes.set(checksum.of(bytes.subarray(at, at + 24)), at + 24);
        if (at + 64 <= bytes.length) bytes.set(checksum.of(bytes.subarray(at, at + 48)), at + 48);
      }
      const { error } = await openDamaged(newer.set(name, bytes));
      // A journal that an older checkpoint alone would need is not looked at.
      if (!error) continue;
      expect(error.code).toBe('store-newer');
      expect(error.message).toMatch(/format 77.*reload/);
    }
  });

  it('can be destroyed and begun anew', async () => {
    const { image } = await diskAfter(STEPS);
    image.delete('manifest-0');
    image.delete('manifest-1');
    const fileSystem = memoryWith(image);
    await expect(openStoreOn('test', fileSystem, SMALL)).rejects.toMatchObject({ code: 'store-damaged' });
    fileSystem.destroy();
    const store = await openStoreOn('test', fileSystem, SMALL);
    expect(store.report.outcome).toBe('created');
  });
});

describe('damage while the store is open', () => {
  it('to one text does not keep the others from being moved', async () => {
    const fileSystem = memoryWith(new Map());
    const store = await openStoreOn('test', fileSystem);
    const contents = ['one', 'two', 'three', 'dead'].map((text) => new TextEncoder().encode(text));
    const refs = await store.putBlobs(contents);
    await store.append([new Uint8Array(1)]);
    // Until then they are in memory and in the journal.
    await store.checkpoint(new Map());
    fileSystem.files.get('blobs-1')!.write(refs[1]![1] + 17, new Uint8Array([1]));
    const moved = await store.compactBlobs(refs.slice(0, 3), { waste: 0 });
    await store.checkpoint(new Map(), { segments: moved.map(([segment]) => segment), purge: true });
    expect(await store.getBlob(moved[0]!)).toEqual(contents[0]);
    expect(await store.getBlob(moved[2]!)).toEqual(contents[2]);
    await expect(store.getBlob(moved[1]!)).rejects.toMatchObject({ code: 'blob-damaged' });
  });

  it('is a typed error where it is met', async () => {
    const { image } = await diskAfter(STEPS);
    const fileSystem = memoryWith(image);
    const store = await openStoreOn('test', fileSystem, SMALL);
    await store.section('notes');
    for (const [name, file] of fileSystem.files) {
      if (/^(section|journal)/.test(name)) file.write(70, new Uint8Array(file.size() - 70).fill(1));
    }
    await expect(store.section('notes')).rejects.toMatchObject({ code: 'section-damaged' });
    await expect(store.readSection('notes', 3, 4)).rejects.toMatchObject({ code: 'section-damaged' });
    const replay = async () => {
      for await (const record of store.replay()) expect(record).toBeDefined();
    };
    await expect(replay()).rejects.toMatchObject({ code: 'record-damaged' });
  });
});
