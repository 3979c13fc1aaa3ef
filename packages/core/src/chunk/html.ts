import type { Block } from './chunk-text.ts';
import { trimmedSpan } from './plain.ts';

const BLOCK_TAGS =
  /^(?:address|article|aside|blockquote|body|br|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul)$/;
const SILENT_TAGS = /^(?:script|style|template|noscript|svg|head)$/;

/**
 * Blocks of an HTML source: what lies between two block-level tags, with the headings above it.
 * Scripts, styles and comments are left out; inline tags stay, as the spans are of the source.
 */
export function* htmlBlocks(text: string): Generator<Block> {
  const path: { level: number; title: string }[] = [];
  const tag = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][\w-]*)(?:[^>"']|"[^"]*"|'[^']*')*>/g;
  let from = 0;
  let heading: { level: number; start: number } | undefined;
  const block = (to: number): Block | undefined => {
    const span = trimmedSpan(text, from, to);
    if (span === undefined || plain(text.slice(span.start, span.end)) === '') return undefined;
    return { ...span, headings: path.map((one) => one.title), heading: heading !== undefined };
  };
  for (let match = tag.exec(text); match !== null; match = tag.exec(text)) {
    const [whole, closing, rawName] = match;
    const name = rawName?.toLowerCase();
    if (name !== undefined && !BLOCK_TAGS.test(name) && !SILENT_TAGS.test(name)) continue;
    const level = /^h([1-6])$/.exec(name ?? '')?.[1];
    if (level !== undefined && closing === '/' && heading !== undefined) {
      const title = plain(text.slice(heading.start, match.index));
      while (path.length > 0 && path.at(-1)!.level >= heading.level) path.pop();
      if (title !== '') path.push({ level: heading.level, title });
    }
    const done = block(match.index);
    if (done !== undefined) yield done;
    if (level !== undefined)
      heading = closing === '/' ? undefined : { level: Number(level), start: match.index + whole.length };
    from = match.index + whole.length;
    if (name !== undefined && closing === '' && SILENT_TAGS.test(name)) {
      const end = new RegExp(`</${name}\\s*>`, 'gi');
      end.lastIndex = from;
      const found = end.exec(text);
      from = tag.lastIndex = found === null ? text.length : end.lastIndex;
    }
  }
  const rest = block(text.length);
  if (rest !== undefined) yield rest;
}

function plain(source: string): string {
  return source
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
