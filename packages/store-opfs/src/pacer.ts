/** How long background work keeps the thread before it lets others run, in milliseconds. */
const SLICE_MS = 8;

/** Lets queued messages be handled between slices of long work, so that a query never waits for a checkpoint. */
export class Pacer {
  #since = performance.now();

  async pause(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await nextTask();
    this.#since = performance.now();
  }
}

/** A timer would be clamped to 4 ms; a message is not. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(0);
  });
}
