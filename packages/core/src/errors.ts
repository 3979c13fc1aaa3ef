/** Every code that a `SearchError` can carry. Codes are stable; messages may be reworded. */
export type SearchErrorCode =
  | 'duplicate-id'
  | 'unknown-id'
  | 'invalid-id'
  | 'invalid-document'
  | 'invalid-schema'
  | 'unknown-field'
  | 'wrong-type'
  | 'no-text'
  | 'invalid-chunk'
  | 'wrong-dimensions'
  | 'invalid-vector'
  | 'wrong-space'
  | 'invalid-query'
  | 'invalid-filter'
  | 'invalid-option'
  | 'stale-mutation'
  | 'mutation-damaged'
  | 'mutation-newer'
  | 'snapshot-damaged'
  | 'stale-snapshot'
  | 'snapshot-newer'
  | 'snapshot-mismatch'
  | 'disposed';

/** What an error is about: the document, the field in it, and the value that was refused. */
export interface SearchErrorDetails {
  id?: string;
  field?: string;
  value?: unknown;
  cause?: unknown;
}

/**
 * The one error class of this package. `code` says what kind, `id`, `field` and `value` say where,
 * and the message says what to do. When a call throws, the index is as it was before the call.
 */
export class SearchError extends Error {
  override readonly name = 'SearchError';
  readonly code: SearchErrorCode;
  readonly id?: string;
  readonly field?: string;
  readonly value?: unknown;

  constructor(code: SearchErrorCode, message: string, details: SearchErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.id !== undefined) this.id = details.id;
    if (details.field !== undefined) this.field = details.field;
    if (details.value !== undefined) this.value = details.value;
  }
}

/** A short, safe rendering of a value for a message: never throws, never long. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 57)}…"` : `"${value}"`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return 'an object';
}
