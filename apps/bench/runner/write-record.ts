import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRecord } from '../src/records/schema.ts';
import { validateRecord } from '../src/records/validate.ts';

/** Where records are kept. */
export const HISTORY: string = fileURLToPath(new URL('../history/', import.meta.url));

/** Writes a record under history/ and returns its path. The name sorts by date. */
export async function writeRecord(record: BenchRecord): Promise<string> {
  const faults = validateRecord(JSON.parse(JSON.stringify(record)));
  if (faults.length > 0)
    throw new Error(`The record is not valid and was not written: ${faults.join('; ')}.`);
  const name = `${record.date.slice(0, 19).replaceAll(':', '')}Z-${record.commit.hash.slice(0, 8)}.json`;
  await mkdir(HISTORY, { recursive: true });
  const path = join(HISTORY, name);
  await writeFile(path, `${JSON.stringify(record, undefined, 1)}\n`, { flag: 'wx' });
  return path;
}
