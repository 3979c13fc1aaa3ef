import type { InvertedIndex } from '../postings/inverted-index.ts';
import type { Lexicon } from '../postings/lexicon.ts';
import { typoBudget, wordsWithin } from '../postings/typos.ts';

const MAX_EXPANSIONS = 1000;
/** Typing errors are looked for even where longer words were found, from this length on. */
const SURELY_MISTYPED = 5;

/** Longer words that start with `text`, without those already used. */
export function longerWords(
  lexicon: Lexicon,
  index: InvertedIndex,
  text: string,
  used: readonly number[],
  fields: readonly number[],
): number[] {
  return mostUsed(lexicon.startingWith(text), used, index, fields);
}

/**
 * Words within the typing errors allowed, those with the fewest errors first: one list for each number of errors.
 *
 * @param found whether longer words were found
 */
export function similarWords(
  lexicon: Lexicon,
  index: InvertedIndex,
  text: string,
  typos: 'auto' | 0 | 1 | 2,
  fields: readonly number[],
  found: boolean,
): { edits: number; words: number[] }[] {
  const budget = typos === 'auto' ? typoBudget(text.length) : typos;
  if (budget === 0 || (found && text.length < SURELY_MISTYPED)) return [];
  const near = wordsWithin(lexicon.words, text, budget);
  const lists: { edits: number; words: number[] }[] = [];
  for (let edits = 1; edits <= budget; edits++) {
    const words = near.filter((one) => one.edits === edits).map((one) => one.word);
    if (words.length > 0) lists.push({ edits, words: mostUsed(words, [], index, fields) });
  }
  return lists;
}

/** At most `MAX_EXPANSIONS` words, those in most documents. */
function mostUsed(
  words: ArrayLike<number>,
  used: readonly number[],
  index: InvertedIndex,
  fields: readonly number[],
): number[] {
  const list: number[] = [];
  for (let i = 0; i < words.length; i++) if (!used.includes(words[i]!)) list.push(words[i]!);
  if (list.length <= MAX_EXPANSIONS) return list;
  const sizes = new Map<number, number>();
  for (const word of list) {
    let size = 0;
    for (const field of fields) {
      const at = index.list(field, word);
      if (at >= 0) size += index.size(at);
    }
    sizes.set(word, size);
  }
  return list.sort((a, b) => sizes.get(b)! - sizes.get(a)!).slice(0, MAX_EXPANSIONS);
}
