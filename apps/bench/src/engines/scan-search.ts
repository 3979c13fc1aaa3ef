import type { Engine } from '../harness/engine.ts';
import { timed } from '../harness/timed.ts';
import { searchEngine } from './search-engine.ts';
import { documentId, LIMIT, rowOf } from './search-types.ts';

/** A plain scan in JavaScript over one Float32Array, unrolled by four, with the best ten kept in order. */
export async function open(): Promise<Engine> {
  let vectors = new Float32Array(0);
  let dimensions = 0;

  function scan(query: Float32Array): string[] {
    const scores = new Float64Array(LIMIT).fill(-Infinity);
    const best = new Int32Array(LIMIT).fill(-1);
    const count = vectors.length / dimensions;
    for (let row = 0, at = 0; row < count; row++) {
      let [a, b, c, e] = [0, 0, 0, 0];
      for (let d = 0; d < dimensions; d += 4, at += 4) {
        a += query[d]! * vectors[at]!;
        b += query[d + 1]! * vectors[at + 1]!;
        c += query[d + 2]! * vectors[at + 2]!;
        e += query[d + 3]! * vectors[at + 3]!;
      }
      const score = a + b + c + e;
      if (score <= scores[LIMIT - 1]!) continue;
      let place = LIMIT - 1;
      for (; place > 0 && scores[place - 1]! < score; place--) {
        scores[place] = scores[place - 1]!;
        best[place] = best[place - 1]!;
      }
      scores[place] = score;
      best[place] = row;
    }
    return [...best].filter((row) => row >= 0).map(documentId);
  }

  return searchEngine({
    build: (corpus) =>
      timed(() => {
        vectors = new Float32Array(corpus.vectors);
        dimensions = corpus.dimensions;
      }),
    find: (_, queries, i) => scan(rowOf(queries.vectors, i, dimensions)),
  });
}
