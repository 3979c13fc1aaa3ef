import { StoreError } from '@burrow/store-opfs';
import { DocumentsFailedError, WorkerError, openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search, SearchDocument } from '@burrow/worker';
import { afterEach, describe, expect, it, vi } from 'vitest';

const opened: Search[] = [];

/** A new name for each test: nothing is shared between them. */
const freshName = (): string => `test-${crypto.randomUUID()}`;

async function open(options: OpenSearchOptions): Promise<Search> {
  const search = await openSearch(options);
  opened.push(search);
  return search;
}

/** Opens with a way to kill the worker, as a crash would. */
async function openKillable(name: string): Promise<{ search: Search; kill: () => void }> {
  const workers: Worker[] = [];
  const createWorker = (url: string): Worker => {
    const worker = new Worker(url, { type: 'module' });
    workers.push(worker);
    return worker;
  };
  return { search: await open({ name, createWorker }), kill: () => workers.at(-1)?.terminate() };
}

/** Resolves when the model is there: until then a query is answered by words after a while. */
async function modelReady(search: Search): Promise<void> {
  await vi.waitFor(async () => expect((await search.stats()).model.state).toBe('ready'), { timeout: 30_000 });
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close().catch(() => {})));
});

const notes: SearchDocument[] = [
  {
    id: 'cat',
    title: 'Feeding',
    text: 'Kittens eat small portions of wet food four times a day. Fresh water must always stand ready.',
  },
  {
    id: 'car',
    title: 'Garage',
    text: 'The automobile needs an oil change every fifteen thousand kilometres, and new brake pads.',
  },
  {
    id: 'tax',
    title: 'Revenue',
    text: 'Income declarations are due at the end of July. Late filing costs a fee.',
  },
];

describe('openSearch', () => {
  it('finds documents by words and by meaning, with passages and highlights', async () => {
    const search = await open({ name: freshName() });
    await expect(search.add(notes)).resolves.toEqual({ written: ['cat', 'car', 'tax'] });

    const byWord = await search.query('brake pads');
    expect(byWord.hits[0]?.id).toBe('car');
    const passage = byWord.hits[0]!.passages[0]!;
    const [start, end] = passage.highlights[0]!;
    expect(passage.text.slice(start, end).toLowerCase()).toBe('brake');

    const byMeaning = await search.query('repairing my vehicle');
    expect(byMeaning.mode).toBe('hybrid');
    expect(byMeaning.hits[0]?.id).toBe('car');
    expect(byMeaning.hits[0]?.vector?.rank).toBe(1);
  });

  it('compares many vectors with several threads, and finds the same', async () => {
    const search = await open({ name: freshName() });
    await search.add(notes);
    const before = await search.query('repairing my vehicle');
    expect((await search.stats()).scanThreads).toBe(1);
    // 6 MB of vectors with 256 dimensions.
    await search.add(
      Array.from({ length: 6300 }, (_, i) => ({
        id: `n${i}`,
        text: `Receipt number ${i} of the year ${1000 + i}`,
      })),
    );
    await vi.waitFor(
      async () => {
        await search.query('repairing my vehicle');
        expect((await search.stats()).scanThreads).toBeGreaterThan(1);
      },
      { timeout: 30_000 },
    );
    const { hits } = await search.query('repairing my vehicle');
    expect(hits[0]?.id).toBe('car');
    expect(hits[0]?.vector?.score).toBeCloseTo(before.hits[0]!.vector!.score, 6);
  });

  it('has everything again after it was closed and opened', async () => {
    const name = freshName();
    const first = await open({ name });
    await first.add(notes);
    await first.remove('tax');
    await first.update({ id: 'cat', text: 'Parrots like seeds and fruit.' });
    await first.close();

    const second = await open({ name });
    expect((await second.stats()).documents).toBe(2);
    await expect(second.get('cat')).resolves.toEqual({ id: 'cat', text: 'Parrots like seeds and fruit.' });
    await expect(second.get('car')).resolves.toEqual(notes[1]);
    await expect(second.get('tax')).resolves.toBeUndefined();
    await modelReady(second);
    expect((await second.query('what do birds eat')).hits[0]?.id).toBe('cat');
    expect((await second.stats()).storage).toMatchObject({ kind: 'opfs', recovery: [] });
  });

  it('gives keyword hits before the fused ones', async () => {
    const search = await open({ name: freshName() });
    await search.add(notes);
    const partial: string[] = [];
    const result = await search.query('oil change', { onPartial: (early) => partial.push(early.mode) });
    expect(partial).toEqual(['keyword']);
    expect(result.mode).toBe('hybrid');
  });

  it('filters and counts by the fields of its schema', async () => {
    const search = await open({ name: freshName(), schema: { year: 'number', kind: 'enum' } });
    await search.add([
      { id: 'a', text: 'a letter about winter', year: 2020, kind: 'letter' },
      { id: 'b', text: 'a report about winter', year: 2024, kind: 'report' },
    ]);
    const { hits } = await search.query('winter', { where: { year: { gte: 2022 } } });
    expect(hits.map(({ id }) => id)).toEqual(['b']);
    const { facets } = await search.query('winter', { facets: { kind: {} } });
    expect(facets?.['kind']?.values).toEqual({ letter: 1, report: 1 });
  });

  it('cuts a query of 10,000 words at the limit of the model and says so', async () => {
    const search = await open({ name: freshName() });
    await search.add(notes);
    const result = await search.query('kitten '.repeat(10_000));
    expect(result.hits[0]?.id).toBe('cat');
    expect(result.notices.map(({ code }) => code)).toContain('query-truncated');
  });

  it('keeps lone surrogates, in the text and in the query', async () => {
    const search = await open({ name: freshName() });
    const odd = { id: 'odd', text: 'broken \ud83d emoji \udc00 in a chat log' };
    await search.add(odd);
    await expect(search.get('odd')).resolves.toEqual(odd);
    expect((await search.query('emoji \ud83d')).hits[0]?.id).toBe('odd');
  });

  it('refuses less patience with a leader than one at work may be silent', async () => {
    for (const leaderTimeout of [0, 999, Number.NaN, -5]) {
      await expect(openSearch({ name: freshName(), leaderTimeout })).rejects.toMatchObject({
        name: 'WorkerError',
        code: 'invalid-options',
        message: expect.stringContaining('at least 1000 ms') as string,
      });
    }
    await open({ name: freshName(), leaderTimeout: 1000 });
  });

  it('refuses a bad name', async () => {
    await expect(openSearch({ name: '../notes' })).rejects.toMatchObject({
      name: 'WorkerError',
      code: 'invalid-options',
    });
  });
});

describe('bad documents', () => {
  it('cost themselves alone, each with its reason', async () => {
    const search = await open({ name: freshName(), schema: { year: 'number' }, maxTextLength: 5000 });
    await search.add(notes[0]!);
    const error = await search
      .add([
        { id: 'cat', text: 'a second cat' },
        { id: 'long', text: 'x '.repeat(3000) },
        { id: 'empty', text: '   ' },
        { id: 'wrong', text: 'wrong type', year: 'last year' },
        { id: 'fine', text: 'this one is fine', year: 2024 },
      ])
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DocumentsFailedError);
    const { code, failures, written } = error as DocumentsFailedError;
    expect(code).toBe('documents-failed');
    expect(written).toEqual(['fine']);
    expect(Object.fromEntries(failures.map((failure) => [failure.id, failure.code]))).toEqual({
      cat: 'duplicate-id',
      long: 'document-too-large',
      empty: 'no-text',
      wrong: 'wrong-type',
    });
    // What was there is untouched.
    await expect(search.get('cat')).resolves.toEqual(notes[0]);
    expect((await search.stats()).documents).toBe(2);
  });

  it('are named when they cannot even be sent to the worker', async () => {
    const search = await open({ name: freshName() });
    const error = await search
      .add([{ id: 'function', text: 'x', callback: () => {} }, notes[0]!])
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'invalid-document',
      written: ['cat'],
      failures: [{ id: 'function' }],
    });
  });
});

describe('abort', () => {
  it('stops a write; what was acknowledged stays, nothing else is there', async () => {
    const search = await open({ name: freshName() });
    const controller = new AbortController();
    const acknowledged = new Set<number>();
    const documents = Array.from({ length: 400 }, (_, i) => ({
      id: `d${i}`,
      text: `note number ${i} about rivers`,
    }));
    const adding = search.add(documents, {
      signal: controller.signal,
      onProgress: ({ documents: done }) => {
        acknowledged.add(done);
        if (done > 0) controller.abort(new Error('enough'));
      },
    });
    await expect(adding).rejects.toThrow('enough');
    const { documents: stored } = await search.stats();
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(400);
    await search.add({ id: 'after', text: 'still works' });
    expect((await search.stats()).documents).toBe(stored + 1);
  });

  it('rejects a query with the reason of its signal', async () => {
    const search = await open({ name: freshName() });
    await search.add(notes);
    const controller = new AbortController();
    const query = search.query('oil', { signal: controller.signal });
    controller.abort();
    await expect(query).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a worker that dies', () => {
  it('is started again; open calls are answered and acknowledged documents are there', async () => {
    const name = freshName();
    const { search, kill } = await openKillable(name);
    await search.add(notes);
    const restarted = new Promise((resolve) => search.on('restarted', resolve));
    const more = Array.from({ length: 200 }, (_, i) => ({
      id: `m${i}`,
      text: `meadow ${i} with wild flowers`,
    }));
    const adding = search.add(more);
    kill();
    await restarted;
    const { written } = await adding;
    expect(written.toSorted()).toEqual(more.map(({ id }) => id).toSorted());
    expect((await search.stats()).documents).toBe(203);
    expect((await search.query('brake pads')).hits[0]?.id).toBe('car');
  });

  it('that never started fails openSearch', async () => {
    const createWorker = (): Worker => new Worker('/no-such-worker.js', { type: 'module' });
    await expect(openSearch({ name: freshName(), createWorker })).rejects.toMatchObject({
      code: 'worker-failed',
    });
  });
});

describe('two tabs', () => {
  it('share one index: the second writes and searches through the first', async () => {
    const name = freshName();
    const leader = await open({ name });
    const follower = await open({ name });
    await follower.add(notes);
    expect((await leader.stats()).role).toBe('leader');
    expect((await follower.stats()).role).toBe('follower');
    expect((await leader.query('brake pads')).hits[0]?.id).toBe('car');
    const partial: string[] = [];
    await follower.query('oil', { onPartial: ({ mode }) => partial.push(mode) });
    expect(partial).toEqual(['keyword']);
    await expect(follower.add(notes[0]!)).rejects.toMatchObject({
      name: 'DocumentsFailedError',
      code: 'duplicate-id',
    });
  });

  it('hand over when the leader closes or is killed, without a call left open', async () => {
    const name = freshName();
    const first = await openKillable(name);
    const second = await open({ name });
    const third = await open({ name });
    await second.add(notes);
    first.kill();
    await first.search.close().catch(() => {});
    await third.add({ id: 'late', text: 'written after the leader was gone' });
    expect((await second.stats()).documents).toBe(4);
    await second.close();
    expect(await third.stats()).toMatchObject({ documents: 4, role: 'leader' });
  });
});

describe('closing', () => {
  it('settles what is under way and refuses what comes after', async () => {
    const search = await open({ name: freshName() });
    await search.close();
    await expect(search.query('x')).rejects.toBeInstanceOf(WorkerError);
    await expect(search.add(notes)).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('errors of the parts', () => {
  it('arrive with their class', async () => {
    const search = await open({ name: freshName() });
    await search.add(notes);
    const error = await search
      .query('x', { where: { nothing: { eq: 1 } } })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'SearchError' });
    expect(error).not.toBeInstanceOf(StoreError);
  });
});
