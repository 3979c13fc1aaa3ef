import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toSuiteResult } from '../../src/harness/figures.ts';
import { emptyResult } from '../../src/harness/types.ts';
import { checkBudget, type BudgetEntry } from '../../src/records/budget.ts';
import { compareRecords, toMarkdown } from '../../src/records/compare.ts';
import { toCsv } from '../../src/records/export.ts';
import { migrate, readRecord, RecordError } from '../../src/records/migrate.ts';
import type { BenchRecord, Figure } from '../../src/records/schema.ts';
import { qualityPoints } from '../../src/records/quality.ts';
import { findChanges, toTrends } from '../../src/records/trends.ts';
import { validateRecord } from '../../src/records/validate.ts';

const history = fileURLToPath(new URL('../../history/', import.meta.url));

function figure(samples: number[][], more: Partial<Figure> = {}): Figure {
  return {
    name: 'rate',
    value: samples.flat()[0]!,
    unit: 'texts/s',
    peer: null,
    aim: null,
    better: 'higher',
    low: 1,
    high: 2,
    samples,
    calibration: 100,
    data: '3 texts',
    tags: {},
    ...more,
  };
}

function record(date: string, figures: Figure[], more: Partial<BenchRecord> = {}): BenchRecord {
  return {
    schema: 2,
    date,
    commit: { hash: 'a'.repeat(39) + date.at(9), date, subject: 'A change', dirty: false },
    runner: { hash: 'a'.repeat(40), dirty: false },
    environment: {
      browser: 'Chromium 1',
      os: 'Debian, Linux',
      cpu: 'A CPU',
      cpuFeatures: ['avx2', 'avx_vnni'],
      cores: 2,
      memoryBytes: 8e9,
      isolated: true,
      relaxedSimd: true,
      node: 'v20',
      versions: { '@burrow/embed': '0.1.0' },
    },
    quick: false,
    suites: [
      {
        suite: 'embed',
        data: [{ name: 'texts', sha256: '0'.repeat(64), items: 3 }],
        figures,
        skipped: [],
        remarks: [],
      },
    ],
    ...more,
  };
}

const five = (...values: number[]): number[][] => values.map((value) => [value]);
const before = record('2026-01-01T00:00:00.000Z', [figure(five(100, 101, 102, 103, 104))]);

describe('records', () => {
  it('are valid as they are written, and read back', () => {
    expect(validateRecord(before)).toEqual([]);
    expect(readRecord(JSON.parse(JSON.stringify(before)))).toEqual(before);
  });

  it('name each fault with its path', () => {
    const broken = JSON.parse(JSON.stringify(before)) as Record<string, unknown>;
    Object.assign(broken, { date: 'yesterday', commit: { hash: 'abc' } });
    (broken['suites'] as { figures: Figure[] }[])[0]!.figures.push(figure([[Number.NaN]]), figure([]));
    const faults = validateRecord(broken);
    for (const path of [
      'date:',
      'commit.hash:',
      'commit.date:',
      'suites[0].figures[1].samples[0][0]:',
      'suites[0].figures[1].name:',
      'suites[0].figures[2].samples:',
    ]) {
      expect(
        faults.some((fault) => fault.startsWith(path)),
        path,
      ).toBe(true);
    }
    expect(() => readRecord(broken)).toThrow(RecordError);
    expect(validateRecord(null)).toEqual(['record: is no object']);
  });

  it('of a newer schema are refused, older ones are taken step by step', () => {
    expect(() => readRecord({ ...before, schema: 99 })).toThrow(/schema 99.*Update/);
    expect(() => readRecord({})).toThrow(/names no schema/);
    const steps = {
      1: (old: Record<string, unknown>) => ({ ...old, b: 2 }),
      2: (old: Record<string, unknown>) => ({ ...old, c: old['b'] }),
    };
    expect(migrate({ schema: 1 }, steps, 3)).toEqual({ schema: 3, b: 2, c: 2 });
    expect(() => migrate({ schema: 1 }, {}, 2)).toThrow(/no way from schema 1/);
  });

  it('in the history are all valid', () => {
    for (const file of readdirSync(history).filter((name) => name.endsWith('.json'))) {
      expect(() => readRecord(JSON.parse(readFileSync(join(history, file), 'utf8'))), file).not.toThrow();
    }
  });

  it('become CSV with quotes where they are needed', () => {
    const csv = toCsv([
      record('2026-01-01T00:00:00.000Z', [figure([[1]], { name: 'a "b", c', tags: { model: 'x' } })]),
    ]);
    const [head, line] = csv.split('\r\n');
    expect(head!.split(',')).toHaveLength(18);
    expect(line).toContain('"a ""b"", c"');
    expect(line).toContain('model=x');
  });
});

describe('suite results', () => {
  it('keep every sample by process and compare sides repetition by repetition', () => {
    const side = (name: string, samples: number[]) => ({
      name,
      unit: 'texts/s',
      better: 'higher' as const,
      samples,
      tags: {},
    });
    const process = (a: number[], b: number[]) => ({
      ...emptyResult(),
      series: [side('a', a), side('b', b)],
      ratios: [{ name: 'a against b', ours: 'a', peer: 'b', aim: 2 }],
      calibration: [50],
    });
    const { figures } = toSuiteResult('embed', [process([10, 20], [5, 5]), process([30, 30], [10, 10])]);
    const ratio = figures.find(({ name }) => name === 'a against b')!;
    expect(ratio.samples).toEqual([
      [2, 4],
      [3, 3],
    ]);
    expect(ratio).toMatchObject({
      value: 3,
      unit: '×',
      peer: 'b',
      aim: 2,
      better: 'higher',
      calibration: 50,
    });
    expect(figures.find(({ name }) => name === 'a')!.value).toBe(25);
  });

  it('turn times around, so that a ratio above 1 is always good', () => {
    const side = (name: string, samples: number[]) => ({
      name,
      unit: 'ms',
      better: 'lower' as const,
      samples,
      tags: {},
    });
    const { figures } = toSuiteResult('store', [
      {
        ...emptyResult(),
        series: [side('a', [2]), side('b', [10])],
        ratios: [{ name: 'r', ours: 'a', peer: 'b' }],
      },
    ]);
    expect(figures.find(({ name }) => name === 'r')!.value).toBe(5);
  });
});

describe('changes over time', () => {
  const after = (values: number[], calibration = 100): BenchRecord =>
    record('2026-01-02T00:00:00.000Z', [figure(five(...values), { calibration })]);

  it('marks a drop of a fifth over five processes, with its commits', () => {
    const [change, ...others] = findChanges(toTrends([after([80, 81, 82, 83, 84]), before]));
    expect(others).toEqual([]);
    expect(change).toMatchObject({
      kind: 'regression',
      p: 2 / 252,
      from: { commit: { hash: before.commit.hash } },
    });
    expect(change!.effect).toBeCloseTo(82 / 102 - 1, 12);
  });

  it('stays silent for 5 %, for noise, for few processes and for quick runs', () => {
    for (const quiet of [
      after([95, 96, 97, 97.5, 98]),
      after([60, 101.5, 103.5, 140, 99]),
      after([50, 51, 52, 53]),
      { ...after([50, 51, 52, 53, 54]), quick: true },
    ]) {
      expect(findChanges(toTrends([before, quiet]))).toEqual([]);
    }
  });

  it('does not blame the code for a machine that became slower', () => {
    expect(findChanges(toTrends([before, after([50, 50.5, 51, 51.5, 52], 50)]))).toEqual([]);
    expect(findChanges(toTrends([before, after([100.5, 101.5, 102.5, 103.5, 104.5], 50)]))[0]).toMatchObject({
      kind: 'improvement',
    });
  });

  it('never compares machines, data or adapters with each other', () => {
    const slow = after([50, 51, 52, 53, 54]);
    const otherMachine = { ...slow, environment: { ...slow.environment, cores: 4 } };
    const otherData = record(slow.date, [figure(five(50, 51, 52, 53, 54), { data: '4 texts' })]);
    const otherAdapter = record(slow.date, [
      figure(five(50, 51, 52, 53, 54), { tags: { adapter: 'swiftshader' } }),
    ]);
    for (const other of [otherMachine, otherData, otherAdapter]) {
      expect(toTrends([before, other])).toHaveLength(2);
      expect(findChanges(toTrends([before, other]))).toEqual([]);
    }
  });
});

describe('comparing two records', () => {
  const slower = record('2026-01-02T00:00:00.000Z', [figure(five(80, 81, 82, 83, 84))]);

  it('tells steps by the same test, in markdown', () => {
    const comparison = compareRecords(before, slower);
    expect(comparison.figures).toMatchObject([{ name: 'rate', verdict: 'regression' }]);
    expect(toMarkdown(comparison)).toContain(
      '| embed: rate | 100 texts/s | 80 texts/s | −19.6 % | regression, p = 0.0079 |',
    );
    expect(toMarkdown(compareRecords(slower, before))).toContain('improvement');
  });

  it('refuses other data and other machines', () => {
    const otherData = record(slower.date, [figure(five(80, 81, 82, 83, 84), { data: 'other texts' })]);
    expect(compareRecords(before, otherData)).toMatchObject({
      figures: [],
      refused: [{ reason: 'it was measured on other data' }],
    });
    expect(() =>
      compareRecords(before, { ...slower, environment: { ...slower.environment, cpu: 'Another' } }),
    ).toThrow(/different machines/);
  });

  it('says where it cannot tell, and counts without a test', () => {
    const few = record(slower.date, [figure([[50]])]);
    expect(compareRecords(before, few).figures[0]!.verdict).toBe('untested');
    const bytes = (value: number): BenchRecord =>
      record(slower.date, [figure([[value]], { unit: 'bytes', better: 'lower', calibration: null, value })]);
    expect(compareRecords(bytes(100), bytes(101)).figures[0]!.verdict).toBe('regression');
    expect(compareRecords(bytes(100), bytes(100)).figures[0]!.verdict).toBe('same');
  });
});

describe('the budget', () => {
  const result = (value: number, unit = 'bytes'): BenchRecord['suites'] => [
    {
      suite: 'startup',
      data: [],
      figures: [figure([[value]], { name: 'all', unit, value })],
      skipped: [],
      remarks: [],
    },
  ];

  it('is broken above the most and below the least, and passes what was not measured', () => {
    expect(checkBudget([{ suite: 'startup', figure: 'all', most: 10 }], result(11))).toHaveLength(1);
    expect(checkBudget([{ suite: 'startup', figure: 'all', least: 12 }], result(11))).toHaveLength(1);
    expect(
      checkBudget(
        [
          { suite: 'startup', figure: 'all', most: 11 },
          { suite: 'other', figure: 'x', most: 0 },
        ],
        result(11),
      ),
    ).toEqual([]);
  });

  it('takes no times', () => {
    for (const unit of ['ms', 'texts/s', 'GB/s'])
      expect(() => checkBudget([{ suite: 'startup', figure: 'all', most: 10 }], result(1, unit))).toThrow(
        /stable/,
      );
  });

  it('holds in the newest full record of each suite', () => {
    const budget = JSON.parse(
      readFileSync(fileURLToPath(new URL('../../budget.json', import.meta.url)), 'utf8'),
    ) as BudgetEntry[];
    const files = readdirSync(history)
      .filter((name) => name.endsWith('.json'))
      .sort();
    const newest = new Map<string, BenchRecord['suites'][number]>();
    for (const file of files) {
      const { quick, suites } = readRecord(JSON.parse(readFileSync(join(history, file), 'utf8')));
      if (!quick) for (const one of suites) newest.set(one.suite, one);
    }
    expect(checkBudget(budget, [...newest.values()])).toEqual([]);
  });
});

describe('quality beside speed', () => {
  it('joins the newest speed of a model with its quality, by its fastest backend', () => {
    const speed = (value: number, backend: string): Figure =>
      figure([[value]], {
        name: backend,
        value,
        tags: { engine: 'burrow', model: 'm', backend, lengths: 'mixed' },
      });
    const ndcg = (mode: string, value: number): Figure =>
      figure([[value]], { name: mode, unit: 'nDCG@10', value, tags: { model: 'm', collection: 'c', mode } });
    const suites = [
      { suite: 'embed', data: [], figures: [speed(10, 'one'), speed(20, 'two')], skipped: [], remarks: [] },
      {
        suite: 'quality',
        data: [],
        figures: [ndcg('hybrid', 0.5), ndcg('keyword', 0.4)],
        skipped: [],
        remarks: [],
      },
    ];
    const older = record('2025-01-01T00:00:00.000Z', [speed(99, 'old')]);
    expect(qualityPoints([older, record('2026-01-01T00:00:00.000Z', [], { suites })])).toEqual([
      {
        model: 'm',
        collection: 'c',
        hybrid: 0.5,
        keyword: 0.4,
        textsPerSecond: 20,
        backend: 'two',
        bytes: undefined,
      },
    ]);
  });
});
