import { VectorBlock } from '@burrow/kernels';
import type { Engine } from '../harness/engine.ts';
import { seededRandom } from '../statistics/random.ts';
import type { Corpus, SearchQueries } from './search-types.ts';

/** Queries of one measurement. */
const QUERIES = 16;

/**
 * Random unit vectors in blocks of f32 and int8, scanned by the kernels: the limit for vector search.
 *
 * @param threads for a second f32 block with the same vectors; none for 1
 */
export async function open({
  count,
  dimensions,
  threads,
}: {
  count: number;
  dimensions: number;
  threads: number;
}): Promise<Engine> {
  const shared =
    threads > 1 ? new VectorBlock({ dimensions, precision: 'f32', capacity: count, threads }) : undefined;
  const f32 = new VectorBlock({ dimensions, precision: 'f32', capacity: count });
  const int8 = new VectorBlock({ dimensions, precision: 'int8', capacity: count });
  const random = seededRandom(7);
  const unit = (rows: number): Float32Array => {
    const out = new Float32Array(rows * dimensions);
    for (let row = 0; row < rows; row++) {
      let square = 0;
      for (let d = 0; d < dimensions; d++)
        square += (out[row * dimensions + d] = random() + random() - 1) ** 2;
      for (let d = 0; d < dimensions; d++) out[row * dimensions + d]! /= Math.sqrt(square);
    }
    return out;
  };
  for (let from = 0; from < count; from += 1000) {
    const rows = unit(Math.min(1000, count - from));
    f32.add(rows);
    int8.add(rows);
    shared?.add(rows);
  }
  const queries = unit(QUERIES);
  const time = (run: (query: Float32Array) => unknown): number => {
    const started = performance.now();
    for (let i = 0; i < QUERIES; i++) run(queries.subarray(i * dimensions, (i + 1) * dimensions));
    return (performance.now() - started) / QUERIES;
  };
  const top = (block: VectorBlock, query: Float32Array, k: number): Uint32Array =>
    block.scan(query, k, { metric: 'dot' }).slots;
  const rescored = (query: Float32Array): Uint32Array =>
    f32.scanSlots(query, top(int8, query, 40), 10, { metric: 'dot' }).slots;

  // The first scan starts the threads; one that never comes is no failure of the others.
  const patience = performance.now() + 5000;
  while (shared && shared.threads < threads && performance.now() < patience) {
    top(shared, queries.subarray(0, dimensions), 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  return {
    facts: { threads: shared?.threads ?? 1 },
    operations: {
      'f32 threads': async () => time((query) => top(shared!, query, 10)),
      f32: async () => time((query) => top(f32, query, 10)),
      int8: async () => time(rescored),
      /** The same for other engines. */
      async corpus(): Promise<{ corpus: Corpus; queries: SearchQueries }> {
        const vectors = new Float32Array(count * dimensions);
        for (let slot = 0; slot < count; slot++) vectors.set(f32.get(slot), slot * dimensions);
        const terms = { keyword: [], prefix: [], typo: [] };
        return {
          corpus: { texts: Array.from({ length: count }, () => ''), vectors, dimensions },
          queries: { terms, vectors: queries },
        };
      },
      sum: async () => time(() => f32.sum()),
      async recall(): Promise<number> {
        let found = 0;
        for (let i = 0; i < QUERIES; i++) {
          const query = queries.subarray(i * dimensions, (i + 1) * dimensions);
          const exact = new Set(top(f32, query, 10));
          for (const slot of rescored(query)) if (exact.has(slot)) found++;
        }
        return found / (QUERIES * 10);
      },
    },
    close() {
      f32.dispose();
      int8.dispose();
      shared?.dispose();
    },
  };
}
