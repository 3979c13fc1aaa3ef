import { create, insert, insertMultiple, search } from '@orama/orama';
import { describe, expect, it } from 'vitest';
import { pluginEmbeddings } from '../src/orama.ts';

const options = {
  embeddings: {
    defaultProperty: 'embeddings',
    onInsert: { generate: true, properties: ['title', 'about.text'] },
  },
};
const DOCUMENTS = [
  { title: 'Passports', about: { text: 'Apply for new travel papers at the town hall.' } },
  { title: 'Bread', about: { text: 'Knead flour, water and yeast; let it rise; bake.' } },
  { title: 'Football', about: { text: 'Eleven players try to score goals.' } },
];

describe('pluginEmbeddings, in place of @orama/plugin-embeddings', () => {
  it.each([256, 512, 128])('embeds documents and terms for a schema of vector[%i]', async (size) => {
    const db = create({
      schema: { title: 'string', about: { text: 'string' }, embeddings: `vector[${size}]` } as const,
      plugins: [await pluginEmbeddings(options)],
    });
    await insertMultiple(db, structuredClone(DOCUMENTS));
    const { hits } = await search(db, {
      term: 'baking a loaf of bread dough',
      mode: 'vector',
      similarity: 0,
    });
    expect(hits[0]!.document.title).toBe('Bread');
    const hybrid = await search(db, { term: 'travel', mode: 'hybrid', similarity: 0 });
    expect(hybrid.hits[0]!.document.title).toBe('Passports');
    expect((await search(db, { term: 'players' })).count).toBe(1);
  });

  it('says when the schema’s vectors are too short', async () => {
    const db = create({
      schema: { title: 'string', embeddings: 'vector[100]' } as const,
      plugins: [await pluginEmbeddings(options)],
    });
    await expect(insert(db, { title: 'x' })).rejects.toThrow(/vector\[100\]/);
  });
});
