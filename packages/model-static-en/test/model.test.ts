import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { staticEn } from '../src/index.ts';

const { card, urls } = staticEn;

describe('static-en', () => {
  it('ships the files that its card names, with the sizes and checksums that it states', async () => {
    const names = [card.files.tokenizer, ...Object.values(card.files.weights)];
    expect(Object.keys(urls).sort()).toEqual(names.sort());
    for (const name of names) {
      const bytes = await readFile(new URL(urls[name]!));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.hashes[name]);
    }
    expect((await readFile(new URL(urls[card.files.weights.int8]!))).byteLength).toBe(card.bytes.int8);
  });

  it('holds one int8 row of the stated length and one scale for each piece of the vocabulary', async () => {
    const bytes = await readFile(new URL(urls[card.files.weights.int8]!));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
    const tokenizer = JSON.parse(await readFile(new URL(urls[card.files.tokenizer]!), 'utf8'));
    const pieces = Object.keys(tokenizer.model.vocab).length;
    expect(header.embeddings).toMatchObject({ dtype: 'I8', shape: [pieces, card.dimensions] });
    expect(header.scales).toMatchObject({ dtype: 'F32', shape: [pieces] });
  });

  it('states reference vectors of unit length', () => {
    const bytes = Buffer.from(card.reference.vectors, 'base64');
    expect(bytes.byteLength).toBe(card.reference.texts.length * card.dimensions * 2);
    for (let row = 0; row < card.reference.texts.length; row++) {
      let sum = 0;
      for (let i = 0; i < card.dimensions; i++)
        sum += (bytes.readInt16LE((row * card.dimensions + i) * 2) / 32767) ** 2;
      expect(Math.sqrt(sum)).toBeCloseTo(1, 3);
    }
  });
});
