import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dictionary } from '../src/postings/dictionary.ts';
import { StemBeginnings } from '../src/postings/stem-beginnings.ts';
import { LANGUAGES, keptBeginning, stem } from '../src/text/stemmers.ts';

const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzeeaaiioouunnrrsst');
const ending = fc.constantFrom(
  '',
  'en',
  'ung',
  'heiten',
  'ement',
  'ions',
  'amente',
  'iendo',
  'ização',
  'erna',
  'nek',
  'ul',
  'ai',
);
const word = fc
  .tuple(fc.array(letter, { minLength: 1, maxLength: 8 }), ending)
  .map(([letters, end]) => (letters.join('') + end).normalize('NFD').replace(/\p{M}/gu, ''));
const language = fc.constantFrom(...LANGUAGES.filter((name) => keptBeginning(name) > 0));

describe('the beginning of a word', () => {
  it('is left as it is by the stemmers that are said to do so', () =>
    fc.assert(
      fc.property(word, language, (text, name) => {
        const stemmed = stem(text, name);
        const length = Math.min(keptBeginning(name), stemmed.length, text.length);
        expect(stemmed.slice(0, length)).toBe(text.slice(0, length));
      }),
      { numRuns: 20_000 },
    ));

  it('never rules out a language in which two words share a stem', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.constantFrom(...LANGUAGES.slice(1))), { maxLength: 20 }),
        word,
        (entries, asked) => {
          const stems = new Dictionary();
          let languages = 0;
          for (const [text, name] of entries) {
            const number = LANGUAGES.indexOf(name);
            languages |= 1 << number;
            stems.internString(String.fromCharCode(0x61 + number) + stem(text, name));
          }
          const possible = new StemBeginnings().possible(asked, languages, stems);
          expect(possible & ~languages).toBe(0);
          for (const [text, name] of entries)
            if (stem(text, name) === stem(asked, name))
              expect(possible & (1 << LANGUAGES.indexOf(name)), `${text} ${asked} ${name}`).not.toBe(0);
        },
      ),
      { numRuns: 5000 },
    ));

  it('rules languages out where no stem begins like the word', () => {
    const stems = new Dictionary();
    const german = LANGUAGES.indexOf('german');
    stems.internString(String.fromCharCode(0x61 + german) + stem('fensters', 'german'));
    const beginnings = new StemBeginnings();
    expect(beginnings.possible('search', 1 << german, stems)).toBe(0);
    expect(beginnings.possible('fenster', 1 << german, stems)).toBe(1 << german);
    stems.internString(String.fromCharCode(0x61 + german) + stem('sealen', 'german'));
    expect(beginnings.possible('search', 1 << german, stems)).toBe(1 << german);
  });
});
