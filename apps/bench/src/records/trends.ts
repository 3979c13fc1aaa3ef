import { mannWhitney } from '../statistics/mann-whitney.ts';
import { median } from '../statistics/summary.ts';
import type { BenchRecord, Environment, Figure, Tags } from './schema.ts';

/** One record's figure, as a point in time. */
export interface TrendPoint {
  date: string;
  commit: string;
  quick: boolean;
  value: number;
  low: number;
  high: number;
  /** Medians of the browser processes. */
  processes: number[];
  calibration: number | null;
}

/** One figure over time on one machine, measured on one set of data. */
export interface Trend {
  suite: string;
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  peer: string | null;
  aim: number | null;
  tags: Tags;
  machine: string;
  /** Oldest first. */
  points: TrendPoint[];
}

/** A step between two neighbouring points that is more than noise. */
export interface Change {
  trend: Trend;
  from: TrendPoint;
  to: TrendPoint;
  /** Relative change of the value, after the machine's own change (its calibration) is taken out. */
  effect: number;
  p: number;
  kind: 'regression' | 'improvement';
}

/** Least processes on each side: below 5 against 5 the test cannot reach 0.01. */
export const LEAST_PROCESSES = 5;
export const LEAST_EFFECT = 0.1;
export const MOST_P = 0.05;

/** The machine behind figures: only those of one class are compared. */
export function machineClass({ cpu, cores, os }: Environment): string {
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${os.split(',')[0]}`;
}

/** Figures of all records as series over time, one for each figure, machine and data set. */
export function toTrends(records: readonly BenchRecord[]): Trend[] {
  const trends = new Map<string, Trend>();
  const sorted = records.toSorted((a, b) => (a.date < b.date ? -1 : 1));
  for (const { date, commit, quick, environment, suites } of sorted) {
    const machine = machineClass(environment);
    for (const { suite, figures } of suites) {
      for (const figure of figures) {
        const { name, unit, better, peer, aim, tags } = figure;
        // A WebGPU figure belongs to its adapter as well.
        const key = JSON.stringify([suite, name, machine, figure.data, tags['adapter']]);
        let trend = trends.get(key);
        if (!trend)
          trends.set(key, (trend = { suite, name, unit, better, peer, aim, tags, machine, points: [] }));
        trend.points.push(toPoint(figure, date, commit.hash, quick));
      }
    }
  }
  return [...trends.values()];
}

function toPoint(
  { value, low, high, samples, calibration }: Figure,
  date: string,
  commit: string,
  quick: boolean,
): TrendPoint {
  return { date, commit, quick, value, low, high, calibration, processes: samples.map(median) };
}

/**
 * Steps that are regressions or improvements: two-sided Mann-Whitney over the medians of at least 5 fresh processes on each
 * side, p < 0.05, and an effect of at least 10 %. Quick runs are left out.
 */
export function findChanges(trends: readonly Trend[]): Change[] {
  const changes: Change[] = [];
  for (const trend of trends) {
    const points = trend.points.filter(
      ({ quick, processes }) => !quick && processes.length >= LEAST_PROCESSES,
    );
    for (let i = 1; i < points.length; i++) {
      const [from, to] = [points[i - 1]!, points[i]!];
      const [before, after] = [normalised(trend, from, from), normalised(trend, to, from)];
      const effect = median(after) / median(before) - 1;
      const { p } = mannWhitney(after, before);
      if (!(p < MOST_P) || !(Math.abs(effect) >= LEAST_EFFECT)) continue;
      const good = effect > 0 === (trend.better === 'higher');
      changes.push({ trend, from, to, effect, p, kind: good ? 'improvement' : 'regression' });
    }
  }
  return changes;
}

/** Values as they would be at the speed that the machine had at the reference. Ratios and counts stay as they are. */
function normalised(
  { unit, better }: Trend,
  { processes, calibration }: TrendPoint,
  reference: TrendPoint,
): number[] {
  if (unit === '×' || !calibration || !reference.calibration) return processes;
  const speed = calibration / reference.calibration;
  return processes.map((value) => (better === 'higher' ? value / speed : value * speed));
}
