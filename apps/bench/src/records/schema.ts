/** Version of the form below. A change of form needs a new number and a step in migrate.ts. */
export const SCHEMA_VERSION = 2;

/** One run of the runner, as it is kept under history/. */
export interface BenchRecord {
  schema: typeof SCHEMA_VERSION;
  /** When it was measured: ISO 8601, in UTC. */
  date: string;
  /** What was measured; an earlier commit where the runner was told so. */
  commit: Commit;
  /** The code that measured: suites and runner of this commit. The same as `commit` but for earlier commits. */
  runner: { hash: string; dirty: boolean };
  environment: Environment;
  /** Small data and few repetitions. In one browser process it shows that everything runs, in several it makes a trend. */
  quick: boolean;
  suites: SuiteResult[];
}

export interface Commit {
  /** 40 hexadecimal digits. */
  hash: string;
  /** ISO 8601 date of the commit. */
  date: string;
  subject: string;
  /** Whether there were changes beside it. */
  dirty: boolean;
}

/** The machine and the versions behind the figures. */
export interface Environment {
  /** Browser and version, as it tells itself. */
  browser: string;
  os: string;
  cpu: string;
  /** Instruction sets that matter here, in the words of the operating system; null where it does not tell. */
  cpuFeatures: string[] | null;
  cores: number;
  /** Null where the browser does not tell. */
  memoryBytes: number | null;
  /** Undefined where the browser offers none. */
  gpu?: GpuAdapter;
  /** Whether the pages were cross-origin isolated, so that there are threads; cases may switch it off. */
  isolated: boolean;
  /** Whether the engine has relaxed SIMD. */
  relaxedSimd: boolean;
  /** Null for a run on a visitor's device. */
  node: string | null;
  /** Package to version: ours, the runtime and every peer. */
  versions: Record<string, string>;
}

export interface GpuAdapter {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** Computes on the CPU: never shown on one axis with a GPU. */
  software: boolean;
}

/** Results of one suite. */
export interface SuiteResult {
  suite: string;
  /** What was measured on. */
  data: DataSet[];
  figures: Figure[];
  /** What was not measured, and why. */
  skipped: { name: string; reason: string }[];
  /** Facts worth reading beside the figures, in sentences. */
  remarks: string[];
}

export interface DataSet {
  name: string;
  /** SHA-256 in hexadecimal. */
  sha256: string;
  /** How many of them were used. */
  items: number;
}

/** What a figure is about, for grouping: engine, model, backend, dtype, threads, lengths, size, … */
export type Tags = Record<string, string>;

export interface Figure {
  /** Unique in its suite and the same in every record. */
  name: string;
  /** Median over all samples. */
  value: number;
  unit: string;
  /** The side that a ratio is against; null for what stands alone. */
  peer: string | null;
  /** What we want to reach; null where nothing was set. */
  aim: number | null;
  better: 'higher' | 'lower';
  /** 95 % bootstrap interval of the median. */
  low: number;
  high: number;
  /** One list for each fresh browser process, one value for each repetition; nothing is left out. */
  samples: number[][];
  /** Median rate of the calibration kernel beside these samples, in millions of steps a second; null for counts. */
  calibration: number | null;
  /** Data sets that it was measured on, in one text; empty for none. Figures of different data are never compared. */
  data: string;
  tags: Tags;
}
