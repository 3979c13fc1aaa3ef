/** Work between two pauses, in milliseconds: short enough for a query to slip in unnoticed. */
const SLICE = 12;

/** Lets messages and queries have their turn during long work in this worker. */
export class TimeSlice {
  #since = performance.now();

  /** Pauses when the slice is used up. */
  async pause(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (performance.now() - this.#since < SLICE) return;
    await nextTask();
    this.#since = performance.now();
    signal?.throwIfAborted();
  }
}

/** Resolves in a new task, after messages that wait; unlike a timer it is not slowed down when nested. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const done = (): void => {
      port1.close();
      resolve();
    };
    port1.addEventListener('message', done, { once: true });
    port1.start();
    port2.postMessage(undefined);
  });
}
