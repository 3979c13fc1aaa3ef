import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../src/engine/document-texts.ts';

describe('stored texts', () => {
  it('come back as they were, whatever they hold', () => {
    const anyUnits = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), anyUnits), (text) => {
        expect(decodeText(encodeText(text))).toBe(text);
      }),
    );
  });

  it('keep a byte order mark and a long run of lone surrogates', () => {
    for (const text of ['\ufeffbegin', '\udc00'.repeat(20_000), ''])
      expect(decodeText(encodeText(text))).toBe(text);
  });
});
