import { firstLine } from '../src/harness/first-line.ts';
import type { BenchPage } from '../src/harness/bench-page.ts';
import { toSuiteResult } from '../src/harness/figures.ts';
import { emptyResult, mergeResults, type CaseResult } from '../src/harness/types.ts';
import type { SuiteResult } from '../src/records/schema.ts';
import { openFreshPage } from './browser.ts';
import { rendererMemory } from './renderer-memory.ts';
import type { BenchServers } from './serve.ts';

/** Minutes until a browser counts as hung. */
const PATIENCE = { quick: 4, full: 30 };

export interface RunOptions {
  servers: BenchServers;
  gpuFlags: string[];
  quick: boolean;
  /** Fresh browser processes for each case. */
  processes: number;
  /** Only cases whose name holds one of these; empty for all. */
  only: readonly string[];
  /** Only cases of the small set that earlier commits are measured with. */
  trend: boolean;
  log: (line: string) => void;
}

/**
 * Runs a suite: each case in fresh browser processes, and the processes of all cases interleaved, so that no case has the
 * machine at one time of day alone.
 */
export async function runSuite(suite: string, options: RunOptions): Promise<SuiteResult> {
  const { servers, gpuFlags, quick, processes, only, trend, log } = options;
  const all = (await listSuites(servers.isolated)).find(({ name }) => name === suite)?.cases ?? [];
  const cases = all.filter(
    (one) => (!trend || one.trend) && (only.length === 0 || only.some((part) => one.name.includes(part))),
  );
  const results: CaseResult[] = [];
  for (let process = 0; process < processes; process++) {
    for (const { name, isolated, flags, sides } of cases) {
      log(`${suite}, ${name}: browser ${process + 1} of ${processes}`);
      try {
        const address = `${isolated ? servers.isolated : servers.plain}bench.html`;
        const parts: CaseResult[] = [];
        for (const side of sides.length > 0 ? sides : [undefined]) {
          await using open = await openFreshPage(address, [...gpuFlags, ...flags]);
          await open.page.exposeFunction('benchProgress', log);
          await open.page.exposeFunction('benchMemory', () => rendererMemory(open.profile));
          const run = open.page.evaluate(
            ([suite, name, quick, side]) => benchPage.run(suite, name, quick, side),
            [suite, name, quick, side] as const,
          );
          parts.push(await withPatience(run, PATIENCE[quick ? 'quick' : 'full']));
        }
        results.push(mergeResults(parts));
      } catch (error) {
        // One case that fails must not cost the others; it is told in the record.
        const reason = firstLine(error);
        log(`${suite}, ${name}: failed: ${reason}`);
        results.push({ ...emptyResult(), skipped: [{ name, reason: `failed: ${reason}` }] });
      }
    }
  }
  return toSuiteResult(suite, results);
}

/** All suites that the page has, with their cases. */
export async function listSuites(address: string): Promise<ReturnType<BenchPage['suites']>> {
  await using open = await openFreshPage(`${address}bench.html`, []);
  return await open.page.evaluate(() => benchPage.suites());
}

async function withPatience<T>(run: Promise<T>, minutes: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${minutes} minutes`)), minutes * 60_000);
  });
  // The browser is closed then, and what the case says about that is no news.
  run.catch(() => undefined);
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}
