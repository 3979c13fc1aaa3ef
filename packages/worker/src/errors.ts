export type WorkerErrorCode =
  | 'invalid-options'
  | 'invalid-document'
  | 'duplicate-id'
  | 'document-too-large'
  | 'no-text'
  | 'documents-failed'
  | 'worker-failed'
  | 'leader-unresponsive'
  | 'version-skew'
  | 'model-failed'
  | 'backup-damaged'
  | 'backup-newer'
  | 'closed'
  | 'internal';

/** An error of @burrow/worker; `code` is stable, the message says what to do. */
export class WorkerError extends Error {
  override readonly name: string = 'WorkerError';
  readonly code: string;

  constructor(code: WorkerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why one document was not taken. */
export interface DocumentFailure {
  /** The document's id, or its place in the list when it has no usable id. */
  id: string;
  code: string;
  message: string;
}

/**
 * Some documents were not taken; all others were. `code` is the failures' own code when they share one
 * (`duplicate-id`, say), else `documents-failed`.
 */
export class DocumentsFailedError extends Error {
  override readonly name: string = 'DocumentsFailedError';
  readonly code: string;
  readonly failures: DocumentFailure[];
  /** Ids that were stored all the same. */
  readonly written: string[];

  constructor(failures: DocumentFailure[], written: string[]) {
    const first = failures[0];
    const others = failures.length > 1 ? ` (and ${failures.length - 1} more documents failed)` : '';
    super(`${first?.message ?? 'Documents failed.'}${others}`);
    const codes = new Set(failures.map((failure) => failure.code));
    this.code = codes.size === 1 && first ? first.code : 'documents-failed';
    this.failures = failures;
    this.written = written;
  }
}
