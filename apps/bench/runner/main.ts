// Measures in headless Chromium: npm run -s bench -- --help
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkBudget, type BudgetEntry } from '../src/records/budget.ts';
import { compareRecords, toMarkdown } from '../src/records/compare.ts';
import { SCHEMA_VERSION, type SuiteResult } from '../src/records/schema.ts';
import { findGpuFlags } from './browser.ts';
import { prepareCommit } from './earlier-commit.ts';
import { readEnvironment } from './environment.ts';
import { findRecord } from './find-record.ts';
import { printTable } from './print-table.ts';
import { readCommit } from './read-commit.ts';
import { listSuites, runSuite } from './run-suite.ts';
import { runQuality, runQualityOf } from './quality.ts';
import { serveApp } from './serve.ts';
import { writeRecord } from './write-record.ts';

const USAGE = `Usage:
  npm run -s bench -- --suite NAME[,NAME…]|trend|all [--quick] [--json] [--record] [--processes N] [--case NAME]… [--check]
  npm run -s bench -- --at COMMIT [--prepare] [--suite …] [--json] [--record] [--processes N]
  npm run -s bench -- --compare A B [--json]

  --suite      suites by name; "trend" is the small set of cases that commits are compared with over time
  --quick      few repetitions and little data, to see that it runs
  --json       one JSON line for each suite, nothing else on standard output
  --record     keep the run as a file under apps/bench/history/
  --processes  fresh browser processes for each case; default 5, with --quick 1
  --case       only cases whose name holds this; may be given more than once
  --at         measure another commit: its packages, packed and installed, under today's suites; without --suite, "trend"
  --prepare    with --at: build what is measured, and measure nothing yet
  --app        folder of another build of the bench to measure
  --check      fail where figures that do not depend on the machine break apps/bench/budget.json
  --compare    two records, by file or commit, as markdown`;

/** What was asked for cannot be done as it was asked. */
class UsageError extends Error {}

const OPTIONS = {
  suite: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  record: { type: 'boolean' },
  processes: { type: 'string' },
  case: { type: 'string', multiple: true },
  at: { type: 'string' },
  prepare: { type: 'boolean' },
  app: { type: 'string' },
  check: { type: 'boolean' },
  compare: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
type Parsed = ReturnType<typeof parseArgs<{ allowPositionals: true; options: typeof OPTIONS }>>;
type Values = Parsed['values'];

function parse(): Parsed {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Progress goes to standard error: one line that is written over on a terminal, else one line for each browser. */
function log(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line.slice(0, process.stderr.columns - 1)}`);
  else if (!/%/.test(line)) process.stderr.write(`${line}\n`);
}

function countProcesses({ processes, quick, suite }: Values): number {
  if (processes === undefined) return quick && suite !== 'trend' ? 1 : 5;
  const count = Number(processes);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`--processes ${processes} is no whole number above 0.`);
  return count;
}

/** Names of the suites to run, in order; a wrong one is told before anything is measured. */
async function chooseSuites(asked: string, address: string): Promise<string[]> {
  const known = [...(await listSuites(address)).map(({ name }) => name), 'quality'];
  if (asked === 'all' || asked === 'trend') {
    const having = (await listSuites(address)).filter(({ cases }) => cases.some(({ trend }) => trend));
    return asked === 'all' ? known : [...having.map(({ name }) => name), 'quality'];
  }
  const names = [...new Set(asked.split(','))];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `There is no suite "${unknown.join('", "')}": use ${known.join(', ')}, trend or all.`,
    );
  return names;
}

async function measure(values: Values): Promise<void> {
  const { json, record, app } = values;
  const suite = values.suite ?? 'trend';
  const trend = suite === 'trend';
  const quick = values.quick === true || trend;
  const processes = countProcesses({ ...values, suite });
  const earlier = values.at === undefined ? undefined : await prepareCommit(values.at, log);
  if (values.prepare) return;
  const runner = readCommit();
  await using servers = await serveApp(earlier?.app ?? app);
  const names = await chooseSuites(suite, servers.isolated);
  const page = `${servers.isolated}bench.html`;
  const gpuFlags = await findGpuFlags(page);
  const environment = await readEnvironment(page, gpuFlags, earlier?.packages);
  const date = new Date().toISOString();
  const suites: SuiteResult[] = [];
  for (const name of names) {
    const result =
      name !== 'quality'
        ? await runSuite(name, { servers, gpuFlags, quick, processes, only: values.case ?? [], trend, log })
        : earlier
          ? await runQualityOf(earlier, { quick, log })
          : await runQuality({ quick, log });
    suites.push(result);
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
    if (json) console.log(JSON.stringify({ ...result, environment, commit: earlier?.commit ?? runner }));
    else printTable(result);
  }
  if (values.check) checkAgainstBudget(suites);
  if (!record) return;
  const { hash, dirty } = runner;
  const path = await writeRecord({
    schema: SCHEMA_VERSION,
    date,
    commit: earlier?.commit ?? runner,
    runner: { hash, dirty },
    environment,
    quick,
    suites,
  });
  console.error(`Kept as ${path}`);
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

function compare([before, after, ...rest]: string[], json = false): void {
  if (!before || !after || rest.length > 0) throw new UsageError('--compare takes two records or commits.');
  const comparison = compareRecords(findRecord(before), findRecord(after));
  const { figures, refused } = comparison;
  console.log(json ? JSON.stringify({ before, after, figures, refused }) : toMarkdown(comparison));
}

try {
  const { values, positionals } = parse();
  if (values.help) console.log(USAGE);
  else if (values.compare) compare(positionals, values.json);
  else if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is no option.`);
  else if (values.prepare && values.at === undefined) throw new UsageError('--prepare needs --at.');
  else if (values.suite !== undefined || values.at !== undefined) await measure(values);
  else throw new UsageError('Say what to measure.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
