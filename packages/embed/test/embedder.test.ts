import { describe, expect, it } from 'vitest';
import { createEmbedder, EmbedError, hashModel, loadTokenizer, spaceOf } from '../src/index.ts';
import { rowCosine } from '../src/vectors.ts';

const cosine = (data: Float32Array, a: number, b: number, dimensions: number): number =>
  rowCosine(data.subarray(a * dimensions), data.subarray(b * dimensions), 0, dimensions);

describe('the default embedder, in Node', () => {
  it('reproduces its reference vectors and finds meaning', async () => {
    await using embedder = await createEmbedder();
    const { backend, dimensions } = embedder;
    expect(backend).toMatchObject({ device: 'static', dtype: 'int8' });
    expect(backend.candidates).toHaveLength(1);
    expect(backend.candidates[0]!.cosine!.least).toBeGreaterThan(0.9999);
    const { data, count } = await embedder.embed([
      'a cat sleeps on the sofa',
      'the kitten naps on the couch',
      'quarterly tax returns',
    ]);
    expect([count, dimensions, data.length]).toEqual([3, 256, 768]);
    expect(cosine(data, 0, 1, 256)).toBeGreaterThan(cosine(data, 0, 2, 256) + 0.2);
  });

  it('gives rows of unit length, and of zeros where nothing is known', async () => {
    await using embedder = await createEmbedder();
    const { data, tokens, truncated } = await embedder.embed([
      '',
      '   ',
      '\ud800',
      'word',
      'w '.repeat(5000),
    ]);
    const norms = Array.from({ length: 5 }, (_, row) =>
      Math.hypot(...data.subarray(row * 256, (row + 1) * 256)),
    );
    expect(norms.slice(0, 3)).toEqual([0, 0, 0]);
    expect(norms[3]).toBeCloseTo(1, 5);
    expect([...tokens]).toEqual([0, 0, 0, 1, 2048]);
    expect(truncated).toEqual([4]);
  });

  it('keeps the order, whatever the lengths, and does not depend on batch mates', async () => {
    await using embedder = await createEmbedder();
    const texts = Array.from({ length: 300 }, (_, i) => `number ${i} `.repeat(1 + ((i * 7) % 40)));
    const together = await embedder.embed(texts);
    for (const i of [0, 17, 150, 299]) {
      const alone = await embedder.embed([texts[i]!]);
      expect(together.data.slice(i * 256, (i + 1) * 256)).toEqual(alone.data);
      expect(together.tokens[i]).toBe(alone.tokens[0]);
    }
  });

  it('cuts to a Matryoshka dimension and normalises again', async () => {
    await using embedder = await createEmbedder();
    const { data } = await embedder.embed(['some words'], { dimensions: 128 });
    expect(data.length).toBe(128);
    expect(Math.hypot(...data)).toBeCloseTo(1, 5);
    await expect(embedder.embed(['x'], { dimensions: 100 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it('says what is wrong with its arguments', async () => {
    await using embedder = await createEmbedder();
    await expect(embedder.embed(['a', 1 as unknown as string])).rejects.toThrow(/Text 1 is number/);
    await expect(createEmbedder({ device: 'webgpu' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(createEmbedder({ dtype: 'fp16' })).rejects.toThrow(/has no fp16 weights/);
  });

  it('reports progress, stops on abort and after dispose', async () => {
    const embedder = await createEmbedder();
    const texts = Array.from({ length: 9000 }, (_, i) => `text ${i}`);
    const seen: number[] = [];
    await embedder.embed(texts, { onProgress: ({ done }) => seen.push(done) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(9000);
    const controller = new AbortController();
    const stopped = embedder.embed(texts, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    await expect(embedder.embed(texts, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect((await embedder.embed(['still works'])).count).toBe(1);
    const open = embedder.embed(texts);
    await embedder.dispose();
    await expect(open).rejects.toMatchObject({ code: 'disposed' });
    await expect(embedder.embed(['x'])).rejects.toBeInstanceOf(EmbedError);
  });

  it('lets queries overtake documents', async () => {
    await using embedder = await createEmbedder();
    const order: string[] = [];
    const documents = embedder
      .embed(Array.from({ length: 20_000 }, (_, i) => `document ${i}`))
      .then(() => order.push('documents'));
    const query = embedder.embed(['query'], { kind: 'query' }).then(() => order.push('query'));
    await Promise.all([documents, query]);
    expect(order).toEqual(['query', 'documents']);
  });
});

describe('the hash model', () => {
  it('finds spellings and is the same everywhere', async () => {
    await using embedder = await createEmbedder({ model: hashModel });
    const { data, dimensions } = await embedder.embed([
      'running shoes',
      'runing shoe',
      'quarterly report',
      'Привет, мир',
      'привет мир',
    ]);
    expect(embedder.backend.device).toBe('hash');
    expect(cosine(data, 0, 1, dimensions)).toBeGreaterThan(0.4);
    expect(cosine(data, 0, 2, dimensions)).toBeLessThan(0.2);
    expect(cosine(data, 3, 4, dimensions)).toBeCloseTo(1, 5);
    // Places and signs of the largest numbers of "a": fixed for all time, because indexes are kept.
    const { data: a } = await embedder.embed(['a']);
    expect([...a.entries()].filter(([, value]) => value !== 0).map(([i, value]) => [i, Math.sign(value)]))
      .toMatchInlineSnapshot(`
      [
        [
          327,
          1,
        ],
        [
          336,
          -1,
        ],
        [
          345,
          -1,
        ],
      ]
    `);
  });
});

describe('spaces and tokenizers', () => {
  it('tells spaces apart by dimensions and model', async () => {
    await using embedder = await createEmbedder();
    expect(embedder.space).toBe(spaceOf(embedder.model));
    expect(spaceOf(embedder.model, 128)).not.toBe(embedder.space);
    expect(spaceOf(hashModel.card)).not.toBe(embedder.space);
  });

  it('loads a tokenizer alone', async () => {
    const tokenizer = await loadTokenizer((await import('@burrow/model-static-en')).staticEn);
    expect(tokenizer.countTokens('hello wonderful world')).toBe(3);
    expect(tokenizer.capacity).toBe(2048);
  });
});
