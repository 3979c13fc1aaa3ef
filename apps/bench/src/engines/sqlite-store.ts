import sqlite3InitModule, { type SqliteDatabase } from '@sqlite.org/sqlite-wasm';
import type { Engine } from '../harness/engine.ts';
import { timeWrites, type Durability, type StoreInput, type StoreRun } from './store-types.ts';

/** SQLite on its OPFS file system; strict is `synchronous = FULL`, relaxed `OFF`. */
export async function open({ durability }: { durability: Durability }): Promise<Engine> {
  const sqlite3 = await sqlite3InitModule({ print: () => undefined, printErr: () => undefined });
  if (!sqlite3.oo1.OpfsDb) throw new Error('SQLite has no OPFS here (it needs cross-origin isolation).');
  const path = `/bench-${durability}.sqlite`;
  const start = (): SqliteDatabase => {
    const db = new sqlite3.oo1.OpfsDb!(path, 'c');
    db.exec(
      `PRAGMA synchronous = ${durability === 'strict' ? 'FULL' : 'OFF'}; CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, text TEXT)`,
    );
    return db;
  };
  let db = start();
  return {
    facts: { version: sqlite3.version.libVersion },
    operations: {
      async write(input: StoreInput): Promise<StoreRun> {
        return timeWrites(input, (text) =>
          db.exec({ sql: 'INSERT INTO documents (text) VALUES (?)', bind: [text] }),
        );
      },
      async reopen(): Promise<{ milliseconds: number; count: number }> {
        db.close();
        const started = performance.now();
        db = start();
        const texts = db.selectValues('SELECT text FROM documents');
        return { milliseconds: performance.now() - started, count: texts.length };
      },
    },
    close: () => db.close(),
  };
}
