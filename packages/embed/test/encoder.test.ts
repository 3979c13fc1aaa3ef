import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Encoder } from '../src/encoder/encoder.ts';
import { planJob, runJob } from '../src/encoder/encoder-job.ts';
import { packModel } from '../src/encoder/pack.ts';
import { EmbedError } from '../src/errors.ts';
import { rowCosine } from '../src/vectors.ts';
import { encode, type SmallModelOptions, smallModel } from './encoder-reference.ts';

const variants: [string, SmallModelOptions][] = [
  ['BERT', {}],
  ['BERT with tanh GELU and 8-bit embeddings', { activation: 'gelu-tanh', codes: true }],
  ['BERT with SiLU', { activation: 'silu' }],
  ['jina-bert: ALiBi and gated feed-forward', { alibi: true, gated: true }],
  ['use-lite: pre-LN, widening, with a head', { norm: 'pre', activation: 'relu', widens: true, head: true }],
];

const textOf = (length: number, seed: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => (i * 7 + seed * 13 + ((i * i) % 5)) % 50);

describe.each(variants)('%s', (_name, options) => {
  it('equals plain loops within 1e-4 in f32, and points the same way in int8', () => {
    for (const seed of [1, 2]) {
      const model = smallModel({ ...options, seed });
      const exact = new Encoder(packModel(model, { precision: 'f32' }), 'mean');
      const small = new Encoder(packModel(model, { precision: 'int8' }), 'mean');
      const texts = [1, 2, 5, 33, 64, 130].map((length) => textOf(length, seed));
      const { dimensions } = exact.model;
      const floats = exact.embed(texts);
      const codes = small.embed(texts);
      texts.forEach((text, i) => {
        const wanted = Float32Array.from(encode(model, text));
        const row = floats.subarray(i * dimensions, (i + 1) * dimensions);
        expect(Math.max(...row.map((value, d) => Math.abs(value - wanted[d]!)))).toBeLessThan(1e-4);
        expect(rowCosine(codes.subarray(i * dimensions), wanted, 0, dimensions)).toBeGreaterThan(0.99);
      });
    }
  });

  it('gives a text the same vector whatever its batch mates', () => {
    const encoder = new Encoder(packModel(smallModel(options), { precision: 'int8' }), 'mean');
    const { dimensions } = encoder.model;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 560 }), { minLength: 1, maxLength: 8 }), (lengths) => {
        const texts = lengths.map((length, i) => textOf(length, i));
        const together = encoder.embed(texts);
        texts.forEach((text, i) => {
          expect([...together.subarray(i * dimensions, (i + 1) * dimensions)]).toEqual([
            ...encoder.embed([text]),
          ]);
        });
      }),
      { numRuns: 6 },
    );
  });
});

describe('Encoder', () => {
  it('pools by every rule', () => {
    const model = packModel(smallModel({}), { precision: 'f32' });
    const texts = [textOf(7, 1), textOf(3, 2)];
    const [mean, cls, last, max, weighted] = (['mean', 'cls', 'last', 'max', 'weighted-mean'] as const).map(
      (pooling) => new Encoder(model, pooling).embed(texts),
    );
    expect(new Set([mean, cls, last, max, weighted].map((vectors) => vectors!.join())).size).toBe(5);
    expect([...new Encoder(model, 'cls').embed([texts[1]!])]).toEqual([...cls!.subarray(32)]);
    max!.forEach((value, i) =>
      expect(value).toBeGreaterThanOrEqual(Math.max(mean![i]!, cls![i]!, last![i]!) - 1e-6),
    );
  });

  it('refuses empty texts, unknown ids and texts beyond the positions, and goes on', () => {
    const encoder = new Encoder(packModel(smallModel({}), { precision: 'int8' }), 'mean');
    for (const ids of [[], [50], [-1], Array.from({ length: 601 }, () => 1)]) {
      expect(() => encoder.embed([Int32Array.from(ids)])).toThrow(EmbedError);
    }
    expect(encoder.embed([textOf(600, 1)]).length).toBe(32);
    expect(encoder.embed([]).length).toBe(0);
  });

  it('shares one memory between encoders that take turns on a job', () => {
    const model = packModel(smallModel({}), { precision: 'int8', shared: true });
    expect(model.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const [a, b] = [new Encoder(model, 'mean'), new Encoder({ ...model }, 'mean')];
    const texts = Array.from({ length: 30 }, (_, i) => textOf(1 + ((i * 37) % 90), i));
    const alone = new Encoder(packModel(smallModel({}), { precision: 'int8' }), 'mean').embed(texts);
    const job = planJob(texts, model.dimensions);
    expect(job.units.length).toBeGreaterThan(3);
    // Activations of one must not touch those of the other.
    const before = b.embed([texts[0]!]);
    runJob(a, job);
    expect([...job.out]).toEqual([...alone]);
    expect([...b.embed([texts[0]!])]).toEqual([...before]);
    expect([...before]).toEqual([...alone.subarray(0, 32)]);
  });
});
