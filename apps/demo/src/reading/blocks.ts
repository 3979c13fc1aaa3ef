import { Lexer, marked, type Token, type Tokens } from 'marked';

/** How a run of text looks. */
export type RunStyle = 'strong' | 'em' | 'code' | 'link';

/** A piece of a document that is shown; offsets are UTF-16, into the document's text. */
export interface Run {
  start: number;
  end: number;
  style?: RunStyle;
}

export type BlockKind = 'heading' | 'paragraph' | 'item' | 'quote' | 'code' | 'rule' | 'row';

/** A block of a document. `start` and `end` cover its markup too, its runs only what is shown. */
export interface Block {
  kind: BlockKind;
  start: number;
  end: number;
  /** Level of a heading (1 to 6), or depth of a list item (from 1). */
  level?: number;
  runs: Run[];
}

/** Longer Markdown is laid out as plain text: parsing it would hold up the page. */
const MAX_MARKDOWN = 200_000;

/**
 * How a text is read: `outline` is what the importer makes of web pages and Word files, whose
 * headings, lists and code are marked as in Markdown while everything else stands for itself.
 */
export type Layout = 'plain' | 'markdown' | 'outline';

/** The layout of a document of this type and format. */
export function layoutOf({ type, format }: { type: string; format: string }): Layout {
  if (format !== 'markdown') return 'plain';
  return type === 'markdown' ? 'markdown' : 'outline';
}

/** A document as blocks that keep their places in its text, so that passages can be marked in them. */
export function layOutBlocks(text: string, layout: Layout): Block[] {
  if (layout === 'plain' || text.length > MAX_MARKDOWN) return plainBlocks(text);
  const tokens = marked.lexer(text);
  // The tokens' sources side by side are the text; were it otherwise, no offset would hold.
  if (tokens.reduce((length, token) => length + token.raw.length, 0) !== text.length)
    return plainBlocks(text);
  const blocks: Block[] = [];
  for (const [token, start] of placed(tokens))
    addBlock(token, start, { blocks, literal: layout === 'outline' }, 'paragraph');
  return blocks;
}

/** Paragraphs, each at most so long that a block is quick to lay out. */
export function plainBlocks(text: string): Block[] {
  const longest = 4000;
  const blocks: Block[] = [];
  const add = (from: number, to: number): void => {
    for (let start = from; start < to;) {
      let end = Math.min(to, start + longest);
      if (end < to) {
        const space = text.lastIndexOf(' ', end);
        if (space > start) end = space + 1;
      }
      blocks.push({ kind: 'paragraph', start, end, runs: [{ start, end }] });
      start = end;
    }
  };
  let start = 0;
  for (const gap of text.matchAll(/\n[ \t]*\n\s*/g)) {
    add(start, gap.index);
    start = gap.index + gap[0].length;
  }
  add(start, text.length);
  return blocks;
}

interface Target {
  blocks: Block[];
  /** Whether inline marks and tags stand for themselves. */
  literal: boolean;
}

function* placed(tokens: readonly Token[]): Generator<[Token, number]> {
  let at = 0;
  for (const token of tokens) {
    yield [token, at];
    at += token.raw.length;
  }
}

function addBlock(token: Token, start: number, target: Target, kind: BlockKind, level?: number): void {
  const { blocks, literal } = target;
  const end = start + token.raw.trimEnd().length;
  switch (token.type) {
    case 'space':
    case 'def':
      return;
    case 'hr':
      blocks.push({ kind: 'rule', start, end, runs: [] });
      return;
    case 'heading':
      blocks.push({
        kind: 'heading',
        level: token['depth'] as number,
        start,
        end,
        runs: literal ? [literalRun(token, start)] : inlineRuns(token, start),
      });
      return;
    case 'code': {
      const fenced = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/.exec(token.raw);
      const closing = fenced ? /\n {0,3}(`{3,}|~{3,})\s*$/.exec(token.raw) : null;
      const from = start + (fenced?.[0].length ?? 0);
      blocks.push({
        kind: 'code',
        start,
        end,
        runs: [{ start: from, end: Math.max(from, closing ? start + closing.index : end) }],
      });
      return;
    }
    case 'list':
      addList(token as Tokens.List, start, target, (level ?? 0) + 1);
      return;
    case 'blockquote':
      blocks.push({ kind: 'quote', start, end, runs: quoteRuns(token.raw.trimEnd(), start, literal) });
      return;
    case 'table':
      for (const [from, row] of linesOf(token.raw, start)) {
        if (/^[\s|:-]+$/.test(row)) continue;
        blocks.push({ kind: 'row', start: from, end: from + row.length, runs: cellRuns(row, from) });
      }
      return;
    case 'html': {
      const runs = literal ? [{ start, end }] : withoutTags({ start, end }, token.raw);
      if (runs.length > 0) blocks.push({ kind: 'paragraph', start, end, runs });
      return;
    }
    default: {
      const runs = literal ? [literalRun(token, start)] : inlineRuns(token, start);
      if (runs.length > 0) blocks.push({ kind, ...(level === undefined ? {} : { level }), start, end, runs });
    }
  }
}

/** Items of a list, nested ones flattened with their depth. */
function addList(list: Tokens.List, start: number, target: Target, level: number): void {
  let at = start;
  for (const item of list.items) {
    let cursor = /^\s*(?:[-*+]|\d+[.)])[ \t]*(?:\[[ xX]\][ \t]+)?/.exec(item.raw)?.[0].length ?? 0;
    for (const token of item.tokens) {
      // Indentation is taken out of what is within an item: where a part is not found as it stands, it is shown as it is.
      const place = item.raw.indexOf(token.raw, cursor);
      if (place < 0) {
        const from = at + cursor;
        // A box with nothing after it ends in the space that belongs to the box.
        const end = Math.max(from, at + item.raw.trimEnd().length);
        target.blocks.push({ kind: 'item', level, start: from, end, runs: [{ start: from, end }] });
        break;
      }
      addBlock(token, at + place, target, 'item', level);
      cursor = place + token.raw.length;
    }
    at += item.raw.length;
  }
}

/** A token as it stands, without the mark of a heading. */
function literalRun(token: Token, start: number): Run {
  const mark = token.type === 'heading' ? (/^ {0,3}#{1,6}[ \t]+/.exec(token.raw)?.[0].length ?? 0) : 0;
  return { start: start + mark, end: start + Math.max(mark, token.raw.trimEnd().length) };
}

/** What is shown of a token with inline markup. */
function inlineRuns(token: Token, start: number, style?: RunStyle): Run[] {
  const whole = { start, end: start + token.raw.length, ...(style ? { style } : {}) };
  const children = 'tokens' in token ? (token.tokens as Token[] | undefined) : undefined;
  switch (token.type) {
    case 'image':
    case 'br':
    case 'checkbox':
      return [];
    case 'html':
      return withoutTags(whole, token.raw);
    case 'escape':
      return [{ ...whole, start: start + 1 }];
    case 'codespan': {
      const marks = /^`+/.exec(token.raw)?.[0].length ?? 0;
      return [{ start: start + marks, end: whole.end - marks, style: 'code' }];
    }
    default: {
      if (!children || children.length === 0) return [whole];
      const own =
        token.type === 'strong' || token.type === 'em' || token.type === 'link' ? token.type : style;
      const runs: Run[] = [];
      let cursor = 0;
      for (const child of children) {
        const place = token.raw.indexOf(child.raw, cursor);
        if (place < 0) return [whole];
        runs.push(...inlineRuns(child, start + place, own));
        cursor = place + child.raw.length;
      }
      return runs;
    }
  }
}

function* linesOf(raw: string, start: number): Generator<[number, string]> {
  let at = start;
  for (const line of raw.split('\n')) {
    if (line.trim() !== '') yield [at, line];
    at += line.length + 1;
  }
}

/** Lines of a quote without their marks, line ends kept as the space between them; inline markup line by line. */
function quoteRuns(raw: string, start: number, literal: boolean): Run[] {
  return [...linesOf(raw, start)].flatMap(([at, line]) => {
    const from = /^ {0,3}(?:>[ \t]?)*/.exec(line)?.[0].length ?? 0;
    const words = line.slice(from);
    const tokens = literal ? [] : Lexer.lexInline(words);
    const lineEnd = at + line.length;
    const end = Math.min(lineEnd + 1, start + raw.length);
    return [
      ...inlineRuns({ type: 'text', raw: words, text: words, tokens }, at + from),
      ...(end > lineEnd ? [{ start: lineEnd, end }] : []),
    ];
  });
}

function cellRuns(row: string, start: number): Run[] {
  return [...row.matchAll(/[^|]+\|?/g)].flatMap((match) => {
    const text = match[0].replace(/\|$/, '');
    if (text.trim() === '') return [];
    return [{ start: start + match.index, end: start + match.index + text.length }];
  });
}

/** The parts of raw HTML that are no tags or comments; what they say is text, never markup. */
function withoutTags(run: Run, raw: string): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const tag of raw.matchAll(/<!--[\s\S]*?(?:-->|$)|<[^>]*>?/g)) {
    if (raw.slice(at, tag.index).trim() !== '')
      runs.push({ ...run, start: run.start + at, end: run.start + tag.index });
    at = tag.index + tag[0].length;
  }
  if (raw.slice(at).trim() !== '') runs.push({ ...run, start: run.start + at });
  return runs;
}
