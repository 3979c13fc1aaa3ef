import { estimateTokens } from '../chunk/chunk-text.ts';
import { SearchError, show } from '../errors.ts';
import { sentences } from '../passages/highlight.ts';
import type { Hit, SearchQuery, SearchResult } from '../types.ts';

export interface ContextOptions {
  /** Most tokens of all passages together. */
  maxTokens: number;
  /** Counts tokens the way the reader's model does. */
  countTokens?: (text: string) => number;
  /** Documents to draw from. @default 20 */
  documents?: number;
  /** Passages of one document at most. @default 5 */
  passagesPerDocument?: number;
}

/** A stretch of one document, with where it is from. */
export interface ContextPassage {
  id: string;
  title?: string;
  headings: string[];
  start: number;
  end: number;
  text: string;
  tokens: number;
}

export interface ContextResult {
  /** In reading order: documents by their place among the hits, passages by their place in the document. */
  passages: ContextPassage[];
  tokens: number;
}

/**
 * Picks passages for an answer: the best first until the budget is full, neighbours joined,
 * repetitions dropped. Every passage keeps its source.
 *
 * @param read the text of a document, for joining neighbours
 */
export async function buildContext(
  search: (query: SearchQuery) => Promise<SearchResult>,
  read: (id: string) => Promise<string | undefined>,
  query: SearchQuery,
  options: ContextOptions,
): Promise<ContextResult> {
  const { maxTokens, countTokens = estimateTokens, documents = 20, passagesPerDocument = 5 } = options;
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new SearchError(
      'invalid-option',
      `\`maxTokens\` is ${show(maxTokens)}; it must be a whole number from 1 up.`,
      { field: 'maxTokens', value: maxTokens },
    );
  }
  const { hits } = await search({
    ...query,
    limit: documents,
    passages: passagesPerDocument,
    highlight: false,
  });
  const texts = new Map<string, string>();
  const chosen = new Map<string, ContextPassage[]>();
  const seen = new Set<string>();
  let tokens = 0;
  for (const { hit, at } of inTurns(hits)) {
    const passage = hit.passages[at]!;
    const key = passage.text.replace(/\s+/g, ' ').trim().toLowerCase();
    if (key === '' || seen.has(key)) continue;
    if (!texts.has(hit.id)) texts.set(hit.id, (await read(hit.id)) ?? '');
    const before = chosen.get(hit.id) ?? [];
    const after = joined(
      before,
      { start: passage.start, end: passage.end, headings: passage.headings },
      hit,
      texts.get(hit.id)!,
      countTokens,
    );
    const more = sum(after) - sum(before);
    if (tokens + more > maxTokens) {
      if (tokens > 0) continue;
      // Not even the best passage fits: as many of its sentences as do.
      const cut = fitting(passage.text, maxTokens, countTokens);
      if (cut === 0) continue;
      chosen.set(
        hit.id,
        joined(
          [],
          { start: passage.start, end: passage.start + cut, headings: passage.headings },
          hit,
          texts.get(hit.id)!,
          countTokens,
        ),
      );
      tokens = sum(chosen.get(hit.id)!);
      break;
    }
    seen.add(key);
    chosen.set(hit.id, after);
    tokens += more;
  }
  return { passages: hits.flatMap((hit) => chosen.get(hit.id) ?? []), tokens };
}

/** The best passage of every hit, then the second best of every hit, and so on. */
function* inTurns(hits: Hit[]): Generator<{ hit: Hit; at: number }> {
  const most = Math.max(0, ...hits.map((hit) => hit.passages.length));
  for (let at = 0; at < most; at++) for (const hit of hits) if (at < hit.passages.length) yield { hit, at };
}

/** The passages of one document with one more, in order; those that touch or overlap become one. */
function joined(
  passages: ContextPassage[],
  added: { start: number; end: number; headings: string[] },
  hit: Hit,
  text: string,
  countTokens: (text: string) => number,
): ContextPassage[] {
  const spans = [...passages, added].sort((a, b) => a.start - b.start);
  const result: { start: number; end: number; headings: string[] }[] = [];
  for (const { start, end, headings } of spans) {
    const last = result.at(-1);
    if (last !== undefined && text.slice(last.end, Math.max(last.end, start)).trim() === '')
      last.end = Math.max(last.end, end);
    else result.push({ start, end, headings });
  }
  const title = hit.document['title'];
  return result.map((span) => {
    const part = text.slice(span.start, span.end);
    return {
      id: hit.id,
      ...(typeof title === 'string' && { title }),
      ...span,
      text: part,
      tokens: countTokens(part),
    };
  });
}

function sum(passages: ContextPassage[]): number {
  return passages.reduce((total, passage) => total + passage.tokens, 0);
}

function fitting(text: string, maxTokens: number, countTokens: (text: string) => number): number {
  let end = 0;
  for (const [, to] of sentences(text)) {
    if (countTokens(text.slice(0, to)) > maxTokens) break;
    end = to;
  }
  return end;
}
