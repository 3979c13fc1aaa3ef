// What the headless runner and the page it drives say to each other.
import type { GpuAdapter } from '../records/schema.ts';
import type { CaseResult } from './types.ts';

/** What the runner calls. */
export interface BenchPage {
  suites(): {
    name: string;
    cases: { name: string; isolated: boolean; flags: string[]; trend: boolean; sides: string[] }[];
  }[];
  environment(): Promise<{
    userAgent: string;
    cores: number;
    isolated: boolean;
    relaxedSimd: boolean;
    gpu: GpuAdapter | undefined;
  }>;
  run(suite: string, name: string, quick: boolean, side?: string): Promise<CaseResult>;
}

/** Bytes in memory, now and at the most since the processes began. */
export interface RendererMemory {
  now: number;
  peak: number;
}

declare global {
  var benchPage: BenchPage;
  /** Set by the runner; takes lines of progress. */
  var benchProgress: ((line: string) => void) | undefined;
  /** Set by the runner; memory of the processes that render this browser's pages. */
  var benchMemory: (() => Promise<RendererMemory | undefined>) | undefined;
}
