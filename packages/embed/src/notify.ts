/**
 * Calls a listener. What it throws is its own affair, and reported as if it had come from an event: the work that tells it
 * something goes on.
 */
export function notify<Event>(listener: ((event: Event) => void) | undefined, event: Event): void {
  try {
    listener?.(event);
  } catch (error) {
    const { reportError } = globalThis as { reportError?: (error: unknown) => void };
    if (reportError) reportError(error);
    else
      queueMicrotask(() => {
        throw error;
      });
  }
}
