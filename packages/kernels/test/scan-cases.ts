// What several threads must find: what one finds. Used in Node and in Chromium.
import { expect } from 'vitest';
import type { VectorBlock } from '../src/vector-block.ts';
import { randomVectors } from './vector-cases.ts';

export const DIMENSIONS = 128;
const METRICS = {
  f32: ['cosine', 'dot', 'euclidean', 'manhattan'],
  int8: ['cosine', 'dot', 'euclidean', 'manhattan'],
} as const;

/** Rows that make scans worth sharing: more than 6 MB. */
const ROWS = { f32: 14_000, int8: 54_000 };

/** Scans until `threads` take part. */
export async function untilThreads(block: VectorBlock, query: Float32Array, threads: number): Promise<void> {
  while (block.threads !== threads) {
    block.scan(query, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function findTheSame(Block: typeof VectorBlock, precision: keyof typeof METRICS): Promise<void> {
  using alone = new Block({ dimensions: DIMENSIONS, precision });
  using shared = new Block({ dimensions: DIMENSIONS, precision, threads: 3 });
  const rows = ROWS[precision];
  const some = randomVectors(2000, DIMENSIONS, 1);
  const query = randomVectors(1, DIMENSIONS, 2);
  const both = [alone, shared] as const;
  const fill = (count: number): void => {
    for (let at = 0; at < count; at += 2000) for (const block of both) block.add(some);
  };
  fill(rows);
  await untilThreads(shared, query, 3);
  const compare = (): void => {
    const filter = new Uint32Array(Math.ceil(alone.slots / 32)).map((_, i) => (i % 3 === 0 ? -1 : i * 77));
    for (const metric of METRICS[precision]) {
      expect(shared.scores(query, { metric })).toEqual(alone.scores(query, { metric }));
      for (const options of [{ metric }, { metric, filter }, { metric, from: 320, to: alone.slots - 7 }])
        expect(shared.scan(query, 50, options)).toEqual(alone.scan(query, 50, options));
    }
  };
  compare();
  // The threads go on when rows change and when the block moves in its memory.
  for (const block of both) for (let slot = 0; slot < 1000; slot += 3) block.remove(slot);
  compare();
  fill(2000);
  compare();
  expect(shared.threads).toBe(3);
}
