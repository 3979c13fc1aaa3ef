import { readRecord } from '../records/migrate.ts';
import { inOrder } from '../records/points.ts';
import type { BenchRecord } from '../records/schema.ts';

/** The records of the repository, each in a file of its own that the build makes. */
const FILES = import.meta.glob('../../history/*.json', { import: 'default' });

export interface History {
  /** Oldest commit first. */
  records: BenchRecord[];
  /** Files that could not be read, and why. */
  unreadable: { file: string; reason: string }[];
}

/** Reads every record; one that cannot be read does not hide the others. */
export async function loadHistory(): Promise<History> {
  const history: History = { records: [], unreadable: [] };
  await Promise.all(
    Object.entries(FILES).map(async ([file, load]) => {
      try {
        history.records.push(readRecord(await load()));
      } catch (error) {
        history.unreadable.push({
          file: file.slice(file.lastIndexOf('/') + 1),
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }),
  );
  return { ...history, records: inOrder(history.records) };
}
