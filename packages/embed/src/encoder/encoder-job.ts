import type { Encoder } from './encoder.ts';
import type { PackedModel } from './pack.ts';
import type { Pooling } from '../types.ts';
import type { SharedPass } from './shared-pass.ts';

/** Texts for several threads, in shared memory. Threads take units (ranges of texts) until none is left. */
export interface EncoderJob {
  /** Ids of all texts, end to end. */
  ids: Int32Array;
  /** Where each text begins in `ids`; one more than texts. */
  offsets: Int32Array;
  /** First text of each unit; one more than units. */
  units: Int32Array;
  /** Number of the next unit, counted up atomically. */
  next: Int32Array;
  /** One vector for each text. */
  out: Float32Array;
}

/** To a helper thread. */
export type EncoderRequest =
  | { type: 'start'; model: PackedModel; pooling: Pooling; lock: string }
  | { type: 'run'; job: EncoderJob }
  | { type: 'assist'; pass: SharedPass };

/** From a helper thread, once for each request; `alive` with the first when it holds its lock. */
export type EncoderReply = { error?: string; alive?: boolean };

/** Tokens of a unit: few, so that threads end together; longer texts are a unit each. */
export const UNIT_TOKENS = 64;

export function planJob(texts: readonly Int32Array[], dimensions: number): EncoderJob {
  const shared = (length: number): Int32Array<SharedArrayBuffer> =>
    new Int32Array(new SharedArrayBuffer(length * 4));
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  const ids = shared(total);
  const offsets = shared(texts.length + 1);
  const starts = [0];
  let tokens = 0;
  texts.forEach((text, i) => {
    ids.set(text, offsets[i]);
    offsets[i + 1] = offsets[i]! + text.length;
    if (tokens > 0 && tokens + text.length > UNIT_TOKENS) {
      starts.push(i);
      tokens = 0;
    }
    tokens += text.length;
  });
  const units = shared(starts.length + 1);
  units.set([...starts, texts.length]);
  return {
    ids,
    offsets,
    units,
    next: shared(1),
    out: new Float32Array(new SharedArrayBuffer(texts.length * dimensions * 4)),
  };
}

/** Works on a job until it is done, beside other threads that do the same. */
export function runJob(encoder: Encoder, { ids, offsets, units, next, out }: EncoderJob): void {
  const { dimensions } = encoder.model;
  for (;;) {
    const unit = Atomics.add(next, 0, 1);
    if (unit >= units.length - 1) return;
    const texts: Int32Array[] = [];
    for (let i = units[unit]!; i < units[unit + 1]!; i++) texts.push(ids.slice(offsets[i]!, offsets[i + 1]!));
    out.set(encoder.embed(texts), units[unit]! * dimensions);
  }
}
