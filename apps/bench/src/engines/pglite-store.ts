import { PGlite } from '@electric-sql/pglite';
import type { Engine } from '../harness/engine.ts';
import { timeWrites, type Durability, type StoreInput, type StoreRun } from './store-types.ts';
import { writtenBytes } from './written-bytes.ts';

/** PGlite on OPFS (its access-handle pool); relaxed is its `relaxedDurability`. */
export async function open({ durability }: { durability: Durability }): Promise<Engine> {
  const start = (): Promise<PGlite> =>
    PGlite.create(`opfs-ahp://bench-pglite-${durability}`, { relaxedDurability: durability === 'relaxed' });
  let db = await start();
  await db.exec('CREATE TABLE IF NOT EXISTS documents (id serial PRIMARY KEY, text text)');
  return {
    facts: {},
    operations: {
      async write(input: StoreInput): Promise<StoreRun> {
        return timeWrites(input, (text) =>
          db.query('INSERT INTO documents (text) VALUES ($1)', [text.replaceAll('\u0000', '')]),
        );
      },
      async reopen(): Promise<{ milliseconds: number; count: number }> {
        await db.close();
        const started = performance.now();
        db = await start();
        const { rows } = await db.query('SELECT text FROM documents');
        return { milliseconds: performance.now() - started, count: rows.length };
      },
      async written(): Promise<number> {
        return writtenBytes();
      },
    },
    close: () => db.close(),
  };
}
