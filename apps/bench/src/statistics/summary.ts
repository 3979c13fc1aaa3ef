import { seededRandom } from './random.ts';

/** Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/** The middle value; the mean of the two middle ones for an even count. NaN for no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** NaN for no values. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export interface Interval {
  low: number;
  high: number;
}

export interface BootstrapOptions {
  /** Share of the draws that the interval holds. Default 0.95. */
  confidence?: number;
  /** Default 2000. */
  draws?: number;
  /** The same seed gives the same interval. Default 1. */
  seed?: number;
}

/**
 * Percentile bootstrap interval (Efron 1979) of the median. Samples come in groups, one for each browser process: groups
 * are drawn first and then samples within them, because samples of one process resemble each other.
 */
export function bootstrapMedian(
  groups: readonly (readonly number[])[],
  options: BootstrapOptions = {},
): Interval {
  const { confidence = 0.95, draws = 2000, seed = 1 } = options;
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length === 0) return { low: Number.NaN, high: Number.NaN };
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const medians: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const drawn: number[] = [];
    for (let i = 0; i < filled.length; i++) {
      const group = pick(filled);
      for (let j = 0; j < group.length; j++) drawn.push(pick(group));
    }
    medians.push(median(drawn));
  }
  const tail = (1 - confidence) / 2;
  return { low: quantile(medians, tail), high: quantile(medians, 1 - tail) };
}

/** Indices of values beyond 1.5 interquartile ranges (Tukey 1977). They are shown, never removed. */
export function outliers(values: readonly number[]): number[] {
  const q1 = quantile(values, 0.25);
  const q3 = quantile(values, 0.75);
  const reach = 1.5 * (q3 - q1);
  const found: number[] = [];
  values.forEach((value, i) => {
    if (value < q1 - reach || value > q3 + reach) found.push(i);
  });
  return found;
}
