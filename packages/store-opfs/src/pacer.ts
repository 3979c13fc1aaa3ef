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

/** One channel for all pauses: a channel of its own for each could be collected before its message comes. */
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/** A timer would be clamped to 4 ms; a message is not. */
function nextTask(): Promise<void> {
  channel ??= openChannel();
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(0);
  });
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.addEventListener('message', () => waiting.shift()?.());
  opened.port1.start();
  // In Node an open port would keep the process from ending.
  (opened.port1 as { unref?(): void }).unref?.();
  return opened;
}
