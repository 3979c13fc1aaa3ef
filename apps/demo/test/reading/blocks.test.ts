import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutBlocks, layoutOf, plainBlocks, type Layout } from '../../src/reading/blocks.ts';
import { blockAt, cutAtMarks } from '../../src/reading/marks.ts';

const shown = (text: string, layout: Layout = 'markdown'): [string, string][] =>
  layOutBlocks(text, layout).map(({ kind, runs }) => [
    kind,
    runs.map(({ start, end }) => text.slice(start, end)).join(''),
  ]);

describe('layOutBlocks', () => {
  it('shows Markdown without its marks', () => {
    const text =
      '# A **bold** title\n\nSome `code`, [a link](https://x.invalid) and \\*stars\\*.\n\n- one\n- two\n  - three\n\n> said\n> so\n\n```js\nlet a;\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n---\n';
    expect(shown(text)).toEqual([
      ['heading', 'A bold title'],
      ['paragraph', 'Some code, a link and *stars*.'],
      ['item', 'one'],
      ['item', 'two'],
      ['item', 'three'],
      ['quote', 'said\nso'],
      ['code', 'let a;'],
      ['row', ' a  b '],
      ['row', ' c  d '],
      ['rule', ''],
    ]);
  });

  it('shows what is within a quote without its marks too', () => {
    expect(shown('> **Note:** pass `--force`\n> > twice & *more*\nlazily\n')).toEqual([
      ['quote', 'Note: pass --force\ntwice & more\nlazily'],
    ]);
    expect(shown('> 5 * 3 * 2 <b>', 'outline')).toEqual([['quote', '5 * 3 * 2 <b>']]);
  });

  it('shows raw HTML as its words, never as markup', () => {
    expect(shown('<div onclick="x()">hello <b>you</b><!-- hidden --></div>')).toEqual([
      ['paragraph', 'hello you'],
    ]);
  });

  it('shows what the importer made of a page as it stands, but for its outline', () => {
    expect(
      shown('# A *star* & <b>\n\n- keep <script>x</script> snake_case_name\n\n<div>\n\n5 * 3 * 2', 'outline'),
    ).toEqual([
      ['heading', 'A *star* & <b>'],
      ['item', 'keep <script>x</script> snake_case_name'],
      ['paragraph', '<div>'],
      ['paragraph', '5 * 3 * 2'],
    ]);
    expect(layoutOf({ type: 'web page', format: 'markdown' })).toBe('outline');
    expect(layoutOf({ type: 'markdown', format: 'markdown' })).toBe('markdown');
    expect(layoutOf({ type: 'pdf', format: 'plain' })).toBe('plain');
  });

  it('shows plain text in paragraphs, long ones in parts', () => {
    expect(shown('one\ntwo\n\nthree', 'plain').map(([, text]) => text)).toEqual(['one\ntwo', 'three']);
    const long = 'word '.repeat(5000).trim();
    const blocks = plainBlocks(long);
    expect(blocks.length).toBeGreaterThan(4);
    expect(blocks.map(({ start, end }) => long.slice(start, end)).join('')).toBe(long);
  });

  it('gives runs in order that lie within the text, whatever the text', () => {
    const piece = fc.constantFrom(
      '# ',
      '- ',
      '  - ',
      '1. ',
      '> ',
      '```',
      '**',
      '_',
      '`',
      '[a](b)',
      '![i](j)',
      '<b>',
      '</b>',
      '|',
      '|--|\n',
      '\n',
      '\n\n',
      '\t',
      'word ',
      'é😀',
      '\ud800',
      '\\',
      '&amp;',
      '[x] ',
      '<!--',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.constantFrom<Layout>('markdown', 'outline', 'plain'),
        (pieces, layout) => {
          const text = pieces.join('');
          let last = 0;
          for (const block of layOutBlocks(text, layout)) {
            for (const { start, end } of block.runs) {
              expect(start).toBeGreaterThanOrEqual(last);
              expect(end).toBeGreaterThanOrEqual(start);
              expect(end).toBeLessThanOrEqual(text.length);
              last = end;
            }
          }
        },
      ),
      { numRuns: 2000, examples: [[['  - ', '[x] ', '\n\n', '- '], 'markdown']] },
    );
  });
});

describe('cutAtMarks', () => {
  it('covers the stretch once, marked exactly where a mark is', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 8 }), ([start, end], marks) => {
        const spans = cutAtMarks(start, end, marks);
        expect(spans.reduce((sum, span) => sum + span.end - span.start, 0)).toBe(end - start);
        for (const span of spans) {
          for (let at = span.start; at < span.end; at++) {
            expect(marks.some(([from, to]) => from <= at && at < to)).toBe(span.marked);
          }
        }
      }),
    );
  });

  it('finds the block of an offset', () => {
    const blocks = [
      { start: 0, end: 5 },
      { start: 7, end: 9 },
    ];
    expect([0, 4, 5, 6, 8, 100].map((offset) => blockAt(blocks, offset))).toEqual([0, 0, 1, 1, 1, 1]);
  });
});
