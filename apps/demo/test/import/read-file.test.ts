import { describe, expect, it } from 'vitest';
import { readFile } from '../../src/import/read-file.ts';
import {
  DEFAULT_LIMITS,
  type ImportedDocument,
  type ImportFailure,
  type ImportLimits,
  type SourceFile,
} from '../../src/import/types.ts';
import { fixture, madeUp } from '../fixtures.ts';

async function read(
  source: SourceFile,
  limits: Partial<ImportLimits> = {},
): Promise<{ documents: ImportedDocument[]; failures: ImportFailure[] }> {
  const failures: ImportFailure[] = [];
  const documents: ImportedDocument[] = [];
  const context = {
    limits: { ...DEFAULT_LIMITS, ...limits },
    onFailure: (failure: ImportFailure) => void failures.push(failure),
  };
  for await (const document of readFile(source, context)) documents.push(document);
  return { documents, failures };
}

const readOne = async (source: SourceFile): Promise<ImportedDocument> => {
  const { documents } = await read(source);
  expect(documents).toHaveLength(1);
  return documents[0] as ImportedDocument;
};

describe('formats', () => {
  it('reads plain text, with the name of the file as its title', async () => {
    const document = await readOne(await fixture('household/sourdough.txt'));
    expect(document).toMatchObject({
      id: 'household/sourdough.txt',
      title: 'sourdough',
      type: 'text',
      format: 'plain',
      collection: 'household',
    });
    expect(document.text).toMatch(/^Sourdough, step by step/);
    expect(document.date).toBe(1_700_000_000_000);
  });

  it('reads Markdown, with the title of its front matter or its heading', async () => {
    const passport = await readOne(await fixture('household/passport-renewal.md'));
    expect(passport.title).toBe('Renewing a passport');
    expect(passport.text).not.toContain('---');
    expect(passport.format).toBe('markdown');
    expect((await readOne(await fixture('household/first-aid-burns.md'))).title).toBe('Burns and scalds');
  });

  it('reads a web page without its scripts and styles', async () => {
    const document = await readOne(await fixture('household/bicycle-puncture.html'));
    expect(document).toMatchObject({ title: 'Fixing a puncture', type: 'web page' });
    expect(document.text).toContain('## Finding the hole');
    expect(document.text).toContain('- Check that the brake is hooked up again.');
    expect(document.text).not.toMatch(/script|color/i);
  });

  it('reads the text and title of a PDF, all pages', async () => {
    const document = await readOne(await fixture('household/electricity.pdf'));
    expect(document).toMatchObject({ title: 'Reading the electricity meter', type: 'pdf' });
    expect(document.text).toContain('The meter stands in the cellar behind the grey door.');
    expect(document.text).toContain('let the dishwasher run then.');
    expect(document.text.split('\n\n').length).toBeGreaterThan(2);
  });

  it('reads a Word file with its headings', async () => {
    const document = await readOne(await fixture('household/moving-house.docx'));
    expect(document).toMatchObject({ title: 'Moving house', type: 'word', format: 'markdown' });
    expect(document.text).toContain('# On the day');
    expect(document.text).toContain('friends with strong backs.');
  });

  it('makes a document of each row of a table', async () => {
    const { documents } = await read(await fixture('household/recipes.csv'));
    expect(documents.map(({ title }) => title)).toEqual([
      'Lentil soup',
      'Ratatouille',
      'Apple crumble',
      'Shakshuka',
    ]);
    expect(documents[0]).toMatchObject({
      id: 'household/recipes.csv#1',
      type: 'table row',
      source: 'household/recipes.csv',
    });
    expect(documents[0]?.text).toMatch(/^Brown lentils simmered with carrots/);
    expect(documents[0]?.text).toContain('minutes: 45');
  });

  it('makes a document of each record of a JSON list', async () => {
    const { documents } = await read(await fixture('household/contacts.json'));
    expect(documents.map(({ title }) => title)).toEqual([
      'Dr. Amira Haddad',
      'Piotr Nowak',
      'Grünhof nursery',
    ]);
    expect(documents[1]?.text).toContain('role: plumber');
  });

  it('reads lines of JSON, tells of a bad line and goes on', async () => {
    const { documents, failures } = await read(await fixture('household/journal.ndjson'));
    expect(documents.map(({ id }) => id)).toEqual(
      [1, 2, 4].map((line) => `household/journal.ndjson#${line}`),
    );
    expect(documents[0]?.date).toBe(Date.parse('2026-03-02'));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain('line 3');
  });

  it('reads UTF-16 and windows-1252 as a person would', async () => {
    const utf16 = new Uint8Array(
      new Uint16Array([0xfeff, ...[...'Grüße'].map((letter) => letter.charCodeAt(0))]).buffer,
    );
    expect((await readOne(madeUp('a.txt', utf16))).text).toBe('Grüße');
    expect((await readOne(madeUp('b.txt', Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65)))).text).toBe('Grüße');
  });

  it('reads a nested object as lines', async () => {
    const document = await readOne(
      madeUp('one.json', '{"place":{"city":"Oslo","tags":["cold","north"]},"__proto__":{"x":1}}'),
    );
    expect(document.text).toContain('place city: Oslo');
    expect(document.text).toContain('place tags: cold, north');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('streams a table over many pieces, quoted line breaks included', async () => {
    const cells = Array.from(
      { length: 5000 },
      (_, row) => `${row},"first line of ${row}\nand ""second""\r\nline ${'x'.repeat(40)}"`,
    );
    const { documents } = await read(madeUp('long.csv', `id,text\r\n${cells.join('\r\n')}\r\n`));
    expect(documents).toHaveLength(5000);
    expect(documents[4999]?.text).toContain('first line of 4999\nand "second"\r\nline');
  });

  it('reads lone surrogates and source code', async () => {
    expect((await readOne(madeUp('x.ndjson', '{"text":"lone \\ud800 surrogate"}'))).text).toContain('\ud800');
    expect((await readOne(madeUp('main.rs', 'fn main() {}'))).text).toBe('fn main() {}');
  });
});

describe('hostile and broken files', () => {
  const cases: [string, string, RegExp][] = [
    ['binary.txt', 'binary', /not text/],
    ['encrypted.pdf', 'encrypted', /password/],
    ['damaged.pdf', 'damaged', /fresh copy/],
    ['scan.pdf', 'no-text', /OCR/],
    ['damaged.docx', 'damaged', /fresh copy/],
    ['not-word.docx', 'damaged', /word\/document\.xml/],
    ['invalid-xml.docx', 'damaged', /repair/],
    ['bomb.docx', 'zip-bomb', /left out/],
    ['protected.docx', 'encrypted', /without a password/],
    ['old.doc', 'unsupported', /\.docx/],
    ['picture.png', 'unsupported', /image/],
    ['empty.txt', 'no-text', /empty/],
    ['blank.md', 'no-text', /no text/],
    ['broken.json', 'damaged', /JSON/],
    ['header-only.csv', 'no-text', /rows/],
  ];
  it.each(cases)('%s: %s', async (name, code, message) => {
    const source = await fixture(`hostile/${name}`);
    await expect(read(source)).rejects.toMatchObject({
      name: 'ImportError',
      code,
      path: source.path,
      message: expect.stringMatching(message),
    });
    await expect(read(source)).rejects.toThrow(source.path);
  });

  it('keeps nothing of a script but the words that a reader would see', async () => {
    const { text } = await readOne(await fixture('hostile/scripts.html'));
    expect(text).toContain('Harmless heading');
    expect(text).toContain('Text between scripts stays <script>');
    expect(text).not.toMatch(/evil|onload|onerror|tracker|javascript:/);
  });

  it('refuses text beyond the limit, whole files and single rows', async () => {
    const limits = { textLength: 1000 };
    const long = 'word '.repeat(1000);
    for (const name of ['a.txt', 'a.md', 'a.html', 'a.json']) {
      await expect(read(madeUp(name, long), limits)).rejects.toMatchObject({ code: 'too-large' });
    }
    await expect(read(madeUp('a.csv', `a\n"${long}`), limits)).rejects.toMatchObject({ code: 'too-large' });
    await expect(read(await fixture('household/electricity.pdf'), { textLength: 100 })).rejects.toMatchObject(
      { code: 'too-large' },
    );
  });
});
