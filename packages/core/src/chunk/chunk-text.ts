import { SearchError, show } from '../errors.ts';
import type { Chunk } from '../types.ts';
import { codeBlocks } from './code.ts';
import { htmlBlocks } from './html.ts';
import { markdownBlocks } from './markdown.ts';
import { packBlocks } from './pack.ts';
import { plainBlocks } from './plain.ts';
import { sentenceBlocks } from './sentences.ts';

export type ChunkFormat = 'plain' | 'markdown' | 'html' | 'code' | 'sentences' | 'fixed';

export interface ChunkOptions {
  /** How the text is built, or cut: `sentences` and `fixed` (tokens with overlap) look at nothing else. @default 'plain' */
  format?: ChunkFormat;
  /** Most tokens in a chunk. @default 256 */
  maxTokens?: number;
  /** Tokens that a chunk repeats from the one before, where a long passage had to be cut. @default 32 */
  overlap?: number;
  /** Counts tokens the way the model does. Words × 1.3 where not given. */
  countTokens?: (text: string) => number;
}

/** A stretch of text that belongs together: a paragraph, a list, a piece of code. */
export interface Block {
  start: number;
  end: number;
  headings: string[];
  /** Headings begin a chunk and never stand alone at the end of one. */
  heading: boolean;
}

/**
 * Cuts a text into chunks of at most `maxTokens` tokens along its structure: headings first, then
 * paragraphs, sentences, words. Chunks are spans in rising order; every character that is not white
 * space lies in one. A generator, so that the caller can pause between chunks.
 */
export function* chunkText(text: string, options: ChunkOptions = {}): Generator<Chunk> {
  const { format = 'plain', maxTokens = 256, countTokens = estimateTokens } = options;
  const overlap = options.overlap ?? Math.min(32, Math.floor(maxTokens / 4));
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new SearchError(
      'invalid-option',
      `\`maxTokens\` is ${show(maxTokens)}; it must be a whole number from 1 up.`,
      { field: 'maxTokens', value: maxTokens },
    );
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= maxTokens) {
    throw new SearchError(
      'invalid-option',
      `\`overlap\` is ${show(overlap)}; it must be a whole number from 0 to below \`maxTokens\`.`,
      { field: 'overlap', value: overlap },
    );
  }
  const blocks = blocksOf(text, format);
  yield* packBlocks(text, blocks, { maxTokens, overlap, countTokens });
}

function blocksOf(text: string, format: ChunkFormat): Iterable<Block> {
  switch (format) {
    case 'plain':
      return plainBlocks(text);
    case 'markdown':
      return markdownBlocks(text);
    case 'html':
      return htmlBlocks(text);
    case 'code':
      return codeBlocks(text);
    case 'sentences':
      return sentenceBlocks(text);
    case 'fixed':
      return [{ start: 0, end: text.length, headings: [], heading: false }].filter(() => text.trim() !== '');
    default:
      throw new SearchError(
        'invalid-option',
        `\`format\` is ${show(format)}; it must be plain, markdown, html, code, sentences or fixed.`,
        { field: 'format', value: format },
      );
  }
}

/** A rough count for when no tokenizer is at hand: 1.3 for each word, 1 for each ideograph. */
export function estimateTokens(text: string): number {
  const words = text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;
  const ideographs =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0;
  return Math.ceil(words * 1.3) + ideographs;
}
