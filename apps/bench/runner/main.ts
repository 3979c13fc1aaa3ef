// Measures in headless Chromium:
//   npm run -s bench -- --suite NAME[,NAME…]|all [--quick] [--json] [--record] [--processes N] [--case NAME] [--app DIR]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkBudget, type BudgetEntry } from '../src/records/budget.ts';
import { compareRecords, toMarkdown } from '../src/records/compare.ts';
import type { BenchRecord, Environment, SuiteResult } from '../src/records/schema.ts';
import { findGpuFlags } from './browser.ts';
import { readEnvironment } from './environment.ts';
import { findRecord } from './find-record.ts';
import { printTable } from './print-table.ts';
import { readCommit } from './read-commit.ts';
import { listSuites, runSuite } from './run-suite.ts';
import { runQuality } from './quality.ts';
import { serveApp } from './serve.ts';
import { writeRecord } from './write-record.ts';

const USAGE = `Usage:
  npm run -s bench -- --suite NAME[,NAME…]|all [--quick] [--json] [--record] [--processes N] [--case NAME] [--app DIR] [--check]
  npm run -s bench -- --compare A B [--json]

  --quick      few repetitions and little data, to see that it runs
  --json       one JSON line for each suite, nothing else on standard output
  --record     keep the run as a file under apps/bench/history/
  --processes  fresh browser processes for each case; default 5, with --quick 1
  --case       only cases whose name holds this
  --app        folder of another build of the bench to measure, of an earlier commit, say
  --check      fail where figures that do not depend on the machine break apps/bench/budget.json
  --compare    two records, by file or commit, as markdown`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    processes: { type: 'string' },
    case: { type: 'string' },
    app: { type: 'string' },
    check: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Progress goes to standard error: one line that is written over on a terminal, else one line for each browser. */
function log(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line.slice(0, process.stderr.columns - 1)}`);
  else if (!/%/.test(line)) process.stderr.write(`${line}\n`);
}

async function run(suite: string): Promise<void> {
  const { quick, json, record } = values;
  const processes = values.processes ? Number(values.processes) : quick ? 1 : 5;
  if (!Number.isInteger(processes) || processes < 1)
    throw new Error(`--processes ${values.processes} is no whole number above 0.`);
  const commit = readCommit();
  await using servers = await serveApp(values.app);
  const gpuFlags = await findGpuFlags(`${servers.isolated}bench.html`);
  const environment: Environment = await readEnvironment(`${servers.isolated}bench.html`, gpuFlags);
  const names = suite === 'all' ? [...(await listSuites(servers.isolated)), 'quality'] : suite.split(',');
  const suites: SuiteResult[] = [];
  const started = new Date();
  for (const name of names) {
    const result =
      name === 'quality'
        ? await runQuality({ quick, log })
        : await runSuite(name, { servers, gpuFlags, quick, processes, only: values.case, log });
    suites.push(result);
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
    if (json)
      console.log(
        JSON.stringify({
          suite: result.suite,
          environment,
          data: result.data,
          figures: result.figures,
          skipped: result.skipped,
          remarks: result.remarks,
        }),
      );
    else printTable(result);
  }
  if (values.check) checkAgainstBudget(suites);
  if (!record) return;
  const kept: BenchRecord = { schema: 1, date: started.toISOString(), commit, environment, quick, suites };
  console.error(`Kept as ${await writeRecord(kept)}`);
}

function checkAgainstBudget(suites: SuiteResult[]): void {
  const budget = JSON.parse(
    readFileSync(new URL('../budget.json', import.meta.url), 'utf8'),
  ) as BudgetEntry[];
  for (const fault of checkBudget(budget, suites)) {
    console.error(fault);
    process.exitCode = 1;
  }
}

function compare([before, after, ...rest]: string[]): void {
  if (!before || !after || rest.length > 0) throw new Error(USAGE);
  const comparison = compareRecords(findRecord(before), findRecord(after));
  const { figures, refused } = comparison;
  console.log(values.json ? JSON.stringify({ before, after, figures, refused }) : toMarkdown(comparison));
}

if (values.help || (!values.suite && !values.compare)) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    if (values.compare) compare(positionals);
    else await run(values.suite!);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
