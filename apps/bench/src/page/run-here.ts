import { firstLine } from '../harness/first-line.ts';
import { hasRelaxedSimd } from '../harness/relaxed-simd.ts';
import { toSuiteResult } from '../harness/figures.ts';
import type { BenchCase, CaseResult, Suite } from '../harness/types.ts';
import { emptyResult } from '../harness/types.ts';
import {
  SCHEMA_VERSION,
  type BenchRecord,
  type Commit,
  type Environment,
  type SuiteResult,
} from '../records/schema.ts';
import { findGpu } from '../suites/surroundings.ts';

/** Undefined where the sources run without a build. */
const COMMIT: Commit =
  typeof __COMMIT__ === 'undefined'
    ? { hash: '0'.repeat(40), date: '1970-01-01T00:00:00.000Z', subject: 'unknown', dirty: true }
    : __COMMIT__;

export interface HereOptions {
  suites: readonly Suite[];
  quick: boolean;
  signal: AbortSignal;
  /** Share done in [0, 1], and what is being done. */
  onProgress: (done: number, what: string) => void;
}

/** Why a case cannot run in a page that is open already; undefined where it can. */
function obstacle({ flags, isolated, sides }: BenchCase): string | undefined {
  if (sides) return 'needs a browser for each of its sides';
  if (flags) return 'needs a browser that was started with other flags';
  if (isolated === false && crossOriginIsolated) return 'needs a page without isolation headers';
  return undefined;
}

/** Runs suites in this very page: the same code as headless, in one process. */
export async function runHere({ suites, quick, signal, onProgress }: HereOptions): Promise<BenchRecord> {
  const started = new Date().toISOString();
  const cases = suites.flatMap((suite) => suite.cases.map((one) => ({ suite, one })));
  const found = new Map<string, CaseResult[]>();
  for (const [i, { suite, one }] of cases.entries()) {
    signal.throwIfAborted();
    const report = (done: number, what: string): void =>
      onProgress((i + done) / cases.length, `${one.title}: ${what}`);
    report(0, 'starting');
    const reason = obstacle(one);
    let result: CaseResult;
    if (reason) result = { ...emptyResult(), skipped: [{ name: one.name, reason }] };
    else {
      try {
        result = await one.run({ quick, signal, onProgress: report });
      } catch (error) {
        signal.throwIfAborted();
        result = {
          ...emptyResult(),
          skipped: [
            {
              name: one.name,
              reason: `failed: ${firstLine(error)}`,
            },
          ],
        };
      }
    }
    found.set(suite.name, [...(found.get(suite.name) ?? []), result]);
  }
  onProgress(1, 'done');
  const results: SuiteResult[] = [...found].map(([suite, results]) => toSuiteResult(suite, results));
  return {
    schema: SCHEMA_VERSION,
    date: started,
    commit: COMMIT,
    runner: { hash: COMMIT.hash, dirty: COMMIT.dirty },
    environment: await environmentHere(),
    quick,
    suites: results,
  };
}

async function environmentHere(): Promise<Environment> {
  const { userAgent, hardwareConcurrency } = navigator;
  const { deviceMemory, userAgentData } = navigator as {
    deviceMemory?: number;
    userAgentData?: { platform: string };
  };
  const gpu = await findGpu();
  return {
    browser:
      /(?:Firefox|Edg|Chrome|Version)\/[\d.]+/
        .exec(userAgent)?.[0]
        .replace('/', ' ')
        .replace('Version', 'Safari') ?? userAgent,
    os: userAgentData?.platform || /\(([^;)]+)/.exec(userAgent)?.[1] || 'unknown',
    cpu: 'not told by the browser',
    cpuFeatures: null,
    cores: hardwareConcurrency,
    memoryBytes: deviceMemory === undefined ? null : deviceMemory * 2 ** 30,
    ...(gpu ? { gpu } : {}),
    isolated: crossOriginIsolated,
    relaxedSimd: hasRelaxedSimd(),
    node: null,
    versions: {},
  };
}
