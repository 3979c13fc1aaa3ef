import { seededRandom } from '../statistics/random.ts';

export type OperatorName = 'matmul f32' | 'matmul int8' | 'softmax' | 'scan f32';

/** One operator at one shape. Softmax is over rows of `k`; a scan gives the dot products of one vector of `k` with `n` others. */
export interface OperatorShape {
  operator: OperatorName;
  m: number;
  k: number;
  n: number;
}

export interface OperatorRun {
  /** Of one execution. */
  milliseconds: number;
  /** The first numbers of the result, to see that both sides compute the same. */
  head: number[];
}

/** How long one measurement lasts at least. */
const LEAST_MILLISECONDS = 30;

/** The same matrices on every engine. */
export function operands({ m, k, n }: OperatorShape): { a: Float32Array; b: Float32Array } {
  const random = seededRandom(m * 7919 + k * 31 + n);
  const fill = (length: number): Float32Array => new Float32Array(length).map(() => random() + random() - 1);
  return { a: fill(m * k), b: fill(k * n) };
}

/** Number of operations, two for each multiplication and addition; of numbers for softmax. */
export function operations({ operator, m, k, n }: OperatorShape): number {
  return operator === 'softmax' ? m * k : 2 * m * k * n;
}

/** Runs until enough time has passed. */
export async function timeRepeated(run: () => Promise<void> | void): Promise<number> {
  const started = performance.now();
  let count = 0;
  do {
    const pending = run();
    if (pending) await pending;
    count++;
  } while (performance.now() - started < LEAST_MILLISECONDS);
  return (performance.now() - started) / count;
}
