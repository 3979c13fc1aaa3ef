import { sentences } from '../passages/highlight.ts';
import type { Block } from './chunk-text.ts';
import { plainBlocks } from './plain.ts';

/** Every sentence as a block of its own; none reaches from one paragraph into the next. */
export function* sentenceBlocks(text: string): Generator<Block> {
  for (const paragraph of plainBlocks(text)) {
    for (const [start, end] of sentences(text.slice(paragraph.start, paragraph.end))) {
      yield { start: paragraph.start + start, end: paragraph.start + end, headings: [], heading: false };
    }
  }
}
