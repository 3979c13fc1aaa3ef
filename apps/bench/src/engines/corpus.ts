import { createEmbedder } from '@burrow/embed';
import type { Engine } from '../harness/engine.ts';
import { seededRandom } from '../statistics/random.ts';
import type { Corpus, SearchQueries } from './search-types.ts';

export interface CorpusOptions {
  passages: string[];
  /** Documents wanted; 50,000 passages are there. */
  count: number;
  queries: number;
  dimensions: number;
}

/**
 * Makes what is searched: real passages with the vectors of static-en, turned into more dimensions by a fixed rotation, which
 * leaves every cosine as it is; and queries out of other passages.
 */
export async function open({ passages, count, queries, dimensions }: CorpusOptions): Promise<Engine> {
  return {
    facts: {},
    operations: {
      async make(): Promise<{ corpus: Corpus; queries: SearchQueries }> {
        // Far from each other in the list, so that queries are no neighbours of what is indexed.
        const stride = Math.floor(passages.length / queries);
        const asked = Array.from({ length: queries }, (_, i) => passages[i * stride + (stride >> 1)]!);
        const texts = passages.slice(0, count);
        await using embedder = await createEmbedder({ device: 'static' });
        const rotation = orthonormal(embedder.dimensions, dimensions);
        const embed = async (list: string[]): Promise<Float32Array> =>
          rotate((await embedder.embed(list)).data, rotation, embedder.dimensions, dimensions);
        return {
          corpus: { texts, vectors: await embed(texts), dimensions },
          queries: { terms: termsOf(asked), vectors: await embed(asked) },
        };
      },
    },
    close: () => undefined,
  };
}

/** Three words of each text as they are, the beginning of the longest, and the three with two letters exchanged in the longest. */
function termsOf(texts: string[]): SearchQueries['terms'] {
  const random = seededRandom(11);
  const words = texts.map((text) => {
    const all = [...new Set(text.toLowerCase().match(/\p{L}{4,}/gu) ?? ['search'])];
    const three = Array.from(
      { length: Math.min(3, all.length) },
      () => all.splice(Math.floor(random() * all.length), 1)[0]!,
    );
    return three.sort((a, b) => b.length - a.length);
  });
  return {
    keyword: words.map((list) => list.join(' ')),
    prefix: words.map(([longest]) => longest!.slice(0, 4)),
    typo: words.map((list) => [exchange(list[0]!), ...list.slice(1)].join(' ')),
  };
}

function exchange(word: string): string {
  const at = word.length >> 1;
  return word.slice(0, at - 1) + word[at] + word[at - 1] + word.slice(at + 1);
}

/** `from` vectors of length `to` that are orthogonal and of unit length, row after row. */
function orthonormal(from: number, to: number): Float64Array {
  const random = seededRandom(384);
  const rows = new Float64Array(from * to).map(() => random() - 0.5);
  for (let i = 0; i < from; i++) {
    const row = rows.subarray(i * to, (i + 1) * to);
    for (let j = 0; j < i; j++) {
      const other = rows.subarray(j * to, (j + 1) * to);
      let dot = 0;
      for (let d = 0; d < to; d++) dot += row[d]! * other[d]!;
      for (let d = 0; d < to; d++) row[d]! -= dot * other[d]!;
    }
    let square = 0;
    for (let d = 0; d < to; d++) square += row[d]! ** 2;
    for (let d = 0; d < to; d++) row[d]! /= Math.sqrt(square);
  }
  return rows;
}

function rotate(vectors: Float32Array, rotation: Float64Array, from: number, to: number): Float32Array {
  const count = vectors.length / from;
  const out = new Float32Array(count * to);
  const sum = new Float64Array(to);
  for (let row = 0; row < count; row++) {
    sum.fill(0);
    for (let i = 0; i < from; i++) {
      const value = vectors[row * from + i]!;
      for (let d = 0; d < to; d++) sum[d]! += value * rotation[i * to + d]!;
    }
    out.set(sum, row * to);
  }
  return out;
}
