import { stemmer as arabic } from '@orama/stemmers/arabic';
import { stemmer as armenian } from '@orama/stemmers/armenian';
import { stemmer as bulgarian } from '@orama/stemmers/bulgarian';
import { stemmer as danish } from '@orama/stemmers/danish';
import { stemmer as dutch } from '@orama/stemmers/dutch';
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as finnish } from '@orama/stemmers/finnish';
import { stemmer as french } from '@orama/stemmers/french';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as greek } from '@orama/stemmers/greek';
import { stemmer as hungarian } from '@orama/stemmers/hungarian';
import { stemmer as indonesian } from '@orama/stemmers/indonesian';
import { stemmer as irish } from '@orama/stemmers/irish';
import { stemmer as italian } from '@orama/stemmers/italian';
import { stemmer as lithuanian } from '@orama/stemmers/lithuanian';
import { stemmer as norwegian } from '@orama/stemmers/norwegian';
import { stemmer as portuguese } from '@orama/stemmers/portuguese';
import { stemmer as romanian } from '@orama/stemmers/romanian';
import { stemmer as russian } from '@orama/stemmers/russian';
import { stemmer as spanish } from '@orama/stemmers/spanish';
import { stemmer as swedish } from '@orama/stemmers/swedish';
import { stemmer as turkish } from '@orama/stemmers/turkish';

/**
 * Languages with a stemmer. `none` keeps words as they are. The order is part of the snapshot
 * format (a language is stored as its place here): append, never reorder.
 */
export const LANGUAGES = [
  'none',
  'english',
  'german',
  'french',
  'spanish',
  'italian',
  'portuguese',
  'dutch',
  'danish',
  'norwegian',
  'swedish',
  'finnish',
  'russian',
  'bulgarian',
  'greek',
  'arabic',
  'armenian',
  'hungarian',
  'indonesian',
  'irish',
  'lithuanian',
  'romanian',
  'turkish',
] as const;

export type Language = (typeof LANGUAGES)[number];

const STEMMERS: Record<Language, ((word: string) => string) | undefined> = {
  none: undefined,
  english,
  german,
  french,
  spanish,
  italian,
  portuguese,
  dutch,
  danish,
  norwegian,
  swedish,
  finnish,
  russian,
  bulgarian,
  greek,
  arabic,
  armenian,
  hungarian,
  indonesian,
  irish,
  lithuanian,
  romanian,
  turkish,
};

const STEMMABLE = /^[\p{L}\p{M}']+$/u;
const ASCII = /^[\x20-\x7e]*$/;
/** Languages whose stemmers know other letters only: a word in plain Latin letters is its own stem there. */
const NOT_LATIN: ReadonlySet<Language> = new Set(['russian', 'bulgarian', 'greek', 'arabic', 'armenian']);

/** So many letters at the beginning of a plain Latin word are never touched by these stemmers; others may change any. */
const KEPT_BEGINNINGS: Partial<Record<Language, number>> = {
  german: 3,
  french: 2,
  spanish: 3,
  italian: 3,
  portuguese: 3,
  dutch: 2,
  danish: 3,
  norwegian: 3,
  swedish: 3,
  hungarian: 3,
  lithuanian: 3,
  romanian: 3,
};

/** How many letters at the beginning of a folded ASCII word its stem surely has, too, where it is that long. */
export function keptBeginning(language: Language): number {
  return KEPT_BEGINNINGS[language] ?? 0;
}

/** The stem of a folded word. Words with digits or signs, and very short or long ones, are their own stems. */
export function stem(word: string, language: Language): string {
  const stemmer = STEMMERS[language];
  if (stemmer === undefined || !isStemmable(word)) return word;
  return stemmer(word) || word;
}

/** The stems of a folded word by number of language, of the languages in a bit set. */
export function stemsIn(word: string, languages: number): Map<number, string> {
  const stems = new Map<number, string>();
  const stemmable = isStemmable(word);
  const latin = ASCII.test(word);
  for (let language = 1; language < LANGUAGES.length; language++) {
    if ((languages & (1 << language)) === 0) continue;
    const name = LANGUAGES[language]!;
    stems.set(language, !stemmable || (latin && NOT_LATIN.has(name)) ? word : STEMMERS[name]!(word) || word);
  }
  return stems;
}

function isStemmable(word: string): boolean {
  return word.length >= 3 && word.length <= 40 && STEMMABLE.test(word);
}
