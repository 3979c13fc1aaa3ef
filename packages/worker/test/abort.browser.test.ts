import { openSearch } from '@burrow/worker';
import type { Search, SearchDocument } from '@burrow/worker';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';

/** More than two slices of a write. */
const KNOWN = 150;
const NEW = 150;

/** A word that only this version of this document has. */
const wordOf = (i: number, version: number): string =>
  `qz${[...String(i)].map((digit) => 'bcdfghjklm'[Number(digit)]).join('')}x${'bcdf'[version]}zq`;
const documentOf = (i: number, version: number): SearchDocument => ({
  id: `d${i}`,
  text: `Letter ${wordOf(i, version)} about the mill. `.repeat(1 + (i % 4)),
});
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** What can be aborted, and the versions that each document may have afterwards, the wanted one last; undefined is "not there". */
const OPERATIONS = {
  add: {
    run: (search: Search, signal: AbortSignal) =>
      search.add(
        range(KNOWN, NEW).map((i) => documentOf(i, 1)),
        { signal },
      ),
    versions: (i: number) => (i < KNOWN ? [1] : [undefined, 1]),
  },
  update: {
    run: (search: Search, signal: AbortSignal) =>
      search.update(
        range(0, KNOWN + NEW).map((i) => documentOf(i, 2)),
        { signal },
      ),
    versions: (i: number) => (i < KNOWN ? [1, 2] : [undefined, 2]),
  },
  remove: {
    run: (search: Search, signal: AbortSignal) =>
      search.remove(
        range(0, KNOWN - 20).map((i) => `d${i}`),
        { signal },
      ),
    versions: (i: number) => (i >= KNOWN ? [undefined] : i < KNOWN - 20 ? [1, undefined] : [1]),
  },
  import: {
    run: (search: Search, signal: AbortSignal, backup: Blob) => search.import(backup, { signal }),
    versions: (i: number) => (i < 100 ? [1, 3] : i < KNOWN ? [1] : i < 250 ? [undefined, 3] : [undefined]),
  },
  compact: {
    run: (search: Search, signal: AbortSignal) => search.compact({ signal }),
    versions: (i: number) => (i < KNOWN ? [1] : [undefined]),
  },
} as const;

type Version = number | undefined;

/** Reads everything that is there; throws where two ways of asking do not agree. */
async function read(search: Search): Promise<Version[]> {
  const { documents: listed } = await search.list({ limit: 1000 });
  expect((await search.stats()).documents).toBe(listed.length);
  const ids = new Set(listed.map(({ id }) => id));
  expect(ids.size).toBe(listed.length);
  const versions: Version[] = [];
  for (const i of range(0, KNOWN + NEW)) {
    const document = await search.get(`d${i}`);
    expect(document !== undefined, `d${i}`).toBe(ids.has(`d${i}`));
    versions[i] = document && 'bcdf'.indexOf(/x(\w)zq/.exec(document.text)![1]!);
    if (document) expect(document).toEqual(documentOf(i, versions[i]!));
  }
  // Words of every version of some: found where they are, and nowhere else.
  for (const i of [0, 1, 63, 64, 128, 149, 150, 213, 214, 299]) {
    for (const version of [1, 2, 3]) {
      const { hits } = await search.query(wordOf(i, version), { mode: 'keyword', typos: 0, prefix: false });
      expect(
        hits.map(({ id }) => id),
        wordOf(i, version),
      ).toEqual(versions[i] === version ? [`d${i}`] : []);
    }
  }
  const { hits } = await search.query('a letter about the mill', {
    mode: 'vector',
    limit: 1000,
    passages: 0,
  });
  expect(new Set(hits.map(({ id }) => id))).toEqual(ids);
  return versions;
}

/** A worker whose messages, to and fro, are counted, so that something can be done at any one of them. */
function watched(worker: Worker, onMessage: () => void): Worker {
  const post = worker.postMessage.bind(worker) as (...message: unknown[]) => void;
  worker.postMessage = (...message: unknown[]) => {
    post(...message);
    onMessage();
  };
  worker.addEventListener('message', onMessage);
  return worker;
}

async function backupOf(version: number): Promise<Blob> {
  await using other = await openSearch({ name: `abort-${crypto.randomUUID()}`, model: 'hash' });
  await other.add([...range(0, 100), ...range(KNOWN, 100)].map((i) => documentOf(i, version)));
  return await new Response(other.export()).blob();
}

it(
  'aborting at any moment leaves each document as it was or as it was to be, for good',
  {
    timeout: 240_000,
  },
  async () => {
    const backup = await backupOf(3);
    let aborted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
        fc.nat(20),
        fc.constantFrom('strict' as const, 'relaxed' as const),
        async (kind, moment, durability) => {
          const name = `abort-${crypto.randomUUID()}`;
          let onMessage = (): void => {};
          const open = (): Promise<Search> =>
            openSearch({
              name,
              model: 'hash',
              durability,
              createWorker: (url) => watched(new Worker(url, { type: 'module' }), () => onMessage()),
            });
          const { run, versions } = OPERATIONS[kind];
          let before: Version[];
          {
            await using search = await open();
            await search.add(range(0, KNOWN).map((i) => documentOf(i, 1)));
            // So that a compaction has something to do.
            await search.add(documentOf(KNOWN, 1));
            await search.remove(`d${KNOWN}`);
            const controller = new AbortController();
            const reason = new Error('changed my mind');
            let left = moment;
            onMessage = () => left-- === 0 && controller.abort(reason);
            const outcome = await run(search, controller.signal, backup).then(
              () => 'done',
              (error: unknown) => error,
            );
            onMessage = () => {};
            if (outcome !== 'done') {
              expect(outcome).toBe(reason);
              aborted++;
            }
            // The caller is told at once; what was under way ends a little later.
            await vi.waitFor(async () => expect((await search.stats()).pendingWrites).toBe(0));
            before = await read(search);
            before.forEach((version, i) => expect(versions(i), `d${i}`).toContain(version));
            if (outcome === 'done') before.forEach((version, i) => expect(version).toBe(versions(i).at(-1)));
          }
          await using again = await open();
          expect(await read(again)).toEqual(before);
          // Whatever was left behind is in nobody's way.
          await run(again, new AbortController().signal, backup).catch((error: { code?: string }) => {
            expect(error.code).toBe('duplicate-id');
          });
          const after = await read(again);
          after.forEach((version, i) => expect(version, `d${i}`).toBe(versions(i).at(-1)));
          await again.clear();
        },
      ),
      { numRuns: 20 },
    );
    expect(aborted).toBeGreaterThan(0);
  },
);
