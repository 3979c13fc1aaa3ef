import type { Call, WriteRequest } from './protocol.ts';

/**
 * Marks a call that goes out a second time, after a worker or leader died: its write may have been stored already,
 * and the engine must then not call its documents duplicates.
 */
export function markReplayed(call: Call): Call {
  if (call.method === 'write') (call.arguments[0] as WriteRequest).replayed = true;
  return call;
}
