import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  incompleteBeta,
  logGamma,
  normalTwoSided,
  studentTwoSided,
} from '../../src/statistics/distributions.ts';
import { mannWhitney } from '../../src/statistics/mann-whitney.ts';
import { pairedTTest, randomisationTest } from '../../src/statistics/paired.ts';
import { ranks, spearman } from '../../src/statistics/ranks.ts';
import { bootstrapMedian, median, outliers, quantile } from '../../src/statistics/summary.ts';

describe('summary', () => {
  it('interpolates quantiles', () => {
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([])).toBeNaN();
  });

  it('finds outliers beyond 1.5 interquartile ranges', () => {
    // q1 = 2, q3 = 4: the fences are at -1 and 7.
    expect(outliers([1, 2, 3, 4, 8])).toEqual([4]);
    expect(outliers([1, 2, 3, 4, 7])).toEqual([]);
  });

  it('gives an interval that holds the median and repeats with its seed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 6 }), {
          minLength: 3,
          maxLength: 6,
        }),
        (groups) => {
          const once = bootstrapMedian(groups, { draws: 200 });
          expect(once).toEqual(bootstrapMedian(groups, { draws: 200 }));
          const all = groups.flat();
          expect(once.low).toBeGreaterThanOrEqual(Math.min(...all));
          expect(once.high).toBeLessThanOrEqual(Math.max(...all));
          expect(once.low).toBeLessThanOrEqual(once.high);
        },
      ),
      { numRuns: 30 },
    );
    expect(bootstrapMedian([[5, 5], [5]])).toEqual({ low: 5, high: 5 });
  });

  it('draws whole processes, so that one strange process widens the interval', () => {
    const { low, high } = bootstrapMedian([
      [10, 10, 10],
      [10, 10, 10],
      [20, 20, 20],
    ]);
    expect(low).toBe(10);
    expect(high).toBe(20);
  });
});

describe('distributions', () => {
  it('knows gamma where it is known', () => {
    expect(Math.exp(logGamma(5))).toBeCloseTo(24, 9);
    expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12);
  });

  it('knows the incomplete beta function in closed form', () => {
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(incompleteBeta(0.3, 2, 1)).toBeCloseTo(0.09, 12);
    expect(incompleteBeta(0.5, 7, 7)).toBeCloseTo(0.5, 12);
  });

  it('agrees with tables of Student and of the normal distribution', () => {
    expect(studentTwoSided(12.706, 1)).toBeCloseTo(0.05, 5);
    expect(studentTwoSided(2.228, 10)).toBeCloseTo(0.05, 4);
    expect(studentTwoSided(1, 1)).toBeCloseTo(0.5, 12); // Cauchy
    expect(normalTwoSided(1.959964)).toBeCloseTo(0.05, 6);
    expect(normalTwoSided(0)).toBeCloseTo(1, 6);
  });
});

describe('ranks', () => {
  it('shares ranks between equal values', () => {
    expect([...ranks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1]);
  });

  it('correlates by hand-computed cases', () => {
    expect(spearman([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    // 1 - 6 Σd² / (n (n² - 1)) with d = 1, 1, 0, 0, 0: 1 - 12 / 120
    expect(spearman([1, 2, 3, 4, 5], [2, 1, 3, 4, 5])).toBeCloseTo(0.9, 12);
    // Ranks 1, 2.5, 2.5 against 1, 2, 3: 1.5 / √(1.5 · 2)
    expect(spearman([1, 2, 2], [1, 2, 3])).toBeCloseTo(Math.sqrt(3) / 2, 12);
    expect(spearman([1, 1], [1, 2])).toBeNaN();
  });
});

describe('paired tests', () => {
  it('t test by hand: differences 1, 2, 3 give t = 2 √3 with 2 degrees', () => {
    // P = 1 - t / √(t² + 2) for 2 degrees of freedom
    const t = 2 * Math.sqrt(3);
    expect(pairedTTest([2, 4, 6], [1, 2, 3])).toBeCloseTo(1 - t / Math.sqrt(t * t + 2), 10);
    expect(pairedTTest([1, 2], [1, 2])).toBe(1);
    expect(() => pairedTTest([1], [1, 2])).toThrow(RangeError);
  });

  it('randomisation test by hand: of 2³ sign patterns only all plus and all minus reach the sum', () => {
    expect(randomisationTest([2, 4, 6], [1, 2, 3])).toBe(0.25);
    expect(randomisationTest([1, 1], [1, 1])).toBe(1);
    // Differences 3, -1: sums ±2, ±4, so every pattern is at least as far.
    expect(randomisationTest([3, 0], [0, 1])).toBe(1);
  });

  it('draws where patterns are too many, near the t test for many small differences', () => {
    const a = Array.from({ length: 60 }, (_, i) => Math.sin(i * 12.9898) + 0.3);
    const b = Array.from({ length: 60 }, () => 0);
    const p = randomisationTest(a, b, { draws: 20_000 });
    expect(Math.abs(p - pairedTTest(a, b))).toBeLessThan(0.02);
    expect(p).toBe(randomisationTest(a, b, { draws: 20_000 }));
  });
});

describe('Mann-Whitney', () => {
  it('is exact for small samples: 5 against 5 fully apart is 2 of 252 orders', () => {
    expect(mannWhitney([6, 7, 8, 9, 10], [1, 2, 3, 4, 5])).toEqual({ u: 25, p: 2 / 252, exact: true });
    // n = m = 2, U = 1: two of the six orders have U ≤ 1, so p = 2 · 2 / 6
    expect(mannWhitney([1, 3], [2, 4]).p).toBeCloseTo(4 / 6, 12);
  });

  it('handles ties by the normal approximation', () => {
    // U = 0.5 of 9; ties: one pair, so variance = 9/12 (7 - 6/30) = 5.1; z = (4 - 0.5) / √5.1 = 1.5498
    const { u, p, exact } = mannWhitney([1, 2, 3], [3, 4, 5]);
    expect({ u, exact }).toEqual({ u: 0.5, exact: false });
    expect(p).toBeCloseTo(0.12119, 4);
    expect(mannWhitney([1, 1], [1, 1]).p).toBe(1);
  });

  it('gives the same answer from both sides, and the exact counts agree with trying every order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 9 }),
        fc.integer({ min: 1, max: 8 }),
        (values, cut) => {
          const at = Math.min(cut, values.length - 1);
          const [a, b] = [values.slice(0, at), values.slice(at)];
          const { u, p } = mannWhitney(a, b);
          const other = mannWhitney(b, a);
          expect(other.p).toBeCloseTo(p, 12);
          expect(u + other.u).toBe(a.length * b.length);
          expect(p).toBeCloseTo(bruteForce(a, b), 9);
        },
      ),
    );
  });
});

/** Tries every way to choose which values belong to a. */
function bruteForce(a: number[], b: number[]): number {
  const all = [...a, ...b];
  const uOf = (x: number[], y: number[]): number =>
    x.reduce((sum, v) => sum + y.filter((w) => v > w).length, 0);
  const nearer = (u: number): number => Math.min(u, a.length * b.length - u);
  const seen = nearer(uOf(a, b));
  let [extreme, total] = [0, 0];
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const x = all.filter((_, i) => ((mask >>> i) & 1) === 1);
    if (x.length !== a.length) continue;
    total++;
    if (
      nearer(
        uOf(
          x,
          all.filter((_, i) => ((mask >>> i) & 1) === 0),
        ),
      ) <= seen
    )
      extreme++;
  }
  return extreme / total;
}
