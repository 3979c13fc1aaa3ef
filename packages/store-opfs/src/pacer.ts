/** How long background work keeps the thread before it lets others run, in milliseconds: a query does not notice it. */
const SLICE_MS = 8;

/**
 * Cuts long work in a worker into slices: what calls `pause` often enough lets queued messages be handled in between, so
 * that a query never waits for a checkpoint, or for a large document.
 */
export class Pacer {
  #since = performance.now();

  /** Returns at once, or, when the slice is used up, after what waits has had its turn. Throws when the signal is aborted. */
  async pause(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (performance.now() - this.#since < SLICE_MS) return;
    await nextTask();
    this.#since = performance.now();
    signal?.throwIfAborted();
  }
}

/** One channel for all pauses: a channel of its own for each could be collected before its message comes. */
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/** Resolves in a new task, after messages that wait. A timer would be clamped to 4 ms; a message is not. */
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
