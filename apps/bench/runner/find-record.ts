import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRecord } from '../src/records/migrate.ts';
import type { BenchRecord } from '../src/records/schema.ts';
import { HISTORY } from './write-record.ts';

/** A record by its file, or the newest one of a commit (by the first digits of its hash). */
export function findRecord(name: string): BenchRecord {
  for (const path of [resolve(process.env['INIT_CWD'] ?? '.', name), join(HISTORY, name)]) {
    if (existsSync(path)) return readRecord(JSON.parse(readFileSync(path, 'utf8')));
  }
  if (/^[0-9a-f]{4,40}$/.test(name)) {
    const files = existsSync(HISTORY)
      ? readdirSync(HISTORY)
          .filter((file) => file.endsWith('.json'))
          .sort()
      : [];
    for (const file of files.reverse()) {
      const record = readRecord(JSON.parse(readFileSync(join(HISTORY, file), 'utf8')));
      if (record.commit.hash.startsWith(name)) return record;
    }
  }
  throw new Error(
    `There is no record "${name}": give a file, its name under apps/bench/history, or the first digits of a commit.`,
  );
}
