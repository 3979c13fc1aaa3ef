import { openSearch } from '@burrow/worker';
import { encode, type StoreRun } from '../engines/store-types.ts';
import { firstLine } from '../harness/first-line.ts';
import { Realm } from '../harness/realm.ts';
import { emptyResult, type BenchCase, type CaseResult } from '../harness/types.ts';
import { STORES } from './store-sides.ts';
import { loadPassages } from './surroundings.ts';

const KEPT = 'kept for each document';
const WRITTEN = 'written for each document';
/** These write in the worker that is asked, so what they write can be counted there. */
const COUNTED = new Set(['burrow', 'PGlite']);

/** What a document takes on the disk, and what is written for it until it is acknowledged. */
export const bytesCase: BenchCase = {
  name: 'bytes',
  title: 'Bytes on the disk, and bytes written, for each acknowledged document',
  async run({ quick, signal, onProgress }) {
    const { passages, data } = await loadPassages();
    const result = emptyResult();
    const count = quick ? 200 : 2000;
    result.data.push({ ...data, items: count });
    const documents = passages.slice(0, count);
    const add = (name: string, engine: string, bytes: number): void =>
      void result.series.push({
        name: `${engine}: ${name}`,
        unit: 'bytes',
        better: 'lower',
        samples: [bytes / count],
        timed: false,
        tags: { engine, axis: `bytes ${name}` },
      });
    add(
      'a document itself',
      'UTF-8 text',
      documents.reduce((sum, text) => sum + encode(text).length, 0),
    );
    for (const [at, [name, engine]] of STORES.entries()) {
      onProgress(at / (STORES.length + 1), name);
      try {
        const realm = await Realm.open(engine, { durability: 'strict' }, signal);
        try {
          // The first write makes what there is but once, tables and files.
          await realm.call<StoreRun>('write', { documents: ['The first document.'] });
          const counted = COUNTED.has(name);
          const [keptBefore, writtenBefore] = [
            await originBytes(),
            counted ? await realm.call<number>('written') : 0,
          ];
          await realm.call<StoreRun>('write', { documents });
          const kept = (await originBytes()) - keptBefore;
          if (kept > 0) add(KEPT, name, kept);
          else
            result.skipped.push({
              name: `${name}: ${KEPT}`,
              reason: 'no growth was told: it writes into what it had allocated before',
            });
          if (counted) add(WRITTEN, name, (await realm.call<number>('written')) - writtenBefore);
          else
            result.skipped.push({
              name: `${name}: ${WRITTEN}`,
              reason: 'it writes where a page cannot count',
            });
        } finally {
          await realm.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        result.skipped.push({
          name: `${name}, bytes`,
          reason: firstLine(error),
        });
      }
    }
    onProgress(STORES.length / (STORES.length + 1), 'burrow with its index');
    add(KEPT, 'burrow with its index', await keptWithIndex(documents, signal));
    addRatios(result);
    return result;
  },
};

/** Growth of a whole index, with texts, words and vectors, after its upkeep. */
async function keptWithIndex(documents: string[], signal: AbortSignal): Promise<number> {
  await using search = await openSearch({ name: `bench-bytes-${crypto.randomUUID()}`, signal });
  await search.add([{ id: 'first', text: 'The first document.' }], { signal });
  await search.compact({ signal });
  const before = (await search.stats()).storage.stored;
  const { written } = await search.add(
    documents.map((text, i) => ({ id: `document ${i}`, text })),
    { signal },
  );
  if (written.length !== documents.length)
    throw new Error(`${written.length} of ${documents.length} documents were written.`);
  await search.compact({ signal });
  const after = (await search.stats()).storage.stored;
  await search.clear();
  return after - before;
}

function addRatios({ series, ratios }: CaseResult): void {
  for (const measure of [KEPT, WRITTEN]) {
    for (const [peer] of STORES.slice(1)) {
      if (!series.some(({ name }) => name === `${peer}: ${measure}`)) continue;
      ratios.push({
        name: `bytes ${measure} against ${peer}`,
        ours: `burrow: ${measure}`,
        peer: `${peer}: ${measure}`,
      });
    }
  }
}

/**
 * Bytes of all files of the origin and of its IndexedDB. The lengths of files, not `estimate().usage` alone: Chromium
 * counts room that it has set aside for open files as used.
 */
async function originBytes(): Promise<number> {
  const { usageDetails } = (await navigator.storage.estimate()) as {
    usageDetails?: { indexedDB?: number };
  };
  return (usageDetails?.indexedDB ?? 0) + (await bytesUnder(await navigator.storage.getDirectory()));
}

async function bytesUnder(directory: FileSystemDirectoryHandle): Promise<number> {
  let sum = 0;
  for await (const handle of directory.values()) {
    sum +=
      handle.kind === 'directory'
        ? await bytesUnder(handle as FileSystemDirectoryHandle)
        : (await (handle as FileSystemFileHandle).getFile()).size;
  }
  return sum;
}
