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

/** One channel for all pauses: a channel of its own for each could be collected before its message comes. */
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/** Resolves in a new task, after messages that wait; unlike a timer it is not slowed down when nested. */
function nextTask(): Promise<void> {
  channel ??= openChannel();
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.addEventListener('message', () => waiting.shift()?.());
  opened.port1.start();
  return opened;
}
