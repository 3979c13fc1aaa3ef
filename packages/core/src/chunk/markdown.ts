import type { Block } from './chunk-text.ts';
import { plainBlocks, trimmedSpan } from './plain.ts';

const ATX = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;

/** Blocks of a markdown text with the headings above them: fenced code stays whole, front matter is left out. */
export function* markdownBlocks(text: string): Generator<Block> {
  const path: { level: number; title: string }[] = [];
  const headings = (): string[] => path.map((one) => one.title);
  let pending = frontMatterEnd(text); // where the blocks not yet given out begin
  let at = pending;
  let previous = -1; // start of the line before, if it could be an underlined heading
  while (at < text.length) {
    const lineEnd = endOfLine(text, at);
    const line = text.slice(at, lineEnd);
    const fence = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      yield* plainBlocks(text, pending, at, headings());
      const end = fenceEnd(text, lineEnd + 1, fence);
      yield { start: at, end, headings: headings(), heading: false };
      pending = at = Math.min(text.length, end + 1);
      previous = -1;
      continue;
    }
    const atx = ATX.exec(line);
    const underline = previous >= 0 ? SETEXT.exec(line)?.[1] : undefined;
    if (atx !== null || underline !== undefined) {
      const start = atx === null ? previous : at;
      yield* plainBlocks(text, pending, start, headings());
      const level = atx === null ? (underline!.startsWith('=') ? 1 : 2) : atx[1]!.length;
      const title = plainTitle(atx === null ? text.slice(previous, at) : (atx[2] ?? ''));
      while (path.length > 0 && path.at(-1)!.level >= level) path.pop();
      if (title !== '') path.push({ level, title });
      const span = trimmedSpan(text, start, lineEnd);
      if (span !== undefined) yield { ...span, headings: headings(), heading: true };
      pending = lineEnd;
      previous = -1;
    } else
      previous =
        line.trim() === '' || /^ {0,3}(?:[-*+>|]|\d+[.)])/.test(line) ? -1 : previous >= 0 ? previous : at;
    at = lineEnd + 1;
  }
  yield* plainBlocks(text, pending, text.length, headings());
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** End of the line that closes a fence, or of the text. */
function fenceEnd(text: string, at: number, fence: string): number {
  while (at < text.length) {
    const end = endOfLine(text, at);
    const line = text.slice(at, end).trim();
    if (line.startsWith(fence) && /^(`+|~+)$/.test(line)) return end;
    at = end + 1;
  }
  return text.length;
}

function frontMatterEnd(text: string): number {
  const match = /^---[ \t]*\n[\s\S]*?\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  return match === null ? 0 : match[0].length;
}

/** A heading without its marks: links keep their words, emphasis and code lose their signs. */
function plainTitle(title: string): string {
  return title
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '')
    .replace(/<[^>]*>/g, '')
    .trim();
}
