import type { BenchRecord, Figure, SuiteResult } from '../records/schema.ts';

export interface NewestSuite {
  record: BenchRecord;
  result: SuiteResult;
}

/** The newest result of each suite; records come oldest first. */
export function newestSuites(records: readonly BenchRecord[]): NewestSuite[] {
  const newest = new Map<string, NewestSuite>();
  for (const record of records)
    for (const result of record.suites) newest.set(result.suite, { record, result });
  return [...newest.values()];
}

/** Whether a figure reaches its aim; undefined where there is none. */
export function reachesAim({
  aim,
  value,
  better,
}: Pick<Figure, 'aim' | 'value' | 'better'>): boolean | undefined {
  if (aim === null) return undefined;
  return better === 'higher' ? value >= aim : value <= aim;
}
