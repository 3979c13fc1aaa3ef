import type { Worker as Thread } from 'node:worker_threads';
import { EmbedError, messageOf } from './errors.ts';

/** What is used of a worker. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate'> & {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'messageerror', listener: () => void): void;
  addEventListener(
    type: 'error',
    listener: (event: { message: string; preventDefault(): void }) => void,
  ): void;
};

/**
 * One of Node's worker threads, with the face of a Web Worker: the same engine runs in it, and the caller's thread stays
 * free. The process waits for it only while an answer is due.
 * @throws EmbedError `backend-failed` when the address is no file.
 */
export function startNodeWorker(url: string): WorkerLike {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  let thread: Thread;
  try {
    thread = new Worker(new URL(url));
  } catch (cause) {
    throw new EmbedError('backend-failed', `${url} cannot run as a thread: ${messageOf(cause)}`, { cause });
  }
  let due = 0;
  thread.unref();
  thread.on('message', () => {
    if (--due === 0) thread.unref();
  });
  return {
    postMessage(message: unknown, transfer: unknown) {
      if (due++ === 0) thread.ref();
      thread.postMessage(message, transfer as ArrayBuffer[]);
    },
    terminate: () => void thread.terminate(),
    addEventListener(type: string, listener: (event: never) => void) {
      const tell = (event: object): void => listener(event as never);
      const told = (message: string): void => tell({ message, preventDefault() {} });
      if (type === 'message') thread.on('message', (data: unknown) => tell({ data }));
      else if (type === 'messageerror') thread.on('messageerror', () => tell({}));
      else {
        thread.on('error', (error: unknown) => told(messageOf(error)));
        thread.on('exit', () => told('its thread ended'));
      }
    },
  };
}
