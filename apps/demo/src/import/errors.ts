import type { ImportErrorCode, ImportFailure } from './types.ts';

/** A file that cannot be imported: the message names it and says what to do. */
export class ImportError extends Error {
  readonly code: ImportErrorCode;
  readonly path: string;

  constructor(code: ImportErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.name = 'ImportError';
    this.code = code;
    this.path = path;
  }

  toFailure(): ImportFailure {
    return { path: this.path, code: this.code, message: this.message };
  }
}

/** Any error as a failure of this file. A message of a library is kept, as it may help. */
export function asFailure(error: unknown, path: string): ImportFailure {
  if (error instanceof ImportError) return error.toFailure();
  const detail = error instanceof Error ? error.message : String(error);
  return {
    path,
    code: 'unreadable',
    message: `${path}: could not be read (${detail}). Check that the file still exists and opens elsewhere, then add it again.`,
  };
}

/** A number of bytes or characters for people: "32 MB". */
export function megabytes(count: number): string {
  return `${Math.max(1, Math.round(count / 1024 / 1024))} MB`;
}
