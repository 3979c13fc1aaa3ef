import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkBySubject, type ChunkFormat, chunkText } from '../src/index.ts';

const countWords = (text: string): number => text.split(/\s+/).filter(Boolean).length;

describe('chunkText', () => {
  it.each<ChunkFormat>(['plain', 'markdown', 'sentences', 'fixed', 'code'])(
    '%s: rising spans within the limit, and no word is lost',
    (format) => {
      const piece = fc.constantFrom(
        'word',
        'two words.',
        '# Title\n',
        '\n\n',
        ' ',
        'A long sentence with several words in it! ',
        '```\ncode\n```\n',
        '- item\n',
        'Überschrift\n===\n',
        '😀',
        '\ud800',
      );
      fc.assert(
        fc.property(
          fc.array(piece, { maxLength: 60 }),
          fc.integer({ min: 2, max: 12 }),
          (pieces, maxTokens) => {
            const text = pieces.join('');
            const chunks = [...chunkText(text, { format, maxTokens, overlap: 1, countTokens: countWords })];
            const covered = new Uint8Array(text.length);
            let last = 0;
            for (const { start, end } of chunks) {
              expect(start).toBeGreaterThanOrEqual(last);
              expect(end).toBeGreaterThan(start);
              expect(countWords(text.slice(start, end))).toBeLessThanOrEqual(maxTokens);
              covered.fill(1, start, end);
              last = start;
            }
            for (let i = 0; i < text.length; i++) if (covered[i] === 0) expect(text[i]).toMatch(/\s/);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it('keeps the heading path of markdown, and takes no heading from code', () => {
    const text =
      '---\ntitle: x\n---\n# Guide\n\nIntro here.\n\n## Set *up*\n\nFirst.\n\n```sh\n# not a heading\n```\n\n# End\nBye.';
    const chunks = [...chunkText(text, { format: 'markdown', maxTokens: 40 })];
    expect(chunks.map((chunk) => chunk.headings)).toEqual([['Guide'], ['Guide', 'Set up'], ['End']]);
    expect(text.slice(chunks[1]!.start, chunks[1]!.end)).toContain('# not a heading');
  });

  it('reads html by its structure and leaves scripts out', () => {
    const text =
      '<html><head><title>T</title></head><body><h1>Guide</h1><p>Some <b>bold</b> text.</p><script>evil()</script><h2>More</h2><p>Rest.</p></body></html>';
    const chunks = [...chunkText(text, { format: 'html', maxTokens: 60 })];
    expect(chunks.map((chunk) => chunk.headings)).toEqual([['Guide'], ['Guide', 'More']]);
    for (const { start, end } of chunks) expect(text.slice(start, end)).not.toContain('evil');
  });

  it('cuts code between declarations', () => {
    const text = 'function one() {\n  return 1;\n\n}\n\n// the second\nfunction two() {\n  return 2;\n}\n';
    const chunks = [
      ...chunkText(text, { format: 'code', maxTokens: 12, overlap: 0, countTokens: countWords }),
    ];
    expect(chunks.map((chunk) => chunk.headings)).toEqual([['function one()'], ['function two()']]);
  });

  it('refuses limits that cannot be kept', () => {
    expect(() => [...chunkText('x', { maxTokens: 0 })]).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
    expect(() => [...chunkText('x', { maxTokens: 5, overlap: 5 })]).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
    expect(() => [...chunkText('x', { format: 'pdf' as never })]).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});

describe('chunkBySubject', () => {
  it('ends a chunk where the subject changes', async () => {
    const text = 'Cats purr. Cats sleep. Cats hunt. Stocks rise. Stocks fall. Stocks pay.';
    const embed = async (sentences: string[]): Promise<Float32Array> =>
      Float32Array.from(sentences.flatMap((one) => (one.startsWith('Cats') ? [1, 0] : [0, 1])));
    const chunks = await chunkBySubject(text, { embed, minTokens: 2 });
    expect(chunks.map(({ start, end }) => text.slice(start, end))).toEqual([
      'Cats purr. Cats sleep. Cats hunt.',
      'Stocks rise. Stocks fall. Stocks pay.',
    ]);
  });
});
