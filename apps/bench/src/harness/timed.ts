/** Milliseconds that something takes. */
export async function timed(run: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  const pending = run();
  if (pending instanceof Promise) await pending;
  return performance.now() - started;
}
