import type { SuiteResult } from '../src/records/schema.ts';

/** Figures of a suite for a person at a terminal. */
export function printTable({ suite, figures, skipped, remarks }: SuiteResult): void {
  console.log(`\n${suite}`);
  const rows = figures.map(({ name, value, unit, low, high, aim, better }) => [
    name,
    `${format(value)} ${unit}`,
    `${format(low)} to ${format(high)}`,
    aim === null
      ? ''
      : `aim ${better === 'higher' ? '≥' : '≤'} ${format(aim)}${(better === 'higher' ? value >= aim : value <= aim) ? '' : ', missed'}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  for (const [name, value, interval, aim] of rows) {
    console.log(
      `  ${name!.padEnd(widths[0]!)}  ${value!.padStart(widths[1]!)}  ${interval!.padEnd(widths[2]!)}  ${aim}`.trimEnd(),
    );
  }
  for (const { name, reason } of skipped) console.log(`  not measured: ${name}: ${reason}`);
  for (const remark of remarks) console.log(`  ${remark}`);
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
