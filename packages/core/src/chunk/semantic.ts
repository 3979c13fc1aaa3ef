import { SearchError, show } from '../errors.ts';
import type { Chunk } from '../types.ts';
import { estimateTokens } from './chunk-text.ts';
import { sentenceBlocks } from './sentences.ts';

export interface SemanticChunkOptions {
  /** Turns sentences into vectors of unit length, count × dimensions, row by row. */
  embed: (sentences: string[]) => Promise<Float32Array>;
  /** Most tokens in a chunk. @default 256 */
  maxTokens?: number;
  /** Fewest tokens before a change of subject may end a chunk. @default 32 */
  minTokens?: number;
  /** Share of the gaps between sentences, the widest, at which a chunk may end. @default 0.2 */
  share?: number;
  countTokens?: (text: string) => number;
  signal?: AbortSignal;
}

/**
 * Cuts a text where its subject changes: at the widest gaps between the embeddings of neighbouring
 * sentences (three before against three after), within the limits on tokens.
 */
export async function chunkBySubject(text: string, options: SemanticChunkOptions): Promise<Chunk[]> {
  const { maxTokens = 256, minTokens = 32, share = 0.2, countTokens = estimateTokens, signal } = options;
  if (!(share >= 0 && share <= 1))
    throw new SearchError('invalid-option', `\`share\` is ${show(share)}; it must lie between 0 and 1.`, {
      field: 'share',
      value: share,
    });
  const spans = [...sentenceBlocks(text)];
  if (spans.length === 0) return [];
  const vectors = await options.embed(spans.map((span) => text.slice(span.start, span.end)));
  signal?.throwIfAborted();
  const dimensions = vectors.length / spans.length;
  if (!Number.isInteger(dimensions) || dimensions < 1) {
    throw new SearchError(
      'wrong-dimensions',
      `\`embed\` gave ${vectors.length} numbers for ${spans.length} sentences.`,
      { field: 'embed', value: vectors.length },
    );
  }
  const gaps = spans.map((_, at) =>
    at === 0 ? 0 : 1 - cosine(sumOf(vectors, dimensions, at - 3, at), sumOf(vectors, dimensions, at, at + 3)),
  );
  const wide = [...gaps].sort((a, b) => b - a)[Math.floor(share * (gaps.length - 1))]!;
  const chunks: Chunk[] = [];
  let tokens = 0;
  spans.forEach((span, at) => {
    const own = countTokens(text.slice(span.start, span.end));
    const last = chunks.at(-1);
    // The gap widens towards a change from both sides: only its peak is one.
    const peak = at > 0 && gaps[at]! > gaps[at - 1]! && gaps[at]! >= (gaps[at + 1] ?? 0);
    const subjectChanges = peak && gaps[at]! >= wide && tokens >= minTokens;
    if (last === undefined || subjectChanges || tokens + own > maxTokens) {
      chunks.push({ start: span.start, end: span.end });
      tokens = own;
    } else {
      last.end = span.end;
      tokens += own;
    }
  });
  return chunks;
}

function sumOf(vectors: Float32Array, dimensions: number, from: number, to: number): Float64Array {
  const sum = new Float64Array(dimensions);
  for (let row = Math.max(0, from); row < Math.min(to, vectors.length / dimensions); row++) {
    for (let i = 0; i < dimensions; i++) sum[i]! += vectors[row * dimensions + i]!;
  }
  return sum;
}

function cosine(a: Float64Array, b: Float64Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
