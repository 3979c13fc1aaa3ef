/** Stable codes of what can go wrong with a store. */
export type StoreErrorCode =
  /** The store was written by a newer version; it was left untouched. */
  | 'store-newer'
  /** What is needed to open the store is unreadable; it was left untouched. */
  | 'store-damaged'
  /** A section does not match its checksum. */
  | 'section-damaged'
  /** A blob does not match its checksum, or its segment is gone. */
  | 'blob-damaged'
  /** A journal record went bad after it had been found good at opening. */
  | 'record-damaged'
  /** A file of the model cache does not match its checksum and was removed. */
  | 'cache-damaged'
  /** The device or the browser has no room left; `details.missingBytes` says how much is missing. */
  | 'quota-exceeded'
  /** Another tab or worker has the store open. */
  | 'locked'
  /** The store or cache was closed. */
  | 'closed'
  /** The kind of storage that was asked for does not exist here. */
  | 'unsupported'
  /** An argument cannot be used. */
  | 'invalid-argument'
  /** Reading or writing failed for another reason; `cause` has it. */
  | 'io';

/** Plain facts that go with an error, safe to send between workers. */
export type StoreErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** Every error of this package: `code` is stable, `message` says what happened and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly details: StoreErrorDetails;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { cause?: unknown; details?: StoreErrorDetails } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Whether an error of the platform says that there is no room. */
export function isQuotaError(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'quota-exceeded';
  if (!(error instanceof Error)) return false;
  return error.name === 'QuotaExceededError' || error.name === 'NS_ERROR_FILE_NO_DEVICE_SPACE';
}

/** Turns whatever a file system threw into a `StoreError`; `doing` completes "… failed while …". */
export function toStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (isQuotaError(error))
    return new StoreError('quota-exceeded', `No room left while ${doing}.`, { cause: error });
  if (error instanceof Error && error.name === 'NoModificationAllowedError') {
    const message = `Storage is in use by another tab or worker while ${doing}; close it there.`;
    return new StoreError('locked', message, { cause: error });
  }
  return new StoreError('io', `Storage failed while ${doing}: ${reason}`, { cause: error });
}
