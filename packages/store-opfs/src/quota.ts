import { StoreError, isQuotaError, toStoreError } from './errors.ts';
import { answerWithin } from './patience.ts';

/** An estimate is worth no longer wait than this, in milliseconds. */
const ESTIMATE_PATIENCE = 2000;

/** What the browser says about the room of this origin, in bytes; undefined where it does not tell. */
export interface OriginEstimate {
  usage: number | undefined;
  quota: number | undefined;
  available: number | undefined;
  persisted: boolean | undefined;
}

interface StorageLike {
  estimate?: () => Promise<{ usage?: number; quota?: number }>;
  persist?: () => Promise<boolean>;
  persisted?: () => Promise<boolean>;
}

export async function estimateOrigin(): Promise<OriginEstimate> {
  const storage = storageManager();
  // Asked at once: a browser that does not answer the one will not answer the other.
  const [estimate, persisted] = await Promise.all([
    optional(storage?.estimate?.(), 'estimate its room'),
    optional(storage?.persisted?.(), 'tell whether it keeps the data'),
  ]);
  const { usage, quota } = estimate ?? {};
  const available = usage === undefined || quota === undefined ? undefined : Math.max(0, quota - usage);
  return { usage, quota, available, persisted };
}

/** What the browser answers; undefined where it fails, or is silent for too long. */
async function optional<T>(question: Promise<T> | undefined, what: string): Promise<T | undefined> {
  if (!question) return undefined;
  return answerWithin(question, what, undefined, ESTIMATE_PATIENCE).catch(() => undefined);
}

/**
 * Asks the browser to keep this origin's data when the device runs out of room; call it on the page, since workers
 * are not allowed to ask. Resolves with whether it is granted.
 */
export async function requestPersistence(): Promise<boolean> {
  const storage = storageManager();
  try {
    return (await storage?.persist?.()) ?? (await storage?.persisted?.()) ?? false;
  } catch {
    return false;
  }
}

/**
 * Throws `quota-exceeded` with how much is missing when `bytes` more would not fit by the browser's own estimate. That
 * may be generous (Chromium tells everyone usage + 10 GB): writing can still fail.
 */
export async function requireRoom(bytes: number, purpose: string): Promise<void> {
  const { available } = await estimateOrigin();
  if (available !== undefined && available < bytes) throw quotaExceeded(purpose, bytes, available);
}

/** Like `toStoreError`, and for a lack of room finds out how much is missing. */
export async function explain(error: unknown, doing: string, neededBytes: number): Promise<Error> {
  // Whoever cancels gets back what they cancelled with.
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) return error;
  if (!isQuotaError(error)) return toStoreError(error, doing);
  if (error instanceof StoreError && error.details['missingBytes'] !== undefined) return error;
  const { available } = await estimateOrigin();
  return quotaExceeded(doing, neededBytes, available, error);
}

function quotaExceeded(
  doing: string,
  neededBytes: number,
  available: number | undefined,
  cause?: unknown,
): StoreError {
  // Where the browser refuses although its estimate leaves room (Chromium tells everyone usage + 10 GB), all that is
  // certain is that so many bytes would be enough.
  const known = available !== undefined && available < neededBytes;
  const missingBytes = Math.max(1, known ? neededBytes - available : neededBytes);
  const message = `No room left while ${doing}: ${neededBytes} bytes are needed, ${known ? '' : 'up to '}${missingBytes} are missing. What was acknowledged is safe. Free space on the device or remove documents, then try again.`;
  return new StoreError('quota-exceeded', message, { cause, details: { neededBytes, missingBytes } });
}

function storageManager(): StorageLike | undefined {
  return (globalThis.navigator as { storage?: StorageLike } | undefined)?.storage;
}
