import { sentences } from '../passages/highlight.ts';
import type { Chunk } from '../types.ts';
import type { Block } from './chunk-text.ts';

interface PackOptions {
  maxTokens: number;
  overlap: number;
  countTokens: (text: string) => number;
}

interface Piece {
  start: number;
  end: number;
  tokens: number;
}

/** Fills chunks with whole blocks as long as they fit; a block that is too long is cut by sentences. */
export function* packBlocks(text: string, blocks: Iterable<Block>, options: PackOptions): Generator<Chunk> {
  let open:
    | { start: number; end: number; tokens: number; headings: string[]; headingOnly: boolean }
    | undefined;
  const close = (): Chunk => toChunk(open!.start, open!.end, open!.headings);
  for (const block of blocks) {
    const tokens = options.countTokens(text.slice(block.start, block.end));
    const newSection = block.heading && open !== undefined && !open.headingOnly;
    const fits = open !== undefined && !newSection && open.tokens + tokens <= options.maxTokens;
    if (fits) {
      open!.end = block.end;
      open!.tokens += tokens;
      open!.headings = block.headings;
      open!.headingOnly &&= block.heading;
      continue;
    }
    let start = block.start;
    if (open !== undefined && open.headingOnly && tokens > options.maxTokens) start = open.start;
    else if (open !== undefined) yield close();
    open = undefined;
    if (tokens <= options.maxTokens) {
      open = { start, end: block.end, tokens, headings: block.headings, headingOnly: block.heading };
      continue;
    }
    // The headings just above a long block go with its first piece.
    for (const span of splitLong(text, start, block.end, options))
      yield toChunk(span.start, span.end, block.headings);
  }
  if (open !== undefined) yield close();
}

function toChunk(start: number, end: number, headings: string[]): Chunk {
  return headings.length > 0 ? { start, end, headings } : { start, end };
}

/** Spans of a long stretch, by sentences, and by words where one sentence is too long. */
function* splitLong(
  text: string,
  start: number,
  end: number,
  options: PackOptions,
): Generator<{ start: number; end: number }> {
  let kept: Piece[] = [];
  let tokens = 0;
  for (const piece of pieces(text, start, end, options)) {
    if (kept.length > 0 && tokens + piece.tokens > options.maxTokens) {
      yield { start: kept[0]!.start, end: kept.at(-1)!.end };
      // Start again with as much of the end as the overlap and the next piece allow.
      const tail: Piece[] = [];
      let tailTokens = 0;
      for (let i = kept.length - 1; i > 0; i--) {
        const more = tailTokens + kept[i]!.tokens;
        if (more > options.overlap || more + piece.tokens > options.maxTokens) break;
        tail.unshift(kept[i]!);
        tailTokens = more;
      }
      kept = tail;
      tokens = tailTokens;
    }
    kept.push(piece);
    tokens += piece.tokens;
  }
  if (kept.length > 0) yield { start: kept[0]!.start, end: kept.at(-1)!.end };
}

/** Sentences that fit, and halves of those that do not. Long stretches are taken step by step. */
function* pieces(text: string, start: number, end: number, options: PackOptions): Generator<Piece> {
  for (const window of windows(text, start, end)) {
    for (const [from, to] of sentences(text.slice(window.start, window.end))) {
      yield* halves(text, window.start + from, window.start + to, options);
    }
  }
}

const WINDOW = 20_000;

/** Cuts a very long stretch at white space, because finding sentences is slow on megabytes. */
function* windows(text: string, start: number, end: number): Generator<{ start: number; end: number }> {
  while (end - start > WINDOW) {
    const space = text.lastIndexOf(' ', start + WINDOW);
    const line = text.lastIndexOf('\n', start + WINDOW);
    const cut = Math.max(space, line);
    const stop = cut > start ? cut + 1 : beforePair(text, start + WINDOW);
    yield { start, end: stop };
    start = stop;
  }
  if (end > start) yield { start, end };
}

function* halves(text: string, start: number, end: number, options: PackOptions): Generator<Piece> {
  const tokens = options.countTokens(text.slice(start, end));
  if (tokens <= options.maxTokens || end - start < 2) {
    if (text.slice(start, end).trim() !== '') yield { start, end, tokens };
    return;
  }
  const middle = start + Math.floor((end - start) / 2);
  let cut = text.lastIndexOf(' ', middle);
  if (cut <= start + (end - start) / 4) cut = text.indexOf(' ', middle);
  if (cut <= start || cut >= end - 1) cut = beforePair(text, middle) - 1;
  yield* halves(text, start, Math.max(start + 1, cut + 1), options);
  yield* halves(text, Math.max(start + 1, cut + 1), end, options);
}

/** Not between the two halves of a surrogate pair. */
function beforePair(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
