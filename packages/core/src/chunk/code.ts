import type { Block } from './chunk-text.ts';
import { trimmedSpan } from './plain.ts';

const NAME_LENGTH = 80;

/**
 * Blocks of source code: each stretch that starts at a line without indentation after a blank line,
 * or after the end of the stretch before, so mostly one declaration with its comment. The first
 * line of code in it serves as its heading.
 */
export function* codeBlocks(text: string): Generator<Block> {
  let from = 0;
  let blankBefore = false;
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const line = text.slice(at, end);
    if (line.trim() === '') blankBefore = true;
    else {
      const closing = /^[\])}]|^end\b/.test(line);
      if (blankBefore && !/^\s/.test(line) && !closing && at > from) {
        yield* codeBlock(text, from, at);
        from = at;
      }
      blankBefore = false;
    }
    at = end + 1;
  }
  yield* codeBlock(text, from, text.length);
}

function* codeBlock(text: string, from: number, to: number): Generator<Block> {
  const span = trimmedSpan(text, from, to);
  if (span === undefined) return;
  const lines = text.slice(span.start, span.end).split('\n');
  const name = lines.find(
    (line) => !/^\s*(?:\/\/|\/\*|\*|#(?!include|define)|--|"""|''')/.test(line) && line.trim() !== '',
  );
  const heading = name
    ?.replace(/[\s{(:=]+$/, '')
    .trim()
    .slice(0, NAME_LENGTH);
  yield { ...span, headings: heading === undefined || heading === '' ? [] : [heading], heading: false };
}
