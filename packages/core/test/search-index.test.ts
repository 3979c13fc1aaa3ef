import { describe, expect, it } from 'vitest';
import { createIndex, type Entry, loadIndex, SearchError } from '../src/index.ts';

const schema = {
  title: 'string',
  tags: 'enum[]',
  year: 'number',
  place: 'geopoint',
  author: { name: 'string' },
} as const;

function entry(id: string, text: string, fields: Record<string, unknown> = {}, vectors?: number[]): Entry {
  return { document: { id, text, ...fields }, ...(vectors && { vectors: Float32Array.from(vectors) }) };
}

function sample(): ReturnType<typeof createIndex> {
  const index = createIndex({ schema, vector: { dimensions: 3, space: 'model-a' } });
  index.add([
    entry(
      'a',
      'How to renew the passport in Berlin.',
      { title: 'Passport', tags: ['x'], year: 2020 },
      [1, 0, 0],
    ),
    entry(
      'b',
      'Extending your travel document',
      { tags: ['x', 'y'], year: 2021, place: { lat: 52.5, lon: 13.4 } },
      [0.9, 0.1, 0],
    ),
    entry('c', 'Growing tomatoes on a balcony', { author: { name: 'Ann Lee' } }, [0, 1, 0]),
  ]);
  return index;
}

describe('search', () => {
  it('finds by stem, and by meaning where no word is shared', async () => {
    const index = sample();
    expect((await index.search({ term: 'renewing passports' })).hits.map((hit) => hit.id)).toEqual(['a']);
    const hybrid = await index.search({ term: 'passport', vector: [1, 0, 0], space: 'model-a' });
    expect(hybrid.mode).toBe('hybrid');
    expect(hybrid.hits.map((hit) => hit.id)).toEqual(['a', 'b', 'c']);
    expect(hybrid.hits[0]!.passages[0]!.highlights).toEqual([[17, 25]]);
  });

  it('never compares vectors of another space, and says so', async () => {
    const result = await sample().search({ term: 'passport', vector: [1, 0, 0], space: 'model-b' });
    expect(result.mode).toBe('keyword');
    expect(result.notices.map((notice) => notice.code)).toEqual(['space-mismatch']);
    expect(result.hits.map((hit) => hit.id)).toEqual(['a']);
  });

  it('reads texts from the host where the host keeps them', async () => {
    const kept = 'The text lives elsewhere.';
    const index = createIndex({ texts: { read: async ([segment]) => (segment === 7 ? kept : '') } });
    const mutation = index.prepare({
      type: 'add',
      entries: [{ document: { id: 'k', text: kept }, locator: [7, 0, 25] }],
    });
    expect(new TextDecoder().decode(mutation.bytes)).not.toContain('elsewhere');
    index.apply(mutation);
    expect(index.memory.texts).toBe(0);
    const { hits } = await index.search({ term: 'lives' });
    expect(hits[0]!.passages[0]).toMatchObject({ text: kept, highlights: [[9, 14]] });
    const again = createIndex({ texts: { read: async () => kept } });
    await again.replay(mutation.bytes);
    expect((await again.search({ term: 'elsewhere' })).count).toBe(1);
  });

  it('says which text could not be read, and shows the hit all the same', async () => {
    const index = createIndex({ texts: { read: () => Promise.reject(new Error('disk gone')) } });
    index.add([{ document: { id: 'k', text: 'words here' }, locator: [0, 0, 0] }]);
    const result = await index.search({ term: 'words' });
    expect(result.hits.map((hit) => hit.id)).toEqual(['k']);
    expect(result.notices[0]).toMatchObject({ code: 'text-unreadable' });
  });
});

describe('changes', () => {
  it('updates in place, removes, and passes over unknown ids', async () => {
    const index = sample();
    index.update([entry('a', 'Changed altogether'), entry('d', 'Brand new')]);
    index.remove(['b', 'nobody']);
    expect([...index.ids()].sort()).toEqual(['a', 'c', 'd']);
    expect((await index.search({ term: 'passport' })).count).toBe(0);
    expect((await index.search({ term: 'changed' })).hits.map((hit) => hit.id)).toEqual(['a']);
    expect(index.vectorCount).toBe(1);
  });

  it('refuses a change as a whole', () => {
    const index = sample();
    const bad: [Entry[], string][] = [
      [[entry('n', 'fine'), entry('a', 'known')], 'duplicate-id'],
      [[entry('n', 'fine'), entry('n', 'twice')], 'duplicate-id'],
      [[entry('n', 'fine'), entry('m', '   ')], 'no-text'],
      [[entry('n', 'fine', {}, [1, 2])], 'wrong-dimensions'],
      [[entry('n', 'fine', {}, [1, Number.NaN, 2])], 'invalid-vector'],
      [[entry('n', 'fine', {}, [0, 0, 0])], 'invalid-vector'],
      [[entry('n', 'fine', { year: '2020' })], 'wrong-type'],
    ];
    for (const [entries, code] of bad) {
      expect(() => index.add(entries)).toThrow(expect.objectContaining({ name: 'SearchError', code }));
      expect(index.size).toBe(3);
    }
    expect(() => index.add([entry('n', 'fine')])).not.toThrow(SearchError);
  });

  it('survives a snapshot with all it holds', async () => {
    const index = sample();
    index.remove(['c']);
    const sections = index.snapshot();
    const again = await loadIndex(
      { section: async (name) => sections.get(name) },
      { schema, vector: { dimensions: 3, space: 'model-a' } },
    );
    const query = { term: 'passport document', vector: [1, 0, 0], facets: { tags: {} }, explain: true };
    expect(await again.search(query)).toEqual(await index.search(query));
    again.add([entry('c', 'tomatoes again', {}, [0, 0, 1])]);
    expect(again.size).toBe(3);
  });
});
