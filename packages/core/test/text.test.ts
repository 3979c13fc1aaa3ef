import { describe, expect, it } from 'vitest';
import { createIndex, detectLanguage } from '../src/index.ts';

async function found(documents: Record<string, string>, term: string): Promise<string[]> {
  const index = createIndex();
  index.add(Object.entries(documents).map(([id, text]) => ({ document: { id, text } })));
  return (await index.search({ term })).hits.map((hit) => hit.id);
}

describe('words', () => {
  it.each([
    ['effect', 'the useEffect hook'],
    ['useEffect', 'the useEffect hook'],
    ['useeffect', 'the useEffect hook'],
    ['modules', 'in node_modules'],
    ['node_modules', 'in node_modules'],
    ['html', 'an HTMLElement'],
    ['C++', 'modern C++, mostly'],
    ['c#', 'some C# code'],
    ['node.js', 'runs on Node.js.'],
    ['USA', 'the U.S.A. and others'],
    ['naive', 'so naïve'],
    ['NAÏVE', 'so nai\u0308ve'],
    ['strasse', 'Hauptstraße und Straße'],
    ['aircraft', "the aircraft's wings"],
    ['avion', "un l'avion"],
    ['東京', '東京都に住んでいます'],
    ['한국', '한국어를 공부'],
    ['ประเทศ', 'ประเทศไทย'],
    ['кошки', 'Моя кошка спит на диване'],
    ['éditions', 'une édition de la presse française dans les rues'],
    ['häuser', 'das Haus ist nicht alt und die Tür ist auf'],
    ['3.14', 'pi is 3.14 or so'],
    ['😀', 'smile 😀 now'],
  ])('%s finds "%s"', async (term, text) => {
    expect(await found({ yes: text, no: 'nothing of the kind' }, term)).toEqual(['yes']);
  });

  it('puts the word before longer words before typing errors', async () => {
    const documents = {
      typo: 'searhc searhc',
      longer: 'searchlight searchlight searchlight',
      word: 'a long sentence in which someone mentions search exactly once among many other words',
    };
    expect(await found(documents, 'search')).toEqual(['word', 'longer']);
    expect(await found({ typo: 'searhc', longer: 'searchlight' }, 'search')).toEqual(['longer', 'typo']);
    expect(await found(documents, 'serach')).toContain('word');
  });

  it('understands phrases, excluded words and fields', async () => {
    const documents = { a: 'the quick brown fox', b: 'brown and quick fox', c: 'quick brown bear' };
    expect((await found(documents, '"quick brown"')).sort()).toEqual(['a', 'c']);
    expect(await found(documents, '"quick brown" -bear')).toEqual(['a']);
    expect(await found(documents, 'fox -"quick brown"')).toEqual(['b']);
    const index = createIndex();
    index.add([
      { document: { id: 't', title: 'fox', text: 'x' } },
      { document: { id: 'x', title: 'y', text: 'fox' } },
    ]);
    expect((await index.search({ term: 'title:fox' })).hits.map((hit) => hit.id)).toEqual(['t']);
  });

  it('finds a phrase across chunks', async () => {
    const index = createIndex();
    index.add([
      {
        document: { id: 'a', text: 'one two three four' },
        chunks: [
          { start: 0, end: 7 },
          { start: 8, end: 18 },
        ],
      },
    ]);
    expect((await index.search({ term: '"two three"' })).count).toBe(1);
    expect((await index.search({ term: '"three two"' })).count).toBe(0);
  });

  it('guesses languages, and says none where it cannot know', () => {
    expect(detectLanguage('The house is on the hill and it was built by his father')).toBe('english');
    expect(detectLanguage('Das Haus steht auf dem Hügel und wurde von seinem Vater gebaut')).toBe('german');
    expect(detectLanguage('La maison est sur la colline et elle a été construite par son père')).toBe(
      'french',
    );
    expect(detectLanguage('Дом стоит на холме')).toBe('russian');
    expect(detectLanguage('12345 +++')).toBe('none');
    expect(detectLanguage('DER HUND UND DIE KATZE')).toBe('german');
    expect(detectLanguage('Die Katze')).toBe('german');
    expect(detectLanguage('Xqz vbn')).toBe('none');
  });

  it('takes no word of another language in English text, code or addresses for that language', () => {
    for (const text of [
      'Type definitions for the API, see https://www.npmjs.com/package/burrow and github.com/burrow',
      'MIT License (MIT) Copyright 2015',
      'Handles proper rounding for non-floating-point numbers.',
      'Improvements over fs module',
      'An optional Buffer instance containing a TLS session.',
    ])
      expect(['english', 'none'], text).toContain(detectLanguage(text));
  });
});
