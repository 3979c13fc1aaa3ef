import '../src/harness/bench-page.ts';
import { toSuiteResult } from '../src/harness/figures.ts';
import { emptyResult, type CaseResult } from '../src/harness/types.ts';
import type { SuiteResult } from '../src/records/schema.ts';
import { openFreshPage } from './browser.ts';
import type { BenchServers } from './serve.ts';

export interface RunOptions {
  servers: BenchServers;
  gpuFlags: string[];
  quick: boolean;
  /** Fresh browser processes for each case. */
  processes: number;
  /** Only cases whose name holds this. */
  only?: string;
  log: (line: string) => void;
}

/**
 * Runs a suite: each case in fresh browser processes, and the processes of all cases interleaved, so that no case has the
 * machine at one time of day alone.
 */
export async function runSuite(suite: string, options: RunOptions): Promise<SuiteResult> {
  const { servers, gpuFlags, quick, processes, only, log } = options;
  const cases = (await listCases(suite, servers.isolated)).filter(({ name }) => !only || name.includes(only));
  const results: CaseResult[] = [];
  for (let process = 0; process < processes; process++) {
    for (const { name, isolated, flags } of cases) {
      log(`${suite}, ${name}: browser ${process + 1} of ${processes}`);
      try {
        const address = `${isolated ? servers.isolated : servers.plain}bench.html`;
        await using open = await openFreshPage(address, [...gpuFlags, ...flags]);
        await open.page.exposeFunction('benchProgress', log);
        results.push(
          await open.page.evaluate(([s, n, q]) => benchPage.run(s, n, q), [suite, name, quick] as const),
        );
      } catch (error) {
        // One case that fails must not cost the others; it is told in the record.
        const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
        log(`${suite}, ${name}: failed: ${reason}`);
        results.push({ ...emptyResult(), skipped: [{ name, reason: `failed: ${reason}` }] });
      }
    }
  }
  return toSuiteResult(suite, results);
}

async function listCases(
  suite: string,
  address: string,
): Promise<{ name: string; isolated: boolean; flags: string[] }[]> {
  await using open = await openFreshPage(`${address}bench.html`, []);
  const suites = await open.page.evaluate(() => benchPage.suites());
  const found = suites.find(({ name }) => name === suite);
  if (!found)
    throw new Error(`There is no suite "${suite}": use ${suites.map(({ name }) => name).join(', ')} or all.`);
  return found.cases;
}

/** Names of all suites that the page has. */
export async function listSuites(address: string): Promise<string[]> {
  await using open = await openFreshPage(`${address}bench.html`, []);
  return (await open.page.evaluate(() => benchPage.suites())).map(({ name }) => name);
}
