import type { MessagePort } from 'node:worker_threads';

/** Whether this is Node, whose `worker_threads` take the place of Web Workers and can always share memory. */
export function inNode(): boolean {
  return (
    typeof Worker !== 'function' &&
    typeof process === 'object' &&
    process.getBuiltinModule?.('node:worker_threads') !== undefined
  );
}

/** In one of Node's worker threads: the way to its parent. */
export function parentPort(): MessagePort | undefined {
  if (!inNode()) return undefined;
  return process.getBuiltinModule('node:worker_threads').parentPort ?? undefined;
}

/** Whether this realm is a worker, of the browser or of Node. */
export function inWorker(): boolean {
  return 'DedicatedWorkerGlobalScope' in globalThis || parentPort() !== undefined;
}
