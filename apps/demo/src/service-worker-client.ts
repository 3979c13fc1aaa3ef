const RELOADED = 'burrow-reloaded-for-isolation';

/**
 * Registers the service worker: the app then opens offline, and on hosts that send no isolation
 * headers the worker adds them. They count from the next load, so such a page reloads itself once,
 * as long as nobody has begun to use it.
 */
export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  let used = false;
  const onUse = (): void => void (used = true);
  for (const type of ['input', 'pointerdown', 'drop'])
    addEventListener(type, onUse, { once: true, passive: true });
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (globalThis.crossOriginIsolated || used) return;
    try {
      if (sessionStorage.getItem(RELOADED) !== null) return;
      sessionStorage.setItem(RELOADED, 'yes');
    } catch {
      // Without storage nothing would stop a second reload.
      return;
    }
    location.reload();
  });
  navigator.serviceWorker.register('./sw.js').catch(() => {
    // Private windows and odd hosts forbid it: the app then works, but only online and on one thread.
  });
}
