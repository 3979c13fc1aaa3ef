import { describe, expect, it } from 'vitest';
import { createIndex, loadIndex, type SearchQuery } from '../src/index.ts';

const schema = {
  title: 'string',
  year: 'number',
  tags: 'enum[]',
  place: 'geopoint',
  open: 'boolean',
} as const;

function sample(): ReturnType<typeof createIndex> {
  const index = createIndex({ schema, vector: { dimensions: 2 } });
  index.add([{ document: { id: 'a', text: 'some words', year: 1 }, vectors: [1, 0] }]);
  return index;
}

const cyclic: Record<string, unknown> = { id: 'n', text: 'words' };
cyclic['self'] = { cyclic };

describe('documents that are refused', () => {
  it.each([
    ['no id', { text: 'x' }, 'invalid-id', 'id'],
    ['an id that is no string', { id: 5, text: 'x' }, 'invalid-id', 'id'],
    ['a text that is no string', { id: 'n', text: 5 }, 'wrong-type', 'text'],
    ['nothing to find it by', { id: 'n', text: ' \n' }, 'no-text', 'text'],
    ['a number as a string', { id: 'n', text: 'x', year: '2020' }, 'wrong-type', 'year'],
    ['NaN', { id: 'n', text: 'x', year: Number.NaN }, 'wrong-type', 'year'],
    ['an object in a list', { id: 'n', text: 'x', tags: [{}] }, 'wrong-type', 'tags'],
    ['a place off the earth', { id: 'n', text: 'x', place: { lat: 91, lon: 0 } }, 'wrong-type', 'place'],
    ['metadata in a cycle', cyclic, 'invalid-document', 'self'],
    ['a BigInt', { id: 'n', text: 'x', big: 5n }, 'invalid-document', 'big'],
    [
      '__proto__ as a field',
      JSON.parse('{"id":"n","text":"x","__proto__":{"admin":true}}'),
      'unknown-field',
      '__proto__',
    ],
  ])('%s', (_, document, code, field) => {
    const index = sample();
    expect(() => index.add([{ document: document as never }])).toThrow(
      expect.objectContaining({ name: 'SearchError', code, field }),
    );
    expect([...index.ids()]).toEqual(['a']);
  });

  it.each([
    ['too short', [1], 'wrong-dimensions'],
    ['NaN', [1, Number.NaN], 'invalid-vector'],
    ['infinite', [1, Infinity], 'invalid-vector'],
    ['all zeros', [0, 0], 'invalid-vector'],
  ])('a vector that is %s, and a query with it', async (_, vectors, code) => {
    const index = sample();
    expect(() => index.add([{ document: { id: 'n', text: 'x' }, vectors }])).toThrow(
      expect.objectContaining({ code, id: 'n' }),
    );
    await expect(index.search({ vector: vectors })).rejects.toMatchObject({ code });
  });

  it.each([
    [[{ start: 0, end: 99 }]],
    [[{ start: 2, end: 1 }]],
    [
      [
        { start: 3, end: 4 },
        { start: 1, end: 2 },
      ],
    ],
    [[{ start: 0.5, end: 1 }]],
  ])('chunks %j', (chunks) => {
    expect(() => sample().add([{ document: { id: 'n', text: 'some text' }, chunks }])).toThrow(
      expect.objectContaining({ code: 'invalid-chunk' }),
    );
  });
});

describe('queries that are refused', () => {
  it.each<[object, string]>([
    [{ limit: -1 }, 'invalid-query'],
    [{ limit: 1.5 }, 'invalid-query'],
    [{ offset: -1 }, 'invalid-query'],
    [{ term: 5 }, 'invalid-query'],
    [{ mode: 'magic' }, 'invalid-query'],
    [{ fusion: { type: 'weighted', weight: 2 }, term: 'x', vector: [1, 0] }, 'invalid-query'],
    [{ where: { nope: 1 } }, 'unknown-field'],
    [{ where: JSON.parse('{"__proto__": 1}') }, 'unknown-field'],
    [{ where: { year: 'x' } }, 'invalid-filter'],
    [{ where: { year: { near: 5 } } }, 'invalid-filter'],
    [{ where: { year: { gt: '5' } } }, 'invalid-filter'],
    [{ where: { tags: { in: 'x' } } }, 'invalid-filter'],
    [{ where: { place: { radius: { value: 1 } } } }, 'invalid-filter'],
    [{ where: { and: 5 } }, 'invalid-filter'],
    [{ where: [] }, 'invalid-filter'],
    [{ facets: { nope: {} } }, 'unknown-field'],
    [{ sortBy: { field: 'nope' } }, 'unknown-field'],
    [{ sortBy: { field: 'tags' } }, 'invalid-query'],
    [{ boosts: { nope: 2 } }, 'unknown-field'],
    [{ fields: ['nope'], term: 'x' }, 'unknown-field'],
  ])('%j', async (query, code) => {
    await expect(sample().search(query as SearchQuery)).rejects.toMatchObject({ name: 'SearchError', code });
  });

  it('schemas with names that reach into prototypes, and unknown types', () => {
    for (const bad of [
      JSON.parse('{"__proto__":"string"}'),
      { constructor: 'string' },
      { a: 'text' },
      { a: { b: 'vector[3]' } },
    ]) {
      expect(() => createIndex({ schema: bad })).toThrow(expect.objectContaining({ code: 'invalid-schema' }));
    }
  });
});

describe('odd input that works', () => {
  it('finds __proto__, constructor and lone surrogates as words like any other', async () => {
    const index = createIndex();
    index.add([
      { document: { id: '__proto__', text: 'about __proto__ and constructor' } },
      { document: { id: 'broken \ud800', text: 'before \ud800 after \udc00end' } },
    ]);
    expect((await index.search({ term: '__proto__' })).hits.map((hit) => hit.id)).toEqual(['__proto__']);
    expect((await index.search({ term: 'toString hasOwnProperty' })).count).toBe(0);
    expect((await index.search({ term: 'after' })).hits[0]).toMatchObject({
      id: 'broken \ud800',
      passages: [{ text: 'before \ud800 after \udc00end' }],
    });
    const sections = index.snapshot();
    const again = await loadIndex({ section: async (name) => sections.get(name) });
    expect(again.has('broken \ud800')).toBe(true);
    expect(await again.text('broken \ud800')).toBe('before \ud800 after \udc00end');
  });

  it('takes a document of 1,000,000 terms', async () => {
    const index = createIndex({ text: { language: 'none' } });
    const text = Array.from({ length: 1_000_000 }, (_, i) => `w${i % 50_000}`).join(' ');
    index.add([{ document: { id: 'big', text } }, { document: { id: 'small', text: 'w7 only' } }]);
    const { hits } = await index.search({ term: 'w7', passages: 0 });
    expect(hits.map((hit) => hit.id).sort()).toEqual(['big', 'small']);
    expect((await index.search({ term: '"w41 w42 w43"', passages: 0 })).count).toBe(1);
  });

  it('cuts a query of 10,000 words, and says so', async () => {
    const result = await sample().search({
      term: Array.from({ length: 10_000 }, (_, i) => `q${i}`).join(' '),
    });
    expect(result.notices.map((notice) => notice.code)).toContain('query-cut');
  });

  it('refuses damaged bytes, whichever byte it is', async () => {
    const index = sample();
    const { bytes } = index.prepare({
      type: 'update',
      entries: [{ document: { id: 'b', text: 'more words' }, vectors: [0, 1] }],
    });
    for (let end = 0; end < bytes.length; end++) {
      await expect(index.replay(bytes.slice(0, end))).rejects.toMatchObject({ name: 'SearchError' });
    }
    const sections = index.snapshot();
    for (const [name, section] of sections) {
      for (let at = 0; at < section.length; at += Math.max(1, Math.floor(section.length / 40))) {
        const damaged = section.slice();
        damaged[at]! ^= 0x10;
        const source = { section: async (asked: string) => (asked === name ? damaged : sections.get(asked)) };
        await expect(loadIndex(source, { schema, vector: { dimensions: 2 } })).rejects.toMatchObject({
          name: 'SearchError',
        });
      }
    }
    expect([...index.ids()]).toEqual(['a']);
  });
});
