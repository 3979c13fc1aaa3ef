import { readFile } from 'node:fs/promises';
import { Tokenizer as FullTokenizer } from '@huggingface/tokenizers';
import { staticEn } from '@burrow/model-static-en';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelTokenizer } from '../src/tokenizer.ts';
import type { ModelCard } from '../src/types.ts';

const json = await readFile(new URL(staticEn.urls['tokenizer.json']!), 'utf8');
const full = new FullTokenizer(JSON.parse(json), {});
const fullIds = (text: string): number[] => full.encode(text, { add_special_tokens: false }).ids;
const tokenizer = new ModelTokenizer(staticEn.card, json);
const onnxCard: ModelCard = { ...staticEn.card, kind: 'onnx', maxTokens: 16 };
const ids = (text: string): number[] => [...tokenizer.content(text, Infinity)];

const HOSTILE = [
  '',
  ' \t\r\n ',
  'Hello, World! C++ naïve café',
  'ÅNGSTRÖM İstanbul ΟΔΥΣΣΕΥΣ ΟΔΟΣ, ΑΣ',
  'a\u0000b\u0007c\u000bd\u000ce\u001ff\u007fg',
  'zero\u200bwidth\u200djoiner\ufeff\u00adsoft',
  '\ud800 lone \udc00 surrogates \ud83d',
  'emoji 👩‍👩‍👧‍👦 🏳️‍🌈 done',
  '東京タワー 한국어 ไทย हिन्दी العربية',
  'e\u0301\u0301 \u0301x \u0300',
  '[CLS] [SEP] [UNK][MASK] [PAD]x [cls] [ SEP]',
  '[M\u200bASK] [UNK\u0000]',
  'x'.repeat(100) + ' ' + 'x'.repeat(101) + ' ' + 'é'.repeat(101),
  '\u00a0\u2003\u3000nbsp\u00a0between\u2028lines\u2029',
  '\u{1d400}\u{20000}ab \ufffd \ufb01 ½ ² Ⅷ',
  "don't 3.14 a_b-c/d\\e @#$%^&*()",
  '##ing ## ##',
];

describe('fast WordPiece', () => {
  it('gives the same ids as the full tokenizer on hostile texts', () => {
    for (const text of HOSTILE) expect(ids(text), JSON.stringify(text)).toEqual(fullIds(text));
  });

  it('gives the same ids on anything', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom(...HOSTILE),
      fc.constantFrom(' ', '\t', '\n', '\u000b', '\u00a0', '[SEP]', '\ud800', '\u0301', 'Σ', '\u0000'),
      fc.stringMatching(/^[A-Za-z0-9]{1,12}$/),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (text) => {
        expect(ids(text)).toEqual(fullIds(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('still gives the same ids after its table of words has overflowed', () => {
    const small = new ModelTokenizer(staticEn.card, json);
    for (let i = 0; i < 90_000; i++) small.content(`w${i.toString(36)}`, Infinity);
    for (const text of HOSTILE) expect([...small.content(text, Infinity)]).toEqual(fullIds(text));
  });
});

describe('sequences', () => {
  const bert = new ModelTokenizer(onnxCard, json);

  it('frames a transformer’s tokens with its special tokens and cuts at the limit', () => {
    expect([...bert.encode('hello world')]).toEqual([101, 7592, 2088, 102]);
    const { ids, truncated } = bert.sequence('word '.repeat(50));
    expect(ids.length).toBe(16);
    expect(ids[0]).toBe(101);
    expect(ids[15]).toBe(102);
    expect(truncated).toBe(true);
    expect(bert.sequence('word '.repeat(14)).truncated).toBe(false);
    expect(bert.capacity).toBe(14);
  });

  it('does not pad, and does not cut at what a tokenizer.json says', () => {
    const published = {
      ...JSON.parse(json),
      padding: { strategy: { Fixed: 128 } },
      truncation: { max_length: 3 },
    };
    const tokenizer = new ModelTokenizer({ ...onnxCard, maxTokens: 64 }, JSON.stringify(published));
    expect(tokenizer.encode('one two three four five').length).toBe(7);
  });

  it('leaves special tokens out for static models', () => {
    expect([...tokenizer.encode('hello world')]).toEqual([7592, 2088]);
  });
});

describe('split', () => {
  it('covers every word in windows of at most so many tokens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...HOSTILE, 'word', ' ', 'antidisestablishmentarianism')),
        fc.integer({ min: 1, max: 12 }),
        (pieces, most) => {
          const text = pieces.join(' ');
          let at = 0;
          for (const { start, end } of tokenizer.split(text, most)) {
            expect(text.slice(at, start).trim()).toBe('');
            expect(end).toBeGreaterThan(start);
            const window = text.slice(start, end);
            // One character can be more than one token.
            if ([...window].length > 1) expect(tokenizer.countTokens(window)).toBeLessThanOrEqual(most);
            at = end;
          }
          expect(text.slice(at).trim()).toBe('');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('fills windows as far as words allow', () => {
    const text = 'one two three four five six seven';
    expect(tokenizer.split(text, 3).map(({ start, end }) => text.slice(start, end))).toEqual([
      'one two three',
      'four five six',
      'seven',
    ]);
  });

  it('never cuts a character in two', () => {
    const text = '𝐀'.repeat(50) + '👩'.repeat(50);
    for (const { start, end } of tokenizer.split(text, 7))
      expect(text.slice(start, end).isWellFormed()).toBe(true);
  });
});
