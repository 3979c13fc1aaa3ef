import {
  create,
  getByID,
  insert,
  insertMultiple,
  load,
  remove,
  save,
  search,
  update,
  upsert,
} from '@orama/orama';
import { describe, expect, it } from 'vitest';
import { burrow } from '../src/orama.ts';

const schema = {
  title: 'string',
  body: 'string',
  tags: 'enum[]',
  kind: 'enum',
  year: 'number',
  open: 'boolean',
  place: 'geopoint',
  meta: { author: 'string' },
  embedding: 'vector[3]',
} as const;

type Results = {
  count: number;
  hits: { id: string; score: number; document: Record<string, unknown> }[];
  facets?: never;
  groups?: never;
};

function database(documents: object[] = DOCUMENTS) {
  const db = create({ schema, plugins: [burrow() as never] });
  insertMultiple(db, documents as never);
  const find = async (params: object): Promise<Results> =>
    (await search(db, params as never)) as unknown as Results;
  const ids = async (params: object): Promise<string[]> => (await find(params)).hits.map((hit) => hit.id);
  return { db, find, ids };
}

const DOCUMENTS = [
  { id: '1', title: 'Red shoes', body: 'Running shoes in red', tags: ['sport', 'sale'], kind: 'shoe', year: 2020, open: true, place: { lat: 52.52, lon: 13.4 }, meta: { author: 'Ann' }, embedding: [1, 0, 0] },
  { id: '2', title: 'Blue shoes', body: 'Walking shoes in blue', tags: ['sport'], kind: 'shoe', year: 2021, open: false, place: { lat: 48.85, lon: 2.35 }, meta: { author: 'Bob' }, embedding: [0.8, 0.6, 0] },
  { id: '3', title: 'Green hat', body: 'A hat against the sun', tags: ['sale'], kind: 'hat', year: 2022, open: true, meta: { author: 'Ann' }, embedding: [0, 0, 1] },
]; // prettier-ignore

describe('what holds as in Orama', () => {
  it('keeps the typed schema: values of wrong types are refused, and nothing is stored', async () => {
    const { db, find } = database();
    expect(() => insert(db, { id: '9', title: 5 } as never)).toThrow(
      expect.objectContaining({ code: 'wrong-type', field: 'title' }),
    );
    expect(() => insert(db, { id: '9', title: 'x', embedding: [1, 2] } as never)).toThrow(
      expect.objectContaining({ code: 'wrong-dimensions' }),
    );
    expect(getByID(db, '9')).toBeUndefined();
    expect((await find({ term: '' })).count).toBe(3);
  });

  it('inserts, updates, upserts and removes', async () => {
    const { db, ids } = database();
    await update(db, '3', { id: '3', title: 'Yellow scarf' } as never);
    await upsert(db, { id: '4', title: 'Yellow coat' } as never);
    await remove(db, '1');
    expect((await ids({ term: 'yellow' })).sort()).toEqual(['3', '4']);
    expect(await ids({ term: 'red' })).toEqual([]);
    expect(await ids({ term: 'green' })).toEqual([]);
  });

  it.each([
    [{ year: { gt: 2020 } }, ['2', '3']],
    [{ year: { gte: 2021 } }, ['2', '3']],
    [{ year: { lt: 2021 } }, ['1']],
    [{ year: { lte: 2021 } }, ['1', '2']],
    [{ year: { eq: 2022 } }, ['3']],
    [{ year: { between: [2020, 2021] } }, ['1', '2']],
    [{ open: true }, ['1', '3']],
    [{ kind: { eq: 'hat' } }, ['3']],
    [{ kind: { in: ['hat', 'coat'] } }, ['3']],
    [{ kind: { nin: ['hat'] } }, ['1', '2']],
    [{ tags: { containsAll: ['sport', 'sale'] } }, ['1']],
    [{ tags: { containsAny: ['sale'] } }, ['1', '3']],
    [{ 'meta.author': 'ann' }, ['1', '3']],
    [{ title: ['red', 'green'] }, ['1', '3']],
    [{ place: { radius: { coordinates: { lat: 52.5, lon: 13.4 }, value: 10, unit: 'km' } } }, ['1']],
    [{ place: { polygon: { coordinates: [{ lat: 48, lon: 2 }, { lat: 48, lon: 3 }, { lat: 49, lon: 3 }, { lat: 49, lon: 2 }] } } }, ['2']],
    [{ and: [{ open: true }, { year: { gt: 2020 } }] }, ['3']],
    [{ or: [{ kind: { eq: 'hat' } }, { year: { eq: 2020 } }] }, ['1', '3']],
    [{ not: { open: true } }, ['2']],
  ])('filters by %j', async (where, expected) => {
    expect((await database().ids({ term: '', where })).sort()).toEqual(expected);
  }); // prettier-ignore

  it('counts facets, groups, sorts, keeps one per value', async () => {
    const { find, ids } = database();
    const facets = (
      await find({
        term: '',
        facets: { kind: {}, open: { true: true, false: true }, year: { ranges: [{ from: 2020, to: 2021 }] } },
      })
    ).facets;
    expect(facets).toMatchObject({
      kind: { values: { shoe: 2, hat: 1 } },
      open: { values: { true: 2, false: 1 } },
      year: { values: { '2020-2021': 2 } },
    });
    const { groups } = await find({ term: 'shoes', groupBy: { properties: ['open'] } });
    expect(groups).toHaveLength(2);
    expect(await ids({ term: '', sortBy: { property: 'year', order: 'DESC' } })).toEqual(['3', '2', '1']);
    expect(await ids({ term: 'shoes', distinctOn: 'kind' })).toHaveLength(1);
  });

  it('searches in some properties, with boosts, limit and offset', async () => {
    const { ids } = database();
    expect(await ids({ term: 'running', properties: ['title'] })).toEqual([]);
    expect(await ids({ term: 'red blue', boost: { title: 3 }, limit: 1, offset: 1 })).toHaveLength(1);
    expect(await ids({ term: 'sho' })).toHaveLength(2);
    expect(await ids({ term: 'shpes', tolerance: 1 })).toHaveLength(2);
  });

  it('runs hooks', async () => {
    const seen: string[] = [];
    const db = create({
      schema,
      plugins: [
        burrow() as never,
        { name: 'witness', afterInsert: (_: unknown, id: string) => void seen.push(id) } as never,
      ],
    });
    await insert(db, { id: 'x', title: 'hello' } as never);
    expect(seen).toEqual(['x']);
  });
});

describe('defects of Orama 3.1.18 that are gone', () => {
  const texts = (list: [string, string][]): object[] => list.map(([id, title]) => ({ id, title }));

  it('1: repetition counts', async () => {
    const { find } = database(
      texts([
        ['once', 'apple pear plum fig lime'],
        ['five', 'apple apple apple apple apple'],
      ]),
    );
    const { hits } = await find({ term: 'apple' });
    expect(hits.map((hit) => hit.id)).toEqual(['five', 'once']);
    expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score);
  });

  it('2: no score is negative, however often a word occurs', async () => {
    const { find } = database(
      texts([
        ['a', 'apple apple apple apple'],
        ['b', 'apple apple pear'],
      ]),
    );
    for (const hit of (await find({ term: 'apple' })).hits) expect(hit.score).toBeGreaterThan(0);
  });

  it('3: the score is BM25, with the length taken into account once', async () => {
    const { find } = database(
      texts([
        ['a', 'apple apple pear'],
        ['b', 'plum'],
      ]),
    );
    const [hit] = (await find({ term: 'apple', properties: ['title'] })).hits;
    const expected = (Math.log(1 + (2 - 1 + 0.5) / 1.5) * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 3) / 2));
    expect(hit!.score).toBeCloseTo(expected, 9);
  });

  it('4: a word is never beaten by longer words that start with it', async () => {
    const { ids } = database(
      texts([
        ['light', 'searchlight searchlight'],
        ['word', 'a long text about how to search for things in many places'],
        ['other', 'search again'],
      ]),
    );
    expect((await ids({ term: 'search' })).at(-1)).toBe('light');
  });

  it('5: threshold 0 keeps documents that also hold a variant', async () => {
    const { ids } = database(
      texts([
        ['all', 'search searching engine'],
        ['part', 'search'],
      ]),
    );
    expect(await ids({ term: 'search engine', threshold: 0 })).toEqual(['all']);
  });

  it('6: every script is searched, accents and signs are kept apart from nothing', async () => {
    const { ids } = database(
      texts([
        ['zh', '東京都に住んでいます'],
        ['ru', 'Быстрая лиса'],
        ['fr', 'so naïve'],
        ['cpp', 'written in C++'],
        ['c', 'written in C'],
      ]),
    );
    expect(await ids({ term: '東京' })).toEqual(['zh']);
    expect(await ids({ term: 'лиса' })).toEqual(['ru']);
    expect(await ids({ term: 'naive' })).toEqual(['fr']);
    expect((await ids({ term: 'C++' }))[0]).toBe('cpp');
  });

  it('7: Float32Array is a vector', async () => {
    const { db, ids } = database([]);
    await insert(db, { id: 'f', title: 'x', embedding: Float32Array.from([0, 1, 0]) } as never);
    expect(
      await ids({ mode: 'vector', vector: { value: Float32Array.from([0, 1, 0]), property: 'embedding' } }),
    ).toEqual(['f']);
  });

  it('8: searching leaves the stored vectors alone', async () => {
    const { db, find } = database();
    const vector = { value: [1, 0, 0], property: 'embedding' };
    const hit = (await find({ mode: 'vector', vector, similarity: 0 })).hits[0]!;
    expect(hit.document['embedding']).toBeNull();
    await find({ term: 'shoes' });
    await find({ term: 'shoes', mode: 'hybrid', vector });
    expect((getByID(db, '1') as unknown as { embedding: number[] }).embedding).toEqual([1, 0, 0]);
  });

  it('9: hybrid takes an empty term, a weight of zero, all similarities, sorting and distinct', async () => {
    const { find, ids } = database();
    const vector = { value: [0, 0.1, 1], property: 'embedding' };
    const empty = await find({ term: '', mode: 'hybrid', vector });
    expect(empty.hits.every((hit) => Number.isFinite(hit.score))).toBe(true);
    expect(
      (await ids({ term: 'shoes', mode: 'hybrid', vector, hybridWeights: { text: 0, vector: 1 } }))[0],
    ).toBe('3');
    expect(await ids({ term: 'shoes', mode: 'hybrid', vector })).toHaveLength(3);
    expect(
      await ids({ term: 'shoes', mode: 'hybrid', vector, sortBy: { property: 'year', order: 'ASC' } }),
    ).toEqual(['1', '2', '3']);
    expect(await ids({ term: 'shoes', mode: 'hybrid', vector, distinctOn: 'kind' })).toHaveLength(2);
  });

  it('10: 200,000 candidates do not overflow the stack', async () => {
    const { find } = database(texts(Array.from({ length: 200_000 }, (_, i) => [String(i), 'same'])));
    expect((await find({ term: 'same' })).count).toBe(200_000);
  });

  it('11: persistence is binary, versioned and checked', async () => {
    const { db } = database();
    const raw = save(db) as unknown as { index: Record<string, Uint8Array> };
    expect(Object.values(raw.index).every((section) => section instanceof Uint8Array)).toBe(true);
    const again = create({ schema, plugins: [burrow() as never] });
    load(again, raw as never);
    const results = (await search(again, { term: 'shoes' } as never)) as unknown as Results;
    expect(results.hits.map((hit) => hit.id).sort()).toEqual(['1', '2']);
    const damaged = { ...raw, index: { ...raw.index, words: raw.index['words']!.slice(0, -8) } };
    expect(() => load(create({ schema, plugins: [burrow() as never] }), damaged as never)).toThrow(
      expect.objectContaining({ code: 'snapshot-damaged' }),
    );
  });

  it('12: ids can be filtered by', async () => {
    expect(await database().ids({ term: '', where: { id: '2' } })).toEqual(['2']);
  });
});
