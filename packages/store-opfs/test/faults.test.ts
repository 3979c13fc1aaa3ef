import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { StoreError } from '../src/errors.ts';
import { openStoreOn } from '../src/open-store-on.ts';
import type { BlobRef, Store, StoreOptions } from '../src/types.ts';
import {
  CRASH_MODES,
  type CrashMode,
  type Fault,
  FaultFileSystem,
  memoryWith,
  seededRandom,
} from './fault-file-system.ts';
import { LIFE, Notebook, type Step, after, perform } from './notebook.ts';
import { describeStore } from './store-contract.ts';

/** Small files, so that a short life has all of them. */
const SMALL: StoreOptions = { segmentBytes: 700, journalBytes: 600 };
/** Of the texts of this life some travel with the journal and some are flushed in their own file. */
const MIXED: StoreOptions = { ...SMALL, inlineBlobBytes: 250 };

describeStore('a store on a slow disk', async () => {
  let image = new Map<string, Uint8Array>();
  let disk: FaultFileSystem | undefined;
  let seed = 1;
  return {
    open: (options) => {
      image = disk?.image('killed') ?? image;
      disk = new FaultFileSystem(seededRandom(seed++), undefined, image);
      return openStoreOn('test', disk, options);
    },
    dispose: async () => undefined,
  };
});

interface Run {
  disk: FaultFileSystem;
  notebook: Notebook | undefined;
  /** Every state that was acknowledged, in order. */
  acknowledged: string[];
  /** What there would be if the step that was under way had been done. */
  pending: string | undefined;
  errors: { step: Step; error: StoreError }[];
}

/** Lives a life until it is through or the process is gone; errors are borne and the life goes on. */
async function live(
  steps: Step[],
  options: StoreOptions,
  seed: number,
  plan?: { at: number; fault: Fault },
  image?: Map<string, Uint8Array>,
): Promise<Run> {
  const disk = new FaultFileSystem(seededRandom(seed), plan, image);
  const run: Run = { disk, notebook: undefined, acknowledged: [], pending: undefined, errors: [] };
  let store: Store;
  try {
    store = await openStoreOn('test', disk, options);
  } catch (error) {
    if (disk.crashed) return run;
    run.errors.push({ step: { do: 'checkpoint' }, error: error as StoreError });
    store = await openStoreOn('test', disk, options);
  }
  try {
    run.notebook = await Notebook.load(store);
  } catch (error) {
    if (disk.crashed) return run;
    throw error;
  }
  run.acknowledged.push(run.notebook.summary());
  for (const step of steps) {
    run.pending = after(run.notebook.summary(), step);
    try {
      await perform(run.notebook, step);
    } catch (error) {
      if (disk.crashed) return run;
      run.errors.push({ step, error: error as StoreError });
      continue;
    }
    run.acknowledged.push(run.notebook.summary());
    run.pending = undefined;
  }
  return run;
}

async function stateOf(
  image: Map<string, Uint8Array>,
  options: StoreOptions,
): Promise<{ state: string; store: Store; notebook: Notebook }> {
  const store = await openStoreOn('test', memoryWith(image), options);
  const notebook = await Notebook.load(store);
  return { state: await notebook.state(), store, notebook };
}

/** Opens what a crash left, checks it, goes on writing, closes, and checks again. */
async function checkSurvivors(
  image: Map<string, Uint8Array>,
  options: StoreOptions,
  allowed: string[],
  label: string,
): Promise<void> {
  const fileSystem = memoryWith(image);
  const store = await openStoreOn('test', fileSystem, options);
  const notebook = await Notebook.load(store);
  const state = await notebook.state();
  expect(allowed, `${label}: ${store.report.text.join(' ')}`).toContain(state);
  expect(
    store.report.findings.filter(({ severity }) => severity === 'loss'),
    label,
  ).toEqual([]);
  await notebook.add([99], 9);
  await store.close();
  const again = await openStoreOn('test', fileSystem, options);
  const reloaded = await Notebook.load(again);
  expect(await reloaded.state(), label).toBe(after(state, { do: 'add', ids: [99], version: 9 }));
  await reloaded.checkpoint();
  await reloaded.checkpoint();
  await again.close();
  const third = await openStoreOn('test', fileSystem, options);
  expect(third.report.outcome, label).toBe('clean');
  expect(await (await Notebook.load(third)).state(), label).toBe(reloaded.summary());
}

describe('a crash at any point', { timeout: 240_000 }, () => {
  for (const mode of CRASH_MODES) {
    it(`leaves the state before or after the step under way (${mode})`, async () => {
      const { operations } = (await live(LIFE, MIXED, 0)).disk;
      expect(operations).toBeGreaterThan(100);
      for (let at = 1; at <= operations; at++) {
        for (const [seed, options] of [
          [at, SMALL],
          [at + 1000, SMALL],
          [at + 2000, SMALL],
          [at + 3000, MIXED],
        ] as const) {
          const run = await live(LIFE, options, seed, { at, fault: 'crash' });
          if (!run.disk.crashed) continue;
          const allowed = [run.acknowledged.at(-1) ?? '[]', run.pending ?? '[]'];
          await checkSurvivors(run.disk.image(mode), options, allowed, `operation ${at}, seed ${seed}`);
        }
      }
    });
  }

  it('during the opening after a crash changes nothing either', async () => {
    const { operations } = (await live(LIFE, SMALL, 0)).disk;
    for (let at = 3; at <= operations; at += 5) {
      const run = await live(LIFE, SMALL, at, { at, fault: 'crash' });
      const allowed = [run.acknowledged.at(-1) ?? '[]', run.pending ?? '[]'];
      const image = run.disk.image('misordered');
      for (let second = 1; second < 12; second++) {
        const next = await live([{ do: 'checkpoint' }], SMALL, second, { at: second, fault: 'crash' }, image);
        for (const mode of CRASH_MODES) {
          await checkSurvivors(
            next.disk.image(mode),
            SMALL,
            allowed,
            `operations ${at} and ${second}, ${mode}`,
          );
        }
        if (!next.disk.crashed) break;
      }
    }
  });

  it('followed by a power cut leaves what was found in between', async () => {
    const { operations } = (await live(LIFE, SMALL, 0)).disk;
    for (let at = 1; at <= operations; at++) {
      const { disk } = await live(LIFE, SMALL, at, { at, fault: 'crash' });
      disk.restart();
      const notebook = await Notebook.load(await openStoreOn('test', disk, SMALL));
      const found = await notebook.state();
      for (const mode of CRASH_MODES) {
        expect((await stateOf(disk.image(mode), SMALL)).state, `operation ${at}, ${mode}`).toBe(found);
      }
      const step: Step = { do: 'add', ids: [99], version: 9 };
      await perform(notebook, step);
      for (const mode of CRASH_MODES) {
        const { state } = await stateOf(disk.image(mode), SMALL);
        expect(state, `operation ${at}, ${mode}, after more`).toBe(after(found, step));
      }
    }
  });

  it('with relaxed durability takes at most what was not flushed, and nothing from the middle', async () => {
    const relaxed: StoreOptions = { ...SMALL, durability: 'relaxed', flushDelay: 2 ** 30 };
    const { operations } = (await live(LIFE, relaxed, 0)).disk;
    for (let at = 1; at <= operations; at++) {
      for (const mode of CRASH_MODES) {
        const run = await live(LIFE, relaxed, at, { at, fault: 'crash' });
        const history = [...run.acknowledged, ...(run.pending ? [run.pending] : []), '[]'];
        const allowed = mode === 'killed' ? history.slice(-3) : history;
        const { state } = await stateOf(run.disk.image(mode), relaxed);
        expect(allowed, `operation ${at}, ${mode}`).toContain(state);
      }
    }
  });
});

describe('one failing call', { timeout: 240_000 }, () => {
  for (const fault of ['io', 'quota'] as const) {
    it(`fails one step with a typed error and costs nothing else (${fault})`, async () => {
      const { operations } = (await live(LIFE, MIXED, 0)).disk;
      for (let at = 1; at <= 2 * operations; at++) {
        const options = at > operations ? MIXED : SMALL;
        const run = await live(LIFE, options, at, { at: at > operations ? at - operations : at, fault });
        for (const { error } of run.errors) {
          expect(error).toMatchObject({ name: 'StoreError', code: fault === 'io' ? 'io' : 'quota-exceeded' });
        }
        expect(run.errors.length).toBeLessThanOrEqual(1);
        const notebook = run.notebook!;
        expect(await notebook.state(), `operation ${at}`).toBe(notebook.summary());
        // The power goes before anything is closed.
        for (const mode of CRASH_MODES) {
          const allowed = [
            notebook.summary(),
            ...(run.errors.at(-1)?.step === LIFE.at(-1) ? [run.pending!] : []),
          ];
          await checkSurvivors(run.disk.image(mode), options, allowed, `operation ${at}, ${mode}`);
        }
        await notebook.store.close();
        await checkSurvivors(
          run.disk.image('forgotten'),
          options,
          [notebook.summary()],
          `operation ${at}, closed`,
        );
      }
    });
  }

  it('of a flush does not lose the blobs that waited for it', async () => {
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    for (let at = 5; at < 16; at++) {
      const disk = new FaultFileSystem(seededRandom(at), { at, fault: 'io' });
      const store = await openStoreOn('test', disk, SMALL);
      const put = (): Promise<BlobRef[]> => store.putBlobs([text('one'), text('two')]);
      const refs = await put().catch(put);
      // Whichever call fails, another attempt names the same blobs.
      await store.append([text('first attempt')]).catch(() => undefined);
      const attempt = (): Promise<number> => store.append([text('another attempt')]);
      await attempt().catch(attempt);
      const again = await openStoreOn('test', memoryWith(disk.image('forgotten')), SMALL);
      expect(await again.getBlob(refs[0]!), `operation ${at}`).toEqual(text('one'));
      expect(await again.getBlob(refs[1]!), `operation ${at}`).toEqual(text('two'));
    }
  });

  it('loses nothing acknowledged with relaxed durability', async () => {
    for (const room of [SMALL, MIXED]) {
      const relaxed: StoreOptions = { ...room, durability: 'relaxed', flushDelay: 2 ** 30 };
      const { operations } = (await live(LIFE, relaxed, 0)).disk;
      for (let at = 1; at <= operations; at++) {
        const run = await live(LIFE, relaxed, at, { at, fault: 'io' });
        const { store } = run.notebook!;
        const summary = run.notebook!.summary();
        // Only the one call fails: what a flush says after it is true, whenever the power goes.
        await store.flush().catch(() => store.flush());
        await checkSurvivors(run.disk.image('forgotten'), relaxed, [summary], `operation ${at}, flushed`);
        await store.close();
        await checkSurvivors(run.disk.image('forgotten'), relaxed, [summary], `operation ${at}`);
      }
    }
  });
});

describe('a text and the record that names it', () => {
  const text = (length: number): Uint8Array => new Uint8Array(length).fill(length);

  /** Calls that a first text and its record cost, and a second. */
  async function callsFor(options: StoreOptions): Promise<number> {
    const disk = new FaultFileSystem(seededRandom(1));
    const store = await openStoreOn('test', disk, options);
    const addOne = async (): Promise<void> => {
      await store.putBlobs([text(100)]);
      await store.append([text(10)]);
    };
    await addOne();
    const before = disk.operations;
    await addOne();
    return disk.operations - before;
  }

  it('share one write and one flush', async () => {
    expect(await callsFor({})).toBe(2);
    expect(await callsFor({ inlineBlobBytes: 50 })).toBe(4);
  });

  it('need no flush at all with relaxed durability', async () => {
    expect(await callsFor({ durability: 'relaxed', flushDelay: 2 ** 30 })).toBe(1);
  });

  it('survive when a power cut takes the file of the text, and its number is not given away', async () => {
    const disk = new FaultFileSystem(seededRandom(1));
    const store = await openStoreOn('test', disk);
    const [first] = await store.putBlobs([text(100)]);
    await store.append([text(10)]);
    const image = disk.image('forgotten');
    expect([...image.keys()].filter((name) => name.startsWith('blobs'))).toEqual([]);
    const next = new FaultFileSystem(seededRandom(2), undefined, image);
    const reopened = await openStoreOn('test', next);
    expect(reopened.report.outcome).toBe('clean');
    const [second] = await reopened.putBlobs([text(200)]);
    expect(second![0]).toBe(first![0]);
    // Another power cut: the journal still has the first one.
    const third = await openStoreOn('test', memoryWith(next.image('forgotten')));
    expect(await third.getBlob(first!)).toEqual(text(100));
    await reopened.checkpoint(new Map());
    const last = await openStoreOn('test', memoryWith(next.image('forgotten')));
    expect(await last.getBlob(first!)).toEqual(text(100));
    expect(await last.getBlob(second!)).toEqual(text(200));
  });

  it('do not come back into a segment that was dropped', async () => {
    const disk = new FaultFileSystem(seededRandom(1));
    const store = await openStoreOn('test', disk);
    await store.putBlobs([text(100)]);
    const through = await store.append([text(10)]);
    await store.append([text(20)]);
    await store.checkpoint(new Map(), { segments: [], through, purge: true });
    const reopened = await openStoreOn('test', memoryWith(disk.image('killed')));
    expect(reopened.report.records).toBe(1);
    expect(reopened.segments.size).toBe(0);
  });
});

it('flushes relaxed appends within the delay', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const disk = new FaultFileSystem(seededRandom(1));
  const store = await openStoreOn('test', disk, { durability: 'relaxed', flushDelay: 100 });
  const records = async (): Promise<number> =>
    (await openStoreOn('test', memoryWith(disk.image('forgotten')))).report.records;
  await store.append([new Uint8Array(10)]);
  await store.append([new Uint8Array(10)]);
  expect(await records()).toBe(0);
  vi.advanceTimersByTime(99);
  expect(await records()).toBe(0);
  vi.advanceTimersByTime(1);
  // The disk takes turns, but no time.
  for (let turns = 0; turns < 500; turns++) await undefined;
  expect(await records()).toBe(2);
  // What is large does not wait for the timer.
  await store.append([new Uint8Array(5_000_000)]);
  expect(await records()).toBe(3);
  vi.useRealTimers();
  await store.close();
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      ids: ids(),
      version: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), ids: ids() }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'checkpoint' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'purge' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'compact' }) },
);

function ids(): fc.Arbitrary<number[]> {
  return fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
}

it('survives any life, any crash', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer(),
      fc.constantFrom<CrashMode>(...CRASH_MODES),
      fc.integer({ min: 200, max: 3000 }),
      fc.constantFrom(0, 100, 400, 65_536),
      async (steps, at, seed, mode, bytes, inlineBlobBytes) => {
        const options = { segmentBytes: bytes, journalBytes: bytes, inlineBlobBytes };
        const run = await live(steps, options, seed, { at, fault: 'crash' });
        const allowed = [run.acknowledged.at(-1) ?? '[]', ...(run.pending ? [run.pending] : [])];
        await checkSurvivors(run.disk.image(mode), options, allowed, mode);
      },
    ),
    { numRuns: 500 },
  );
});

it('keeps every acknowledged change of many that are under way together', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer(),
      fc.constantFrom<CrashMode>(...CRASH_MODES),
      fc.constantFrom(0, 300, 65_536),
      async (at, seed, mode, inlineBlobBytes) => {
        const options = { segmentBytes: 1500, journalBytes: 900, inlineBlobBytes };
        const disk = new FaultFileSystem(seededRandom(seed), { at, fault: 'crash' });
        const acknowledged = new Set<number>();
        const life = async (): Promise<void> => {
          const notebook = await Notebook.load(await openStoreOn('test', disk, options));
          const client = async (first: number): Promise<void> => {
            for (let id = first; id < first + 8; id++) {
              await notebook.add([id], 1);
              acknowledged.add(id);
            }
          };
          const keeper = async (): Promise<void> => {
            for (let i = 0; i < 5; i++) await notebook.checkpoint();
          };
          await Promise.all([client(0), client(10), client(20), client(30), keeper()]);
        };
        await life().catch((error: unknown) => {
          if (!disk.crashed) throw error;
        });
        const { notebook, store } = await stateOf(disk.image(mode), options);
        expect(store.report.findings.filter(({ severity }) => severity === 'loss')).toEqual([]);
        expect([...acknowledged].filter((id) => !notebook.notes.has(id))).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
});
