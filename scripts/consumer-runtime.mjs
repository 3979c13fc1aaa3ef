// What a program without a browser does with the packages; run by Node, Deno and Bun out of an installed copy.
import { createIndex, loadIndex } from '@burrow/core';
import { burrow } from '@burrow/core/orama';
import { createEmbedder } from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { create, insert, search } from '@orama/orama';

const texts = [
  'Renew a passport at the border office.',
  'A boat on the river in the rain.',
  'Baking bread with rye flour.',
];
const embedder = await createEmbedder({ model: staticEn });
const { data } = await embedder.embed(texts, { kind: 'document' });
const dimensions = data.length / texts.length;
const index = createIndex({ vector: { dimensions } });
index.add(
  texts.map((text, i) => ({
    document: { id: `d${i}`, text },
    vectors: data.slice(i * dimensions, (i + 1) * dimensions),
  })),
);
const query = {
  term: 'passports',
  vector: (await embedder.embed(['travel documents'], { kind: 'query' })).data,
};
const sections = index.snapshot();
const again = await loadIndex({ section: async (name) => sections.get(name) }, { vector: { dimensions } });
const found = await again.search(query);

const db = create({ schema: { text: 'string' }, plugins: [burrow()] });
await insert(db, { text: 'Hello, rivers.' });
const { count } = await search(db, { term: 'river' });

console.log(
  JSON.stringify({
    backend: embedder.backend.device,
    mode: found.mode,
    ids: found.hits.map(({ id }) => id),
    marked: found.hits[0].passages[0].highlights,
    orama: count,
  }),
);
index.dispose();
again.dispose();
await embedder.dispose();
