import { median } from '../statistics/summary.ts';
import { machineClass } from './points.ts';
import { isTestable, LEAST_EFFECT, LEAST_PROCESSES, MOST_P, testStep, type Measured } from './trends.ts';
import type { BenchRecord, Figure } from './schema.ts';
import { isTimed } from './units.ts';

/** One figure in two records. */
export interface ComparedFigure {
  suite: string;
  name: string;
  unit: string;
  before: number;
  after: number;
  /** Relative change of the median, after the machine's own change is taken out where the test says so. */
  effect: number;
  /** Undefined where there is no test: a count, too few processes, or a quick run against a full one. */
  p: number | undefined;
  verdict: 'regression' | 'improvement' | 'same' | 'untested';
}

export interface Comparison {
  before: BenchRecord;
  after: BenchRecord;
  figures: ComparedFigure[];
  /** What cannot be compared, and why. */
  refused: { name: string; reason: string }[];
}

/**
 * Two records, figure by figure. Figures of different data are refused.
 * @throws RangeError when the machines differ: nothing can be compared then but ratios, and those are in the records
 */
export function compareRecords(before: BenchRecord, after: BenchRecord): Comparison {
  const machines = [before, after].map(({ environment }) => machineClass(environment));
  if (machines[0] !== machines[1])
    throw new RangeError(
      `The records are of different machines and cannot be compared: ${machines.join(' and ')}.`,
    );
  const comparison: Comparison = { before, after, figures: [], refused: [] };
  for (const { suite, figures } of after.suites) {
    const old = before.suites.find((one) => one.suite === suite);
    if (!old) {
      comparison.refused.push({ name: suite, reason: 'the first record has no such suite' });
      continue;
    }
    for (const figure of figures) {
      const match = old.figures.find(({ name }) => name === figure.name);
      if (!match)
        comparison.refused.push({
          name: `${suite}: ${figure.name}`,
          reason: 'the first record has no such figure',
        });
      else if (match.data !== figure.data)
        comparison.refused.push({
          name: `${suite}: ${figure.name}`,
          reason: 'it was measured on other data',
        });
      else comparison.figures.push(compareFigure(suite, match, figure, before.quick === after.quick));
    }
  }
  return comparison;
}

function compareFigure(suite: string, before: Figure, after: Figure, alike: boolean): ComparedFigure {
  const { name, unit } = after;
  const common = { suite, name, unit, before: before.value, after: after.value };
  // A count has no noise: any difference is one.
  if (before.calibration === null && after.calibration === null && unit !== '×' && !isTimed(unit)) {
    const effect = before.value === after.value ? 0 : after.value / before.value - 1;
    const better = effect > 0 === (after.better === 'higher');
    const verdict = effect === 0 ? 'same' : better ? 'improvement' : 'regression';
    return { ...common, effect: Number.isFinite(effect) ? effect : 0, p: undefined, verdict };
  }
  const [from, to] = [before, after].map(toMeasured) as [Measured, Measured];
  const { effect, p, kind } = testStep(after, from, to);
  const tested = alike && isTestable(from) && isTestable(to);
  return {
    ...common,
    effect: Number.isFinite(effect) ? effect : 0,
    p: tested ? p : undefined,
    verdict: tested ? kind : 'untested',
  };
}

function toMeasured({ samples, calibration }: Figure): Measured {
  return { processes: samples.map(median), calibration };
}

const number = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** A comparison as markdown, for a pull request. */
export function toMarkdown({ before, after, figures, refused }: Comparison): string {
  const lines = [
    `### Bench: ${before.commit.hash.slice(0, 8)} → ${after.commit.hash.slice(0, 8)}`,
    '',
    `${machineClass(after.environment)}, ${after.environment.browser}${after.quick ? ', quick runs' : ''}.`,
    `A step counts where Mann-Whitney over at least ${LEAST_PROCESSES} browser processes a side gives p < ${MOST_P} and the effect is at least ${LEAST_EFFECT * 100} %.`,
    '',
  ];
  const told = figures.filter(({ verdict }) => verdict === 'regression' || verdict === 'improvement');
  if (told.length === 0) lines.push('No step.');
  else {
    lines.push('| figure | before | after | change | |', '|---|--:|--:|--:|---|');
    for (const { suite, name, unit, before: a, after: b, effect, p, verdict } of told) {
      const test = p === undefined ? '' : `, p = ${p.toPrecision(2)}`;
      lines.push(
        `| ${suite}: ${name} | ${number(a)} ${unit} | ${number(b)} ${unit} | ${effect < 0 ? '−' : '+'}${number(Math.abs(effect) * 100)} % | ${verdict}${test} |`,
      );
    }
  }
  const untested = figures.filter(({ verdict }) => verdict === 'untested').length;
  lines.push(
    '',
    `${figures.length - told.length - untested} figures the same, ${untested} without a test (too few processes, or a quick run against a full one), ${refused.length} not compared.`,
  );
  for (const { name, reason } of refused.slice(0, 20)) lines.push(`- ${name}: ${reason}`);
  return `${lines.join('\n')}\n`;
}
