import { describe, expect, it } from 'vitest';
import { fromTransformers } from '../src/index.ts';
import type { FeatureExtractor } from '../src/index.ts';

/** Like a pipeline's answer: [length, 1, 0]. */
function extractor(failing = false): FeatureExtractor & { calls: string[][] } {
  const calls: string[][] = [];
  const run = async (texts: string[]): Promise<{ data: Float32Array; dims: number[] }> => {
    if (failing) throw new Error('no memory');
    calls.push(texts);
    return { data: Float32Array.from(texts.flatMap((text) => [text.length, 1, 0])), dims: [texts.length, 3] };
  };
  return Object.assign(run, { calls, tokenizer: { encode: (text: string) => text.split(' ') } });
}

describe('fromTransformers', () => {
  it('keeps order, adds prefixes, normalises, reports truncation, and claims nothing', async () => {
    const pipeline = extractor();
    const embedder = fromTransformers(pipeline, {
      id: 'a/b',
      dimensions: 3,
      maxTokens: 4,
      prefixes: { query: 'q: ', document: '' },
    });
    const { data, truncated, tokens } = await embedder.embed(['a b c d e f', 'x']);
    expect(Math.hypot(...data.subarray(0, 3))).toBeCloseTo(1, 5);
    expect(data[0]! / data[1]!).toBeCloseTo(11, 4);
    expect([[...tokens], truncated]).toEqual([[4, 1], [0]]);
    await embedder.embed(['x'], { kind: 'query' });
    expect(pipeline.calls.at(-1)).toEqual(['q: x']);
    expect(embedder.model.verified).toBe(false);
  });

  it('passes failures on, and wrong lengths', async () => {
    await expect(
      fromTransformers(extractor(true), { id: 'a/b', dimensions: 3 }).embed(['x']),
    ).rejects.toMatchObject({ code: 'backend-failed' });
    await expect(fromTransformers(extractor(), { id: 'a/b', dimensions: 4 }).embed(['x'])).rejects.toThrow(
      /3 dimensions, not 4/,
    );
    expect(() =>
      fromTransformers(extractor(), { id: 'a/b', dimensions: 3, pooling: 'graph' as 'mean' }),
    ).toThrow(/pooling/);
  });
});
