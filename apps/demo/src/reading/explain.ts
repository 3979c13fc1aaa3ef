import type { QueryResult } from '@burrow/worker';
import { tellingMarks, tellingWords } from './marks.ts';

type Hit = QueryResult['hits'][number];

/** Why a hit is where it is, in plain words. */
export interface WhyFound {
  words: string[];
  meaning: string[];
  together: string[];
}

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];

/** 1 → "first", 23 → "number 23". */
export function ordinal(rank: number): string {
  return ORDINALS[rank - 1] ?? `number ${rank}`;
}

/** How far each bar of a hit reaches, 0 to 1, against the best of the list. */
export function barsOf(hit: Hit, hits: readonly Hit[]): { words: number; meaning: number } {
  const best = (side: 'keyword' | 'vector'): number =>
    Math.max(1e-9, ...hits.map((other) => other[side]?.score ?? 0));
  const share = (side: 'keyword' | 'vector'): number =>
    Math.min(1, Math.max(0, (hit[side]?.score ?? 0) / best(side)));
  return { words: share('keyword'), meaning: share('vector') };
}

/** What is marked in a passage of a hit, as offsets into the passage. */
export function marksOf(hit: Hit, passage: Hit['passages'][number]): [start: number, end: number][] {
  return tellingMarks(passage.text, passage.highlights, hit.explanation?.keyword?.terms ?? []);
}

/** The explanation that the engine gave with a hit, as sentences. */
export function whyFound(hit: Hit, mode: QueryResult['mode']): WhyFound {
  const { keyword, vector, fusion } = hit.explanation ?? {};
  const words = keyword
    ? [
        `By words alone it would be ${ordinal(keyword.rank)}.`,
        ...tellingWords(keyword.terms).map(termSentence),
      ]
    : ['It shares no word with the query.'];
  const meaning = vector
    ? [
        `By meaning alone it would be ${ordinal(vector.rank)}: its best passage is ${percent(vector.similarity)} similar to the query.`,
      ]
    : [
        mode === 'keyword'
          ? 'Meaning was not searched this time.'
          : 'Its meaning is not close enough to the query.',
      ];
  const together = fusion
    ? [
        `In this search meaning weighs ${percent(fusion.weight)} and words ${percent(1 - fusion.weight)}.`,
        `Words gave ${fusion.keyword.toFixed(2)} and meaning ${fusion.vector.toFixed(2)}, ${hit.score.toFixed(2)} in all.`,
      ]
    : [];
  return { words, meaning, together };
}

type Term = NonNullable<NonNullable<Hit['explanation']>['keyword']>['terms'][number];

const KINDS: Record<Term['words'][number]['kind'], string> = {
  exact: '',
  stem: ', of the same stem',
  prefix: ', which begins so',
  typo: ', allowing for a typing error',
  phrase: ', side by side',
};

function termSentence({ term, words }: Term): string {
  const places = words.map(({ word, kind, field, frequency }) => {
    const times = frequency === 1 ? 'once' : frequency === 2 ? 'twice' : `${frequency} times`;
    return `“${word}”${KINDS[kind]}, ${times} in the ${field}`;
  });
  return places.length === 0 ? `“${term}” is not in it.` : `“${term}”: ${places.join('; ')}.`;
}

function percent(share: number): string {
  return `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;
}
