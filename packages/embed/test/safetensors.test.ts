import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asset, missingAsset } from '../../../scripts/test-assets.mjs';
import { createEmbedder } from '../src/index.ts';
import { halfToFloat, readSafetensors, toFloat32 } from '../src/safetensors.ts';
import { rowCosine } from '../src/vectors.ts';

function file(tensors: Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>): Uint8Array {
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += bytes.length)] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, ...Object.values(tensors).map(({ bytes }) => bytes)]));
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('safetensors', () => {
  it('reads tensors wherever they lie in memory', () => {
    const values = Float32Array.of(1.5, -2, 3e-8);
    const bytes = file({
      odd: { dtype: 'I8', shape: [1], bytes: Uint8Array.of(255) },
      f: { dtype: 'F32', shape: [3], bytes: bytesOf(values) },
    });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const tensors = readSafetensors(shifted.subarray(1));
    expect(toFloat32(tensors.get('f')!)).toEqual(values);
    expect(toFloat32(tensors.get('odd')!)).toEqual(Float32Array.of(-1));
    expect(tensors.get('f')!.shape).toEqual([3]);
  });

  it('reads what lies in a Buffer of Node, whose slices are views', () => {
    const values = Float32Array.of(1.5, -2, 3e-8);
    const bytes = file({ f: { dtype: 'F32', shape: [3], bytes: bytesOf(values) } });
    for (const offset of [0, 1, 4]) {
      const large = Buffer.alloc(bytes.length + 64, 255);
      large.set(bytes, offset);
      const tensor = readSafetensors(large.subarray(offset, offset + bytes.length)).get('f')!;
      expect(toFloat32(tensor)).toEqual(values);
    }
  });

  it('knows every half-precision number', () => {
    expect([0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00].map(halfToFloat)).toEqual([
      0,
      -0,
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      Infinity,
      -Infinity,
    ]);
    expect(halfToFloat(0x7e00)).toBeNaN();
  });

  it('never takes a damaged file for a good one', () => {
    const good = file({ f: { dtype: 'F32', shape: [4], bytes: new Uint8Array(16) } });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 1 }), (length) => {
        expect(() => readSafetensors(good.slice(0, length))).toThrow(
          expect.objectContaining({ code: 'invalid-model' }),
        );
      }),
    );
    expect(() => readSafetensors(new Uint8Array(100).fill(255))).toThrow(/header/);
  });

  it('gives float16 weights the vectors of the int8 ones that were made from them', async (context) => {
    const folder = asset('models', 'static-en');
    if (!folder) return context.skip(missingAsset('models', 'static-en'));
    await using half = await createEmbedder({ model: pathToFileURL(folder).href });
    await using int8 = await createEmbedder();
    const texts = ['boundary layer', 'How do I renew my passport?', 'x'];
    const [a, b] = [await half.embed(texts), await int8.embed(texts)];
    texts.forEach((_, row) => expect(rowCosine(a.data, b.data, row, 256)).toBeGreaterThan(0.9995));
  });
});
