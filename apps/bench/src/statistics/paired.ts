import { studentTwoSided } from './distributions.ts';
import { seededRandom } from './random.ts';
import { mean } from './summary.ts';

function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length)
    throw new RangeError(`Paired samples need equal lengths, not ${a.length} and ${b.length}.`);
  return a.map((value, i) => value - b[i]!);
}

/** Two-sided p-value of the paired t test. 1 where no pair differs; NaN for fewer than two pairs. */
export function pairedTTest(a: readonly number[], b: readonly number[]): number {
  const d = differences(a, b);
  if (d.length < 2) return Number.NaN;
  const average = mean(d);
  let squares = 0;
  for (const value of d) squares += (value - average) ** 2;
  if (squares === 0) return average === 0 ? 1 : 0;
  const standardError = Math.sqrt(squares / (d.length - 1) / d.length);
  return studentTwoSided(average / standardError, d.length - 1);
}

export interface RandomisationOptions {
  /** Draws where there are too many sign patterns to try all. Default 100,000. */
  draws?: number;
  /** Default 1. */
  seed?: number;
}

const MOST_EXACT_PAIRS = 16;

/**
 * Two-sided p-value of Fisher's paired randomisation test on the mean difference (Smucker, Allan and Carterette 2007): the
 * share of sign patterns whose mean is at least as far from 0 as the one seen. Exact up to 16 pairs that differ, by seeded
 * draws above, where the pattern that was seen counts as one draw.
 */
export function randomisationTest(
  a: readonly number[],
  b: readonly number[],
  options: RandomisationOptions = {},
): number {
  const { draws = 100_000, seed = 1 } = options;
  const d = differences(a, b).filter((value) => value !== 0);
  const sum = (flip: (i: number) => boolean): number => {
    let total = 0;
    for (let i = 0; i < d.length; i++) total += flip(i) ? -d[i]! : d[i]!;
    return Math.abs(total);
  };
  if (d.length === 0) return 1;
  // Sums in another order differ in the last bits.
  const seen = sum(() => false) * (1 - 1e-12);
  let extreme = 0;
  if (d.length <= MOST_EXACT_PAIRS) {
    const patterns = 2 ** d.length;
    for (let pattern = 0; pattern < patterns; pattern++) {
      if (sum((i) => ((pattern >>> i) & 1) === 1) >= seen) extreme++;
    }
    return extreme / patterns;
  }
  const random = seededRandom(seed);
  for (let draw = 0; draw < draws; draw++) {
    if (sum(() => random() < 0.5) >= seen) extreme++;
  }
  return (extreme + 1) / (draws + 1);
}
