/**
 * Tells when a worker is gone. No event says that a browser ended a worker (for want of memory, say), but its Web Locks
 * are released: the worker holds one as long as it lives, and who waits for that lock learns of its end.
 */

/** In the worker: holds the lock until the worker ends. Whether it is held; not where there are no Web Locks. */
export function holdAlive(name: string): Promise<boolean> {
  const { locks } = (globalThis.navigator ?? {}) as { locks?: LockManager };
  if (!locks) return Promise.resolve(false);
  return new Promise((resolve) => {
    locks
      .request(name, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}

/** In its parent, once the lock is held: calls back when the worker is gone, unless the signal was aborted before. */
export function watchAlive(name: string, signal: AbortSignal, onEnd: () => void): void {
  navigator.locks
    .request(name, { signal }, () => onEnd())
    .catch(() => {
      // Aborted: it was ended on purpose.
    });
}
