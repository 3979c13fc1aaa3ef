import type { DataSet, Tags } from '../records/schema.ts';

/** What a case gets from whoever runs it: the headless runner or the page. */
export interface Surroundings {
  /** Fewer repetitions and less data: to see that it runs. */
  quick: boolean;
  signal: AbortSignal;
  /** Share done in [0, 1] of this case, and what is being done. */
  onProgress: (done: number, what: string) => void;
  /** Which of the case's sides to measure. */
  side?: string;
}

/** Values of one kind, one for each repetition. */
export interface Series {
  /** Unique in its suite and the same in every record. */
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  samples: number[];
  tags: Tags;
  aim?: number;
  /** False for counts (bytes, recall), which the speed of the machine does not touch. Default true. */
  timed?: boolean;
}

/** Two series of one case, compared repetition by repetition. Above 1 is always good for `ours`. */
export interface Ratio {
  name: string;
  ours: string;
  peer: string;
  aim?: number;
  tags?: Tags;
}

/** What a case found in one browser process. Plain data. */
export interface CaseResult {
  series: Series[];
  ratios: Ratio[];
  data: DataSet[];
  skipped: { name: string; reason: string }[];
  remarks: string[];
  /** Rates of the calibration kernel, taken between repetitions. */
  calibration: number[];
}

/** A measurement that needs a browser profile of its own. */
export interface BenchCase {
  /** Unique in its suite. */
  name: string;
  title: string;
  /** Needs a page with or without cross-origin isolation. Default true. */
  isolated?: boolean;
  /** Flags the browser is started with; such cases cannot run in a page that is already open. */
  flags?: string[];
  /** One of the small set that earlier commits are measured with. Default false. */
  trend?: boolean;
  /** Sides that are each measured in a browser of their own; the runner puts their results together. */
  sides?: string[];
  run(surroundings: Surroundings): Promise<CaseResult>;
}

/** Cases that answer one question. */
export interface Suite {
  name: string;
  title: string;
  question: string;
  cases: BenchCase[];
}

/** Results of a case's sides as one. */
export function mergeResults(results: readonly CaseResult[]): CaseResult {
  return {
    series: results.flatMap(({ series }) => series),
    ratios: results[0]?.ratios ?? [],
    data: results[0]?.data ?? [],
    skipped: results.flatMap(({ skipped }) => skipped),
    remarks: results.flatMap(({ remarks }) => remarks),
    calibration: results.flatMap(({ calibration }) => calibration),
  };
}

/** A result with nothing in it yet. */
export function emptyResult(): CaseResult {
  return { series: [], ratios: [], data: [], skipped: [], remarks: [], calibration: [] };
}
