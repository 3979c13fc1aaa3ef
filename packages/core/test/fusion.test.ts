import { describe, expect, it } from 'vitest';
import { createIndex } from '../src/index.ts';

const notes = [
  {
    id: 'passport',
    text: 'Passports are valid for ten years. For a new one, bring a photo to the town hall.',
  },
  { id: 'bread', text: 'Knead the dough for ten minutes, let it rise for an hour, bake it at 230 degrees.' },
  { id: 'rent', text: 'The deposit is paid back within two months, if nothing is broken in the flat.' },
  {
    id: 'bike',
    text: 'Turn the bicycle upside down, take the wheel out and look for the thorn in the tyre.',
  },
];

/** The notes, each with a direction of its own as vector. */
function index() {
  const made = createIndex({ schema: { text: 'string' }, vector: { dimensions: notes.length, weight: 0.4 } });
  made.add(
    notes.map((document, at) => ({
      document,
      vectors: Float32Array.from(notes, (_, dimension) => (dimension === at ? 1 : 0)),
    })),
  );
  return made;
}

/** A query vector near one note. */
function near(id: string): Float32Array {
  return Float32Array.from(notes, (note) => (note.id === id ? 0.8 : 0.2));
}

describe('calibrated fusion', () => {
  it('lets the vectors decide where the words found are function words', async () => {
    const { hits } = await index().search({
      term: 'how do I renew my travel papers for it',
      vector: near('passport'),
    });
    expect(hits[0]?.id).toBe('passport');
  });

  it('lets the vectors decide where no word was found', async () => {
    const { hits } = await index().search({
      term: 'travelling abroad',
      vector: near('passport'),
      explain: true,
    });
    expect(hits[0]?.id).toBe('passport');
    expect(hits[0]?.score).toBeGreaterThan(hits[1]!.score);
  });

  it('does not let vectors override words that cover the query', async () => {
    const { hits } = await index().search({ term: 'knead the dough', vector: near('bread') });
    expect(hits[0]?.id).toBe('bread');
    const odds = await index().search({ term: 'knead dough minutes', vector: near('rent') });
    expect(odds.hits[0]?.id).toBe('bread');
  });

  it('gives a model that is worth nothing no say', async () => {
    const made = createIndex({ schema: { text: 'string' }, vector: { dimensions: 2, weight: 0 } });
    made.add(notes.map((document) => ({ document, vectors: Float32Array.from([1, 0]) })));
    const { hits } = await made.search({ term: 'tyre', vector: Float32Array.from([1, 0]) });
    expect(hits[0]?.id).toBe('bike');
  });
});

describe('words that stand in for others', () => {
  it('are no longer words for a short finished one, but are for one that is still being typed', async () => {
    const finished = await index().search({ term: 'do photo' });
    expect(finished.hits.map(({ id }) => id)).toEqual(['passport']);
    const open = await index().search({ term: 'photo do' });
    expect(open.hits.map(({ id }) => id)).toContain('bread');
  });

  it('leave function words below words that say something, in a collection of any size', async () => {
    const { hits } = await index().search({ term: 'the flat for it' });
    expect(hits[0]?.id).toBe('rent');
  });
});
