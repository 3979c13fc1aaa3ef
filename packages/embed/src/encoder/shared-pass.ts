// One pass over few texts, a query above all, by several threads: each does some of the rows of every step.
import type { Encoder, Share, SharedRows } from './encoder.ts';
import { UNIT_TOKENS } from './encoder-job.ts';
import { Meeting } from './meeting.ts';

/** Texts whose rows several threads share. */
export interface SharedPass {
  texts: readonly Int32Array[];
  rows: SharedRows;
  meeting: Int32Array;
  threads: number;
  /** Which of the threads this one is, counted from 0. */
  thread: number;
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
