import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../src/reading/excerpt.ts';
import { ordinal } from '../../src/reading/explain.ts';
import { tellingMarks } from '../../src/reading/marks.ts';
import { rangeInView } from '../../src/primitives/create-window.ts';

const shown = (parts: { text: string; marked: boolean }[]): string =>
  parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('');

describe('tellingMarks', () => {
  const text = 'a bicycle and a tyre';
  const marks: [number, number][] = [
    [0, 1],
    [2, 9],
    [14, 15],
    [16, 20],
  ];
  const word = (word: string, idf: number): { idf: number; words: { word: string }[] } => ({
    idf,
    words: [{ word }],
  });

  it('leaves out words that nearly every document has', () => {
    expect(tellingMarks(text, marks, [word('a', 0.1), word('bicycle', 4), word('tyre', 4)])).toEqual([
      [2, 9],
      [16, 20],
    ]);
  });

  it('keeps them where the query has no others', () => {
    expect(tellingMarks(text, marks, [word('a', 0.1)])).toEqual(marks);
  });
});

describe('excerptOf', () => {
  it('shows a short passage whole, without markup, on one line', () => {
    const text = '## Mend\n\nTurn the **wheel**,\nthen `stop`.';
    expect(shown(excerptOf({ text, highlights: [[20, 25]] }, 'markdown'))).toBe(
      'Mend Turn the [wheel], then stop.',
    );
  });

  it('begins a long passage near what matches best, at the start of a word', () => {
    const text = `${'padding words come first. '.repeat(40)}The heron stands still. ${'More follows here. '.repeat(40)}`;
    const at = text.indexOf('heron');
    const excerpt = shown(excerptOf({ text, highlights: [[at, at + 5]] }, 'plain'));
    expect(excerpt).toContain('The [heron] stands still.');
    expect(excerpt).toMatch(/^… \S/);
    expect(excerpt.length).toBeLessThan(420);
    const sentence: [number, number] = [text.indexOf('More'), text.length];
    expect(shown(excerptOf({ text, highlights: [], sentence }, 'plain'))).toContain('More follows here.');
  });
});

it('names places in words', () => {
  expect([1, 3, 11].map(ordinal)).toEqual(['first', 'third', 'number 11']);
});

it('keeps only rows in view, and some to spare, however long the list', () => {
  expect(rangeInView(0, 600, 60, 1_000_000)).toEqual({ first: 0, last: 18 });
  expect(rangeInView(6000, 600, 60, 1_000_000)).toEqual({ first: 92, last: 118 });
  expect(rangeInView(6000, 600, 60, 5)).toEqual({ first: 5, last: 5 });
});
