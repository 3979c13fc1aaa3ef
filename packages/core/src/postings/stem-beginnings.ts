import { LANGUAGES, keptBeginning } from '../text/stemmers.ts';
import type { Dictionary } from './dictionary.ts';

/** Bits of a letter in a packed beginning: only ASCII is looked at. */
const LETTER = 7;

/**
 * How the stems of each language begin. A stemmer works on the end of a word, so a word can only share a stem with those that
 * begin like it: in an index of one language, whose few words of another language are names and quotes, most words need
 * not be stemmed in that other language at all.
 */
export class StemBeginnings {
  /** By language, beginnings packed as numbers. */
  readonly #seen: (Set<number> | undefined)[] = [];
  #known = 0;

  /**
   * Of a bit set of languages, those in which a word may share a stem with another.
   *
   * @param stems of the index, each with a letter for its language in front (`a` is the first)
   */
  possible(word: string, languages: number, stems: Dictionary): number {
    this.#update(stems);
    for (let language = 1; language < LANGUAGES.length; language++) {
      const bit = 1 << language;
      if ((languages & bit) !== 0 && !this.#mayShare(word, language)) languages &= ~bit;
    }
    return languages;
  }

  #mayShare(word: string, language: number): boolean {
    const kept = keptBeginning(LANGUAGES[language]!);
    const seen = this.#seen[language];
    if (kept === 0 || seen === undefined) return kept === 0;
    // A stem may be shorter than what is looked at.
    for (let length = 1, packed = 0; length <= kept && length <= word.length; length++) {
      const unit = word.charCodeAt(length - 1);
      if (unit > 0x7f) return true;
      packed |= unit << ((length - 1) * LETTER);
      if (seen.has(packed)) return true;
    }
    return false;
  }

  /** Takes in the stems that have come since the last time. */
  #update(stems: Dictionary): void {
    for (; this.#known < stems.count; this.#known++) {
      const language = stems.unit(this.#known, 0) - 0x61;
      const kept = keptBeginning(LANGUAGES[language]!);
      if (kept === 0) continue;
      const length = Math.min(kept, stems.length(this.#known) - 1);
      let packed = 0;
      for (let i = 0; i < length; i++) packed |= (stems.unit(this.#known, i + 1) & 0x7f) << (i * LETTER);
      (this.#seen[language] ??= new Set()).add(packed);
    }
  }
}
