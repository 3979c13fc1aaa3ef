/** Stable names of what can go wrong. */
export type EmbedErrorCode =
  | 'invalid-argument'
  | 'invalid-model'
  | 'unknown-model'
  | 'unsupported'
  | 'download-failed'
  | 'unauthorized'
  | 'not-found'
  | 'rate-limited'
  | 'integrity'
  | 'backend-failed'
  | 'incorrect'
  | 'disposed';

/** Every error of this package. `code` is stable; the message says what to do. */
export class EmbedError extends Error {
  readonly code: EmbedErrorCode;

  constructor(code: EmbedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbedError';
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
