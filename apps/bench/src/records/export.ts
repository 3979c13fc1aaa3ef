import type { BenchRecord } from './schema.ts';

const COLUMNS = [
  'date',
  'commit',
  'quick',
  'browser',
  'os',
  'cpu',
  'cores',
  'suite',
  'figure',
  'value',
  'low',
  'high',
  'unit',
  'peer',
  'aim',
  'better',
  'calibration',
  'tags',
];

/** Figures as comma-separated values (RFC 4180), one line for each figure of each record. */
export function toCsv(records: readonly BenchRecord[]): string {
  const lines = [COLUMNS.join(',')];
  for (const { date, commit, quick, environment, suites } of records) {
    for (const { suite, figures } of suites) {
      for (const { name, value, low, high, unit, peer, aim, better, calibration, tags } of figures) {
        const { browser, os, cpu, cores } = environment;
        const text = Object.entries(tags)
          .map(([tag, word]) => `${tag}=${word}`)
          .join('; ');
        const cells = [
          date,
          commit.hash,
          quick,
          browser,
          os,
          cpu,
          cores,
          suite,
          name,
          value,
          low,
          high,
          unit,
          peer,
          aim,
          better,
          calibration,
          text,
        ];
        lines.push(cells.map(cell).join(','));
      }
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
