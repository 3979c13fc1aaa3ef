import { mannWhitney } from '../statistics/mann-whitney.ts';
import { median } from '../statistics/summary.ts';
import { inOrder, machineClass } from './points.ts';
import type { BenchRecord, Commit, Figure, Tags } from './schema.ts';

/** A figure of one commit, as a point in time. */
export interface TrendPoint {
  commit: Commit;
  /** When it was measured. */
  date: string;
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

/**
 * Figures of all records as series over time, one for each figure, machine and data set. A commit is one point, however many
 * runs it had: the newest of its full runs, else the newest.
 */
export function toTrends(records: readonly BenchRecord[]): Trend[] {
  const trends = new Map<string, Trend>();
  for (const { date, commit, quick, environment, suites } of inOrder(records)) {
    const machine = machineClass(environment);
    for (const { suite, figures } of suites) {
      for (const figure of figures) {
        const { name, unit, better, peer, aim, tags } = figure;
        // A WebGPU figure belongs to its adapter as well.
        const key = JSON.stringify([suite, name, machine, figure.data, tags['adapter']]);
        let trend = trends.get(key);
        if (!trend)
          trends.set(key, (trend = { suite, name, unit, better, peer, aim, tags, machine, points: [] }));
        const last = trend.points.at(-1);
        const again = last?.commit.hash === commit.hash;
        if (again && quick && !last.quick) continue;
        if (again) trend.points.pop();
        trend.points.push(toPoint(figure, date, commit, quick));
      }
    }
  }
  return [...trends.values()];
}

function toPoint(
  { value, low, high, samples, calibration }: Figure,
  date: string,
  commit: Commit,
  quick: boolean,
): TrendPoint {
  return { commit, date, quick, value, low, high, calibration, processes: samples.map(median) };
}

/**
 * Steps that are regressions or improvements: two-sided Mann-Whitney over the medians of at least 5 fresh processes on each
 * side, p < 0.05, and an effect of at least 10 %. Quick runs are held against quick runs only. Every step of a commit that
 * was measured is compared with the one measured before it.
 */
export function findChanges(trends: readonly Trend[]): Change[] {
  const changes: Change[] = [];
  for (const trend of trends) {
    for (const quick of [false, true]) {
      const points = trend.points.filter((point) => point.quick === quick && isTestable(point));
      for (let i = 1; i < points.length; i++) {
        const [from, to] = [points[i - 1]!, points[i]!];
        const step = testStep(trend, from, to);
        if (step.kind !== 'same') changes.push({ trend, from, to, ...step, kind: step.kind });
      }
    }
  }
  return changes;
}

/** Whether there are enough processes behind a point for the test. */
export function isTestable({ processes }: Pick<TrendPoint, 'processes'>): boolean {
  return processes.length >= LEAST_PROCESSES;
}

/** What is needed of a figure to test a step of it. */
export type Measured = Pick<TrendPoint, 'processes' | 'calibration'>;

/** The test of one step; see {@link findChanges}. */
export function testStep(
  figure: Pick<Trend, 'unit' | 'better'>,
  from: Measured,
  to: Measured,
): { effect: number; p: number; kind: Change['kind'] | 'same' } {
  const [before, after] = [normalised(figure, from, from), normalised(figure, to, from)];
  const effect = median(after) / median(before) - 1;
  const { p } = mannWhitney(after, before);
  if (!(p < MOST_P) || !(Math.abs(effect) >= LEAST_EFFECT)) return { effect, p, kind: 'same' };
  return { effect, p, kind: effect > 0 === (figure.better === 'higher') ? 'improvement' : 'regression' };
}

/** Values as they would be at the speed that the machine had at the reference. Ratios and counts stay as they are. */
function normalised(
  { unit, better }: Pick<Trend, 'unit' | 'better'>,
  { processes, calibration }: Measured,
  reference: Measured,
): number[] {
  if (unit === '×' || !calibration || !reference.calibration) return processes;
  const speed = calibration / reference.calibration;
  return processes.map((value) => (better === 'higher' ? value / speed : value * speed));
}
