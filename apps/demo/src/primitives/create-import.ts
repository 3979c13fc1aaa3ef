import { DocumentsFailedError, type Search } from '@burrow/worker';
import { createSignal, onCleanup, type Accessor } from 'solid-js';
import { createStore } from 'solid-js/store';
import { asAppError, isAbort, type AppError } from '../client.ts';
import { toSearchDocument } from '../documents.ts';
import { importInWorker } from '../import/importer.ts';
import type { ImportSource } from '../import/protocol.ts';
import { ImportError } from '../import/errors.ts';
import type { ImportFailure } from '../import/types.ts';

export type ImportPhase = 'idle' | 'running' | 'cancelled' | 'failed' | 'done';

export interface ImportState {
  phase: ImportPhase;
  /** What is imported, for people: "Samples", "recipes.csv", "household". */
  name: string;
  files: number;
  filesDone: number;
  documents: number;
  /** Between 0 and 1. */
  fraction: number;
  documentsPerSecond: number;
  secondsLeft: number | undefined;
  failures: ImportFailure[];
  /** What stopped it as a whole. */
  error: AppError | undefined;
}

export interface ImportPrimitive {
  state: ImportState;
  start(source: ImportSource, name: string): void;
  cancel(): void;
  /** Goes on where it was cancelled or failed. */
  resume(): void;
  dismiss(): void;
  isRunning: Accessor<boolean>;
}

/** Failures that are kept one by one; a folder of ten thousand pictures needs no more. */
const MAX_FAILURES = 500;

const IDLE: ImportState = {
  phase: 'idle',
  name: '',
  files: 0,
  filesDone: 0,
  documents: 0,
  fraction: 0,
  documentsPerSecond: 0,
  secondsLeft: undefined,
  failures: [],
  error: undefined,
};

/** One import at a time: files are read in a worker, stored by the engine, and each failure is kept. */
export function createImport(search: Accessor<Search | undefined>): ImportPrimitive {
  const [state, setState] = createStore<ImportState>({ ...IDLE });
  const [waiting, setWaiting] = createSignal<{ source: ImportSource; name: string }[]>([]);
  let source: ImportSource = { files: [] };
  let controller = new AbortController();
  let failures: ImportFailure[] = [];

  const fail = (more: readonly ImportFailure[]): void => {
    if (more.length === 0) return;
    failures = [...failures, ...more].slice(0, MAX_FAILURES);
    setState('failures', failures);
  };

  const run = async (engine: Search): Promise<void> => {
    const { signal } = (controller = new AbortController());
    const offset = 'files' in source ? state.filesDone : 0;
    const bytesTotal = 'files' in source ? source.files.reduce((sum, { file }) => sum + file.size, 0) : 0;
    const bytesBefore =
      'files' in source ? source.files.slice(0, offset).reduce((sum, { file }) => sum + file.size, 0) : 0;
    const documentsBefore = state.documents;
    const started = performance.now();
    const fractionBefore = state.fraction;
    const rest = 'files' in source ? { files: source.files.slice(offset) } : source;
    setState({ phase: 'running', error: undefined });
    try {
      for await (const { documents, failures: failed, position } of importInWorker(rest, signal)) {
        fail(failed);
        const written =
          documents.length === 0 ? 0 : await write(engine, documents.map(toSearchDocument), signal);
        const files = position.filesTotal ?? state.files;
        const filesDone = offset + position.filesDone;
        const fraction =
          bytesTotal > 0 ? (bytesBefore + position.bytesDone) / bytesTotal : filesDone / Math.max(1, files);
        const seconds = (performance.now() - started) / 1000;
        const total = state.documents + written;
        const progressed = fraction - fractionBefore;
        setState({
          files,
          filesDone,
          documents: total,
          fraction,
          documentsPerSecond: (total - documentsBefore) / Math.max(seconds, 0.001),
          secondsLeft: progressed > 0.01 ? ((1 - fraction) * seconds) / progressed : undefined,
        });
      }
      setState({ phase: 'done', fraction: 1, secondsLeft: undefined });
      next();
    } catch (error) {
      if (signal.aborted || isAbort(error)) setState({ phase: 'cancelled', secondsLeft: undefined });
      else
        setState({
          phase: 'failed',
          secondsLeft: undefined,
          error: error instanceof ImportError ? error.toFailure() : asAppError(error),
        });
    }
  };

  const write = async (
    engine: Search,
    documents: ReturnType<typeof toSearchDocument>[],
    signal: AbortSignal,
  ): Promise<number> => {
    try {
      return (await engine.update(documents, { signal })).written.length;
    } catch (error) {
      if (!(error instanceof DocumentsFailedError)) throw error;
      fail(error.failures.map(({ id, message }) => ({ path: id, code: 'unreadable', message })));
      return error.written.length;
    }
  };

  const begin = (engine: Search, what: ImportSource, name: string): void => {
    source = what;
    failures = [];
    setState({ ...IDLE, failures, phase: 'running', name, files: 'files' in what ? what.files.length : 0 });
    void run(engine);
  };

  const next = (): void => {
    const [first, ...others] = waiting();
    const engine = search();
    if (!first || !engine) return;
    setWaiting(others);
    // What failed in the import before this one stays on show.
    const kept = failures;
    begin(engine, first.source, first.name);
    fail(kept);
  };

  onCleanup(() => controller.abort());
  const isRunning = (): boolean => state.phase === 'running';
  return {
    state,
    isRunning,
    start(what, name) {
      const engine = search();
      if (!engine || isRunning()) setWaiting((all) => [...all, { source: what, name }]);
      else begin(engine, what, name);
    },
    cancel: () => controller.abort(new DOMException('Cancelled', 'AbortError')),
    resume() {
      const engine = search();
      if (engine && !isRunning()) void run(engine);
    },
    dismiss: () => setState({ ...IDLE, failures: [] }),
  };
}
