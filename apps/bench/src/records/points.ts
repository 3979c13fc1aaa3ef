import type { BenchRecord, Environment } from './schema.ts';

/** The machine behind figures: only those of one class are compared. */
export function machineClass({ cpu, cpuFeatures, cores, os }: Environment): string {
  const special = (cpuFeatures ?? []).filter((feature) => /vnni|i8mm/.test(feature)).map(wordOf);
  const name = cpuFeatures === null ? cpu : `${cpu} (${special.join(', ') || 'no 8-bit products'})`;
  return `${name}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${os.split(',')[0]}`;
}

function wordOf(feature: string): string {
  return { avx_vnni: 'AVX-VNNI', avx512_vnni: 'AVX-512 VNNI' }[feature] ?? feature;
}

/** Oldest commit first, and of one commit the oldest run first: the order of points in time. */
export function inOrder(records: readonly BenchRecord[]): BenchRecord[] {
  return records.toSorted(
    (a, b) =>
      compareText(a.commit.date, b.commit.date) ||
      compareText(a.commit.hash, b.commit.hash) ||
      compareText(a.date, b.date),
  );
}

/**
 * One record of several runs of one commit: each suite as it was measured last. Runs on other machines than the newest are
 * left out, and quick ones where the newest is not.
 * @throws RangeError for no records
 */
export function mergeRuns(records: readonly BenchRecord[]): BenchRecord {
  const newest = inOrder(records).at(-1);
  if (!newest) throw new RangeError('There is no run to merge.');
  const alike = inOrder(records).filter(
    ({ environment, quick, commit }) =>
      machineClass(environment) === machineClass(newest.environment) &&
      quick === newest.quick &&
      commit.hash === newest.commit.hash,
  );
  const suites = new Map(alike.flatMap((record) => record.suites.map((suite) => [suite.suite, suite])));
  return { ...newest, suites: [...suites.values()] };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
