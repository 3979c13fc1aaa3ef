import { createIndex, loadIndex, type IndexOptions } from '@burrow/core';
import { create, insertMultiple, load, save, search, type AnyOrama, type AnySchema } from '@orama/orama';
import { openStore } from '@burrow/store-opfs';
import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { documentId, rowOf, type Corpus, type SearchQueries } from './search-types.ts';

const STORE = 'bench-kept';
const FILE = 'bench-orama.json';

/**
 * An index that was kept and is opened again, up to the first answer: Burrow's sections in its store, Orama's JSON in a file
 * of the same file system, and the mere reading of Burrow's bytes as the limit.
 */
export async function open({ corpus, queries }: { corpus: Corpus; queries: SearchQueries }): Promise<Engine> {
  const { texts, vectors, dimensions } = corpus;
  const options: IndexOptions = { vector: { dimensions }, texts: { read: ([, i]) => texts[i]! } };
  const index = createIndex(options);
  index.add(
    texts.map((text, i) => ({
      document: { id: documentId(i), text },
      vectors: rowOf(vectors, i, dimensions),
      locator: [0, i, text.length],
    })),
  );
  const store = await openStore(STORE);
  await store.checkpoint(index.snapshot());
  await store.close();

  const schema: AnySchema = { text: 'string', embedding: `vector[${dimensions}]` };
  const db = create({ schema }) as AnyOrama;
  await insertMultiple(
    db,
    texts.map((text, i) => ({ id: documentId(i), text, embedding: [...rowOf(vectors, i, dimensions)] })),
    1000,
  );
  const root = await navigator.storage.getDirectory();
  const cannot = await keep(root, db);

  const vector = rowOf(queries.vectors, 0, dimensions);
  const term = queries.terms.keyword[0]!;
  return {
    facts: { cannot },
    operations: {
      burrow: () =>
        timed(async () => {
          await using kept = await openStore(STORE);
          const opened = await loadIndex({ section: (name) => kept.section(name) }, options);
          await opened.search({ term, vector, mode: 'hybrid', passages: 0 });
        }),
      read: () =>
        timed(async () => {
          await using kept = await openStore(STORE);
          for (const name of kept.sections().keys()) await kept.section(name);
        }),
      Orama: () =>
        timed(async () => {
          const file = await (await root.getFileHandle(FILE)).getFile();
          const opened = create({ schema }) as AnyOrama;
          load(opened, JSON.parse(await file.text()));
          await search(opened, {
            mode: 'hybrid',
            term,
            vector: { value: [...vector], property: 'embedding' },
            similarity: 0,
          } as never);
        }),
    },
    async close() {
      if (cannot === '') await root.removeEntry(FILE);
      await (await openStore(STORE)).destroy();
    },
  };
}

/** Writes Orama's JSON; says why where it does not work: no string may be longer than 2^29 characters. */
async function keep(root: FileSystemDirectoryHandle, db: AnyOrama): Promise<string> {
  let json: string;
  try {
    json = JSON.stringify(save(db));
  } catch (error) {
    return `Orama cannot be saved as JSON: ${(error as Error).message}.`;
  }
  const writer = await (await root.getFileHandle(FILE, { create: true })).createWritable();
  await writer.write(json);
  await writer.close();
  return '';
}
