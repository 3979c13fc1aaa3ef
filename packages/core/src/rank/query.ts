import { Dictionary } from '../postings/dictionary.ts';
import { Analyzer } from '../text/analyzer.ts';
import { GRAM, PART, PRIMARY, TokenBuffer } from '../text/token-buffer.ts';

/** One thing that a query asks for: a word, or a phrase of several. */
export interface QueryTerm {
  /** Folded words; more than one for a phrase. */
  words: string[];
  phrase: boolean;
  /** Parts to fall back to where the index does not know the whole (`useEffect`: use, effect). */
  parts: string[];
  /** Text field to look in; all fields where undefined. */
  field?: string;
  excluded: boolean;
  /** How often the query says it. */
  weight: number;
  /** Whether the word may still be being typed. */
  open: boolean;
}

export interface ParsedQuery {
  terms: QueryTerm[];
  excluded: QueryTerm[];
  /** Whether words had to be left out. */
  cut: boolean;
}

/** Words beyond this many are left out: nobody means them, and each costs time. */
export const MAX_QUERY_TERMS = 1024;

const analyzer = new Analyzer();
const words = new Dictionary();
const tokens = new TokenBuffer();
const PIECE = /(^|(?<=[\s(]))(-)?(?:([\p{L}\p{N}_.]+):)?(?:"([^"]*)"?|(\S+))/gu;

/** Reads `words "exact phrases" -excluded field:word`. Anything odd is taken as plain words. */
export function parseQuery(text: string, isField: (name: string) => boolean): ParsedQuery {
  const merged = new Map<string, QueryTerm>();
  const excluded: QueryTerm[] = [];
  let lastOpen: QueryTerm | undefined;
  let cut = false;
  for (const match of text.matchAll(PIECE)) {
    const [whole, , minus, name, quoted, plain] = match;
    const field = name !== undefined && isField(name) ? name : undefined;
    const isPhrase = quoted !== undefined && (name === undefined || field !== undefined);
    const raw = isPhrase
      ? quoted
      : field === undefined
        ? minus === undefined
          ? whole
          : whole.slice(1)
        : (plain ?? '');
    for (const term of isPhrase ? phraseTerm(raw) : wordTerms(raw)) {
      term.excluded = minus !== undefined;
      if (field !== undefined) term.field = field;
      if (term.excluded) {
        excluded.push(term);
        continue;
      }
      const key = `${term.phrase ? 'p' : 'w'}${field ?? ''} ${term.words.join(' ')}`;
      const known = merged.get(key);
      if (known !== undefined) known.weight++;
      else if (merged.size < MAX_QUERY_TERMS) merged.set(key, term);
      else cut = true;
      lastOpen = term.phrase ? undefined : (known ?? term);
    }
    if (merged.size === 0 && isPhrase) lastOpen = undefined;
  }
  // Only a word that the text ends in can be unfinished.
  if (lastOpen !== undefined && /[\p{L}\p{N}\p{M}_]$/u.test(text)) lastOpen.open = true;
  return { terms: [...merged.values()], excluded, cut };
}

function newTerm(words: string[], phrase: boolean): QueryTerm {
  return { words, phrase, parts: [], excluded: false, weight: 1, open: false };
}

function phraseTerm(text: string): QueryTerm[] {
  const parts: string[] = [];
  forTokens(text, (word, kind) => {
    if (kind === PRIMARY) parts.push(word);
  });
  if (parts.length === 0) return [];
  return [newTerm(parts, parts.length > 1)];
}

function wordTerms(text: string): QueryTerm[] {
  const terms: QueryTerm[] = [];
  forTokens(text, (word, kind) => {
    if (kind === PART) terms.at(-1)?.parts.push(word);
    else if (kind === PRIMARY || kind === GRAM) terms.push(newTerm([word], false));
  });
  return terms;
}

/** Calls back for each token of a short text, with the folded word and its kind. */
export function forTokens(
  text: string,
  onToken: (word: string, kind: number, start: number, end: number) => void,
): void {
  words.clear();
  tokens.clear();
  analyzer.analyze(text, words, true, tokens);
  for (let i = 0; i < tokens.count; i++)
    onToken(words.text(tokens.ids[i]!), tokens.kinds[i]!, tokens.starts[i]!, tokens.ends[i]!);
}
