// Measures in headless Chromium:
//   npm run -s bench -- --suite NAME[,NAME…]|all [--quick] [--json] [--record] [--processes N] [--case NAME] [--app DIR]
import { parseArgs } from 'node:util';
import type { BenchRecord, Environment, SuiteResult } from '../src/records/schema.ts';
import { findGpuFlags } from './browser.ts';
import { readEnvironment } from './environment.ts';
import { printTable } from './print-table.ts';
import { readCommit } from './read-commit.ts';
import { listSuites, runSuite } from './run-suite.ts';
import { runQuality } from './quality.ts';
import { serveApp } from './serve.ts';
import { writeRecord } from './write-record.ts';

const USAGE = `Usage:
  npm run -s bench -- --suite NAME[,NAME…]|all [--quick] [--json] [--record] [--processes N] [--case NAME] [--app DIR]

  --quick      few repetitions and little data, to see that it runs
  --json       one JSON line for each suite, nothing else on standard output
  --record     keep the run as a file under apps/bench/history/
  --processes  fresh browser processes for each case; default 5, with --quick 1
  --case       only cases whose name holds this
  --app        folder of another build of the bench to measure, of an earlier commit, say`;

const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    processes: { type: 'string' },
    case: { type: 'string' },
    app: { type: 'string' },
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
  if (!Number.isInteger(processes) || processes < 1) throw new Error(`--processes ${values.processes} is no whole number above 0.`);
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
    if (json) console.log(JSON.stringify({ suite: result.suite, environment, data: result.data, figures: result.figures, skipped: result.skipped, remarks: result.remarks }));
    else printTable(result);
  }
  if (!record) return;
  const kept: BenchRecord = { schema: 1, date: started.toISOString(), commit, environment, quick, suites };
  console.error(`Kept as ${await writeRecord(kept)}`);
}

if (values.help || !values.suite) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    await run(values.suite);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
