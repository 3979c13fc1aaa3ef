import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { searchEngine } from './search-engine.ts';
import { documentId, groupOf, LIMIT, rowOf, type SearchKind, type SearchQueries } from './search-types.ts';

const ROWS = 200;
const BY_WORDS = `SELECT id FROM documents, to_tsquery('english', $1) query WHERE words @@ query ORDER BY ts_rank(words, query) DESC LIMIT $2`;
const BY_VECTOR = 'SELECT id FROM documents ORDER BY embedding <=> $1 LIMIT $2';
/** Reciprocal rank fusion in SQL, as pgvector's documentation advises. */
const hybrid = (where: string): string => `
  WITH v AS (SELECT id, rank() OVER (ORDER BY embedding <=> $1) place FROM documents ${where} ORDER BY embedding <=> $1 LIMIT 100),
  k AS (SELECT id, rank() OVER (ORDER BY ts_rank(words, query) DESC) place FROM documents, to_tsquery('english', $2) query
        ${where ? `${where} AND` : 'WHERE'} words @@ query ORDER BY ts_rank(words, query) DESC LIMIT 100)
  SELECT coalesce(v.id, k.id) id FROM v FULL JOIN k ON v.id = k.id
  ORDER BY coalesce(1.0 / (60 + v.place), 0) + coalesce(1.0 / (60 + k.place), 0) DESC LIMIT $3`;

/** PGlite in memory: full-text search with a GIN index, exact vector search with pgvector. */
export async function open(): Promise<Engine> {
  const db = await PGlite.create({ extensions: { vector } });
  await db.exec('CREATE EXTENSION vector');
  let dimensions = 0;

  async function find(kind: SearchKind, { terms, vectors }: SearchQueries, i: number): Promise<string[]> {
    const query = (words: string, last = ''): string =>
      words
        .split(' ')
        .map((word) => word + last)
        .join(' | ');
    const embedding = `[${rowOf(vectors, i, dimensions).join()}]`;
    const [sql, parameters] = {
      keyword: [BY_WORDS, [query(terms.keyword[i]!), LIMIT]],
      prefix: [BY_WORDS, [query(terms.prefix[i]!, ':*'), LIMIT]],
      typo: [BY_WORDS, [query(terms.typo[i]!), LIMIT]],
      vector: [BY_VECTOR, [embedding, LIMIT]],
      hybrid: [hybrid(''), [embedding, query(terms.keyword[i]!), LIMIT]],
      filtered: [hybrid('WHERE "group" = 3'), [embedding, query(terms.keyword[i]!), LIMIT]],
    }[kind] as [string, unknown[]];
    return (await db.query<{ id: string }>(sql, parameters)).rows.map(({ id }) => id);
  }

  return searchEngine({
    build({ texts, vectors, dimensions: length }) {
      dimensions = length;
      return timed(async () => {
        await db.exec(`CREATE TABLE documents (id text PRIMARY KEY, text text, "group" int, embedding vector(${length}),
          words tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED)`);
        for (let from = 0; from < texts.length; from += ROWS) {
          const part = texts.slice(from, from + ROWS);
          const places = part
            .map((_, i) => `($${i * 4 + 1}, $${i * 4 + 2}, $${i * 4 + 3}, $${i * 4 + 4})`)
            .join();
          const values = part.flatMap((text, i) => {
            const at = from + i;
            const embedding = `[${rowOf(vectors, at, length).join()}]`;
            return [documentId(at), text.replaceAll('\u0000', ''), groupOf(at), embedding];
          });
          await db.query(`INSERT INTO documents (id, text, "group", embedding) VALUES ${places}`, values);
        }
        await db.exec('CREATE INDEX ON documents USING gin (words)');
      });
    },
    find,
    close: () => db.close(),
  });
}
