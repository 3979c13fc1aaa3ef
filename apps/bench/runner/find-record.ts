import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRecord } from '../src/records/migrate.ts';
import { mergeRuns } from '../src/records/points.ts';
import type { BenchRecord } from '../src/records/schema.ts';
import { HISTORY } from './write-record.ts';

/** A record by its file, or all runs of a commit (by the first digits of its hash) as one. */
export function findRecord(name: string): BenchRecord {
  for (const path of [resolve(process.env['INIT_CWD'] ?? '.', name), join(HISTORY, name)]) {
    if (existsSync(path)) return readRecord(JSON.parse(readFileSync(path, 'utf8')));
  }
  const runs = /^[0-9a-f]{4,40}$/.test(name)
    ? readHistory().filter(({ commit }) => commit.hash.startsWith(name))
    : [];
  if (runs.length > 0) return mergeRuns(runs);
  throw new Error(
    `There is no record "${name}": give a file, its name under apps/bench/history, or the first digits of a commit.`,
  );
}

function readHistory(): BenchRecord[] {
  if (!existsSync(HISTORY)) return [];
  return readdirSync(HISTORY)
    .filter((file) => file.endsWith('.json'))
    .map((file) => readRecord(JSON.parse(readFileSync(join(HISTORY, file), 'utf8'))));
}
