import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIndex, detectLanguage } from '../src/index.ts';
import { Dictionary } from '../src/postings/dictionary.ts';
import { wordsWithin } from '../src/postings/typos.ts';

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

describe('wordsWithin', () => {
  it('finds exactly the words that a full comparison finds', () => {
    const letters = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 })
      .map((list) => list.join(''));
    fc.assert(
      fc.property(
        fc.uniqueArray(letters, { minLength: 1, maxLength: 40 }),
        letters,
        fc.integer({ min: 1, max: 2 }),
        (list, word, most) => {
          const words = new Dictionary();
          for (const one of list) words.internString(one);
          const sorted = Uint32Array.from(list.keys()).sort((a, b) => words.compare(a, b));
          const near = wordsWithin(words, sorted, word, most).map(
            ({ word: id, edits }) => `${words.text(id)} ${edits}`,
          );
          const expected = list
            .map((one) => [one, edits(one, word)] as const)
            .filter(([, distance]) => distance > 0 && distance <= most);
          expect(near.sort()).toEqual(expected.map(([one, distance]) => `${one} ${distance}`).sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Optimal string alignment distance, from its recurrence. */
function edits(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (__, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}
