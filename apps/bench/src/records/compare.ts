import { findChanges, LEAST_EFFECT, LEAST_PROCESSES, machineClass, MOST_P, toTrends } from './trends.ts';
import type { BenchRecord, Figure } from './schema.ts';

/** One figure in two records. */
export interface ComparedFigure {
  suite: string;
  name: string;
  unit: string;
  before: number;
  after: number;
  /** Relative change of the median, after the machine's own change is taken out where the test says so. */
  effect: number;
  /** Undefined where the test cannot tell: too few processes, or a quick run. */
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
  // The later one is the second, whatever their dates are.
  const dated = [
    { ...before, date: '2000-01-01T00:00:00.000Z' },
    { ...after, date: '2000-01-02T00:00:00.000Z' },
  ];
  const changes = new Map(
    findChanges(toTrends(dated)).map((change) => [`${change.trend.suite}|${change.trend.name}`, change]),
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
      else
        comparison.figures.push(
          compareFigure(
            suite,
            match,
            figure,
            changes.get(`${suite}|${figure.name}`),
            before.quick || after.quick,
          ),
        );
    }
  }
  return comparison;
}

function compareFigure(
  suite: string,
  before: Figure,
  after: Figure,
  change: { effect: number; p: number; kind: 'regression' | 'improvement' } | undefined,
  quick: boolean,
): ComparedFigure {
  const { name, unit } = after;
  const effect = change?.effect ?? after.value / before.value - 1;
  const tested = !quick && [before, after].every(({ samples }) => samples.length >= LEAST_PROCESSES);
  // A count has no noise: any difference is one.
  const counted = before.calibration === null && after.calibration === null;
  const better = effect > 0 === (after.better === 'higher');
  const counts = effect === 0 ? 'same' : better ? 'improvement' : 'regression';
  const verdict = counted ? counts : change ? change.kind : tested ? 'same' : 'untested';
  return {
    suite,
    name,
    unit,
    before: before.value,
    after: after.value,
    effect: Number.isFinite(effect) ? effect : 0,
    p: change?.p,
    verdict,
  };
}

const number = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** A comparison as markdown, for a pull request. */
export function toMarkdown({ before, after, figures, refused }: Comparison): string {
  const lines = [
    `### Bench: ${before.commit.hash.slice(0, 8)} → ${after.commit.hash.slice(0, 8)}`,
    '',
    `${after.environment.cpu}, ${after.environment.cores} cores, ${after.environment.browser}.`,
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
    `${figures.length - told.length - untested} figures the same, ${untested} without a test (quick runs or few processes), ${refused.length} not compared.`,
  );
  for (const { name, reason } of refused.slice(0, 20)) lines.push(`- ${name}: ${reason}`);
  return `${lines.join('\n')}\n`;
}
