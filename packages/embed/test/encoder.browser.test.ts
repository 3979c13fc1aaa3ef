import { expect, it } from 'vitest';
import { Encoder } from '../src/encoder/encoder.ts';
import { EncoderPool } from '../src/encoder/encoder-pool.ts';
import { packModel } from '../src/encoder/pack.ts';
import { EmbedError } from '../src/errors.ts';
import { encode, smallModel } from './encoder-reference.ts';

const WORKER = new URL('../src/encoder-worker.ts', import.meta.url).href;

const texts = Array.from({ length: 40 }, (_, i) =>
  Int32Array.from({ length: 1 + ((i * 37) % 120) }, (_, j) => (j * 7 + i * 3) % 50),
);

it('runs on relaxed SIMD in Chromium and equals plain loops there, too', () => {
  for (const options of [
    {},
    { alibi: true, gated: true },
    { norm: 'pre', activation: 'relu', widens: true, head: true },
  ] as const) {
    const model = smallModel(options);
    const encoder = new Encoder(packModel(model, { precision: 'f32' }), 'mean');
    expect(encoder.model.engine).toBe('relaxed');
    const { dimensions } = encoder.model;
    const vectors = encoder.embed(texts.slice(0, 8));
    texts.slice(0, 8).forEach((text, i) => {
      const wanted = encode(model, text);
      const row = vectors.subarray(i * dimensions, (i + 1) * dimensions);
      expect(Math.max(...row.map((value, d) => Math.abs(value - wanted[d]!)))).toBeLessThan(1e-4);
    });
  }
});

it('gives the same vectors on three threads over one memory as on one', async () => {
  expect(crossOriginIsolated).toBe(true);
  const packed = packModel(smallModel({}), { precision: 'int8', shared: true });
  const alone = new Encoder(packed, 'mean').embed(texts);
  const pool = await EncoderPool.start(packed, 'mean', 3, WORKER);
  for (let round = 0; round < 3; round++) expect(await pool.embed(texts)).toEqual(alone);
  expect(await pool.embed(texts.slice(0, 1))).toEqual(alone.slice(0, packed.dimensions));
  // Calls that overlap, one of them wrong, get their own answers.
  const calls = [texts, [Int32Array.of(99)], texts.slice(0, 20), texts].map((some) => pool.embed(some));
  const [first, wrong, second, third] = await Promise.allSettled(calls);
  expect(wrong).toMatchObject({ status: 'rejected', reason: expect.any(EmbedError) });
  expect(first).toEqual({ status: 'fulfilled', value: alone });
  expect(second).toEqual({ status: 'fulfilled', value: alone.slice(0, 20 * packed.dimensions) });
  expect(third).toEqual(first);
  expect(await pool.embed(texts)).toEqual(alone);
  pool.dispose();
});

it('shares the rows of few texts among its threads, with the same vectors to the last bit', async () => {
  for (const [options, precision, pooling] of [
    [{}, 'int8', 'mean'],
    [{}, 'f32', 'cls'],
    [{ alibi: true, gated: true }, 'int8', 'max'],
    [{ norm: 'pre', activation: 'relu', widens: true, head: true }, 'int8', 'mean'],
  ] as const) {
    const packed = packModel(smallModel(options), { precision, shared: true });
    const alone = new Encoder(packed, pooling);
    const pool = await EncoderPool.start(packed, pooling, 3, WORKER);
    // One text of each length, and some that fill a pass together.
    const some = [...texts.map((text) => [text]), texts.slice(0, 1), texts.slice(27, 29)];
    for (const list of some) expect(await pool.embed(list)).toEqual(alone.embed(list));
    const calls = some.map((list) => pool.embed(list));
    expect(await Promise.all(calls)).toEqual(some.map((list) => alone.embed(list)));
    await expect(pool.embed([Int32Array.of(1, 2, 3, 4, 5, 6, 7, 99)])).rejects.toThrow(EmbedError);
    expect(await pool.embed(some[9]!)).toEqual(alone.embed(some[9]!));
    pool.dispose();
  }
});

it('tells when a thread ends without a word', async () => {
  const RealWorker = globalThis.Worker;
  const workers: Worker[] = [];
  globalThis.Worker = class extends RealWorker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
  };
  const packed = packModel(smallModel({}), { precision: 'int8', shared: true });
  const pool = await EncoderPool.start(packed, 'mean', 2, WORKER).finally(() => {
    globalThis.Worker = RealWorker;
  });
  workers[0]!.terminate();
  // At once, before the browser says anything: the other thread waits in vain where they meet.
  await expect(pool.embed(texts.slice(20, 21))).rejects.toThrow(/does not answer/);
  await expect(pool.embed(texts)).rejects.toThrow(/ended by the browser/);
  pool.dispose();
});

it('fails when its threads cannot start', async () => {
  const packed = packModel(smallModel({}), { precision: 'int8', shared: true });
  const missing = new URL('./no-such-worker.js', import.meta.url).href;
  await expect(EncoderPool.start(packed, 'mean', 2, missing)).rejects.toThrow(EmbedError);
});
