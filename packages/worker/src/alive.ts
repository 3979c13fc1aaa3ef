/**
 * Tells when a worker is gone. Browsers raise no event when a worker is killed (out of memory, say), but they
 * release its Web Locks: the worker holds one for as long as it lives, and whoever waits for that lock is
 * woken by its death. Without Web Locks only the worker's own error events are seen.
 */

/** In the worker: holds the lock `name` until the worker ends. Resolves to whether it is held: only then is it a sign. */
export function holdAliveLock(name: string): Promise<boolean> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(false);
  return new Promise((held, failed) => {
    locks
      .request(name, () => {
        held(true);
        return new Promise<never>(() => {});
      })
      .catch(failed);
  });
}

/** On the page: calls `onDeath` when the holder of `name` is gone, unless `signal` is aborted before. */
export function watchAliveLock(name: string, signal: AbortSignal, onDeath: () => void): void {
  navigator.locks
    ?.request(name, { signal }, () => onDeath())
    .catch(() => {
      // Aborted: the worker was ended on purpose.
    });
}
