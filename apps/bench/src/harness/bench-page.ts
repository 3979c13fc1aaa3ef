// What the headless runner and the page it drives say to each other.
import type { GpuAdapter } from '../records/schema.ts';
import type { CaseResult } from './types.ts';

/** What the runner calls. */
export interface BenchPage {
  suites(): {
    name: string;
    cases: { name: string; isolated: boolean; flags: string[]; trend: boolean }[];
  }[];
  environment(): Promise<{
    userAgent: string;
    cores: number;
    isolated: boolean;
    relaxedSimd: boolean;
    gpu: GpuAdapter | undefined;
  }>;
  run(suite: string, name: string, quick: boolean): Promise<CaseResult>;
}

declare global {
  var benchPage: BenchPage;
  /** Set by the runner; takes lines of progress. */
  var benchProgress: ((line: string) => void) | undefined;
}
