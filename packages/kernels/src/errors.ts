/** What went wrong, for programs. */
export type KernelsErrorCode = 'unsupported' | 'out-of-memory' | 'invalid-argument' | 'bad-data' | 'disposed';

/** Every error of this package; the message says what to do. */
export class KernelsError extends Error {
  override readonly name: string = 'KernelsError';
  readonly code: KernelsErrorCode;

  constructor(code: KernelsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
