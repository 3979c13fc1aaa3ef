import type { ImportBatch, ImportFailure, SourceFile } from './types.ts';

/** What is imported: files, or the sample collection by its address. */
export type ImportSource = { files: SourceFile[] } | { samples: string };

/** Page to worker. Each `next` is answered by one `batch`, `done` or `failed`. */
export type ImportRequest = { type: 'start'; source: ImportSource; characterMaps: string } | { type: 'next' };

/** Worker to page. */
export type ImportReply =
  | { type: 'batch'; batch: ImportBatch }
  | { type: 'done' }
  | { type: 'failed'; failure: ImportFailure };
