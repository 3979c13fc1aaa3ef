import type { CallEvent } from './protocol.ts';

export interface CallWatchOptions {
  /** Milliseconds without a sign of a call after which it counts as waiting. */
  patience: number;
  /** What is waited for at this moment. */
  waits: () => string[];
  onEvent: (event: CallEvent) => void;
}

/**
 * Runs a call, and tells each time that it has given no sign for so long: nobody is to wait in silence. `work` gets where
 * it tells its events; each of them is a sign.
 */
export async function watchCall<T>(
  { patience, waits, onEvent }: CallWatchOptions,
  work: (onEvent: (event: CallEvent) => void) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const tell = (): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    onEvent({ type: 'waiting', seconds, for: waits() });
  };
  let timer = setInterval(tell, patience);
  try {
    return await work((event) => {
      clearInterval(timer);
      timer = setInterval(tell, patience);
      onEvent(event);
    });
  } finally {
    clearInterval(timer);
  }
}
