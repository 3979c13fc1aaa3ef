import type { Encoder, Share, SharedRows } from './encoder.ts';
import { Meeting } from './meeting.ts';
import type { PackedModel } from './pack.ts';
import type { Pooling } from '../types.ts';

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

/** Texts whose rows several threads share. */
export interface SharedPass {
  texts: readonly Int32Array[];
  rows: SharedRows;
  meeting: Int32Array;
  threads: number;
  /** Which of the threads this one is, counted from 0. */
  thread: number;
}

/** To a helper thread. */
export type EncoderRequest =
  | { type: 'start'; model: PackedModel; pooling: Pooling; lock: string }
  | { type: 'run'; job: EncoderJob }
  | { type: 'assist'; pass: SharedPass };

/** From a helper thread, once for each request; `alive` with the first when it holds its lock. */
export type EncoderReply = { error?: string; alive?: boolean };

/** Tokens of a unit: few, so that threads end together; longer texts are a unit each. */
const UNIT_TOKENS = 64;

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

/** Fewest rows of a thread: a tile of the matrix product. */
const LEAST_ROWS = 4;

/** How many of some threads share the rows of texts; 1 where these are many enough to give each thread texts of its own. */
export function threadsFor(texts: readonly Int32Array[], threads: number): number {
  const tokens = texts.reduce((sum, { length }) => sum + length, 0);
  if (texts.length > 1 && tokens > UNIT_TOKENS) return 1;
  return Math.max(1, Math.min(threads, Math.floor(tokens / LEAST_ROWS)));
}

/** Embeds texts whose rows several threads share; `invite` hands the others their part. */
export function embedShared(
  encoder: Encoder,
  texts: readonly Int32Array[],
  threads: number,
  invite: (passes: SharedPass[]) => void,
): Float32Array {
  const state = Meeting.room();
  return takePart({ texts, meeting: state, threads, thread: 0 }, (share) =>
    encoder.embedTogether(texts, share, (rows) =>
      invite(
        Array.from({ length: threads - 1 }, (_, i) => ({
          texts,
          rows,
          meeting: state,
          threads,
          thread: i + 1,
        })),
      ),
    ),
  );
}

/** One helper's part in `embedShared`. */
export function assist(encoder: Encoder, pass: SharedPass): void {
  takePart(pass, (share) => encoder.assist(pass.texts, share, pass.rows));
}

function takePart<T>(
  { texts, meeting, threads, thread }: Omit<SharedPass, 'rows'>,
  work: (share: Share) => T,
): T {
  const tokens = texts.reduce((sum, { length }) => sum + length, 0);
  const rowOf = (n: number): number => Math.floor((tokens * n) / threads);
  const others = new Meeting(meeting, threads);
  try {
    return work({ begin: rowOf(thread), end: rowOf(thread + 1), meet: () => others.wait() });
  } catch (error) {
    others.break();
    throw error;
  }
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
