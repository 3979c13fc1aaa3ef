import type { DataSet, Figure, SuiteResult } from '../records/schema.ts';
import { bootstrapMedian, median } from '../statistics/summary.ts';
import type { CaseResult, Ratio, Series } from './types.ts';

/** Several browser processes of each case, put together to the figures of a suite. */
export function toSuiteResult(suite: string, processes: readonly CaseResult[]): SuiteResult {
  const figures = new Map<string, Figure>();
  const calibrations = new Map<string, number[]>();
  const add: Add = (figure, samples, calibration) => {
    const finite = samples.filter(Number.isFinite);
    if (finite.length === 0) return;
    let known = figures.get(figure.name);
    if (!known)
      figures.set(
        figure.name,
        (known = { ...figure, value: 0, low: 0, high: 0, samples: [], calibration: null }),
      );
    known.samples.push(finite.map(significant));
    calibrations.set(figure.name, [...(calibrations.get(figure.name) ?? []), ...calibration]);
  };
  for (const result of processes) {
    const data = result.data.map(dataKey).join(', ');
    for (const series of result.series) {
      const { name, unit, better, tags, aim, samples, timed = true } = series;
      add(
        { name, unit, better, tags, peer: null, aim: aim ?? null, data },
        samples,
        timed ? result.calibration : [],
      );
    }
    for (const ratio of result.ratios) addRatio(ratio, result, data, add);
  }
  for (const [name, figure] of figures) {
    const { low, high } = bootstrapMedian(figure.samples);
    figure.value = significant(median(figure.samples.flat()));
    figure.low = significant(low);
    figure.high = significant(high);
    const rates = calibrations.get(name)!;
    if (rates.length > 0) figure.calibration = significant(median(rates));
  }
  return {
    suite,
    data: unique(
      processes.flatMap(({ data }) => data),
      dataKey,
    ),
    figures: [...figures.values()],
    skipped: unique(
      processes.flatMap(({ skipped }) => skipped),
      ({ name, reason }) => name + reason,
    ),
    remarks: [...new Set(processes.flatMap(({ remarks }) => remarks))],
  };
}

type Add = (
  figure: Omit<Figure, 'value' | 'low' | 'high' | 'samples' | 'calibration'>,
  samples: number[],
  calibration: number[],
) => void;

/** A ratio has one sample for each repetition: both sides ran right after each other there. */
function addRatio(
  { name, ours, peer, aim, tags }: Ratio,
  { series, calibration }: CaseResult,
  data: string,
  add: Add,
): void {
  const [a, b] = [ours, peer].map((wanted) => series.find((one: Series) => one.name === wanted));
  if (!a || !b) return;
  const count = Math.min(a.samples.length, b.samples.length);
  const samples = Array.from({ length: count }, (_, i) =>
    a.better === 'higher' ? a.samples[i]! / b.samples[i]! : b.samples[i]! / a.samples[i]!,
  );
  add(
    { name, unit: '×', peer, aim: aim ?? null, better: 'higher', tags: { ...a.tags, ...tags }, data },
    samples,
    calibration,
  );
}

function dataKey({ name, sha256, items }: DataSet): string {
  return `${items} ${name} ${sha256.slice(0, 16)}`;
}

function significant(value: number): number {
  return Number(value.toPrecision(5));
}

function unique<T>(values: T[], key: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}
