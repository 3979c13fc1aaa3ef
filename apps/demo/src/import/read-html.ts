import { Parser } from 'htmlparser2';
import { decodeText, encodingOfMark, looksBinary } from './decode.ts';
import { baseName, cleanTitle } from './naming.ts';
import type { ReadText } from './read-text.ts';

/** Elements whose content is not the page's text. Scripts are among them: they are never run nor kept. */
const SKIPPED = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'math',
  'iframe',
  'object',
  'embed',
  'canvas',
  'audio',
  'video',
  'select',
  'button',
  'nav',
  'head',
  'textarea',
]);
const BLOCKS = new Set([
  'p',
  'div',
  'section',
  'article',
  'main',
  'header',
  'footer',
  'aside',
  'blockquote',
  'figure',
  'figcaption',
  'ul',
  'ol',
  'dl',
  'dt',
  'dd',
  'table',
  'form',
  'fieldset',
  'address',
  'details',
  'summary',
  'hr',
  'body',
]);
const HEADING = /^h([1-6])$/;

/** A web page as Markdown-like text: headings, lists and paragraphs are kept, all else is plain. */
export function readHtml(bytes: Uint8Array, path: string): ReadText {
  const { title, heading, text } = htmlToText(decodePage(bytes, path));
  return {
    title: cleanTitle(title || heading || '') || cleanTitle(baseName(path)),
    text,
    format: 'markdown',
  };
}

/** Parses HTML without building a document, so that nothing in it can run, load or be shown. */
export function htmlToText(html: string): { title: string; heading: string; text: string } {
  const out = new TextBuilder();
  let title = '';
  let heading = '';
  let inTitle = false;
  let inHeading = false;
  let skipping = 0;
  let preformatted = 0;
  const parser = new Parser(
    {
      onopentag(name) {
        if (name === 'title' && title === '') inTitle = true;
        if (SKIPPED.has(name)) skipping++;
        if (skipping > 0) return;
        const level = HEADING.exec(name)?.[1];
        if (level) {
          out.paragraph(`${'#'.repeat(Number(level))} `);
          inHeading = heading === '';
        } else if (name === 'li') out.line('- ');
        else if (name === 'tr') out.line('');
        else if (name === 'br') out.line('');
        else if (name === 'pre') {
          out.paragraph('```\n');
          preformatted++;
        } else if (BLOCKS.has(name)) out.paragraph('');
      },
      ontext(text) {
        if (inTitle) title += text;
        if (skipping > 0) return;
        if (inHeading) heading += text;
        if (preformatted > 0) out.raw(text);
        else out.words(text);
      },
      onclosetag(name) {
        if (name === 'title') inTitle = false;
        if (SKIPPED.has(name)) skipping = Math.max(0, skipping - 1);
        if (skipping > 0) return;
        if (HEADING.test(name)) {
          inHeading = false;
          out.paragraph('');
        } else if (name === 'td' || name === 'th') out.words(' ');
        else if (name === 'pre' && preformatted > 0) {
          preformatted--;
          out.raw('\n```');
          out.paragraph('');
        } else if (BLOCKS.has(name)) out.paragraph('');
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: true },
  );
  parser.write(html);
  parser.end();
  return { title: cleanTitle(title), heading: cleanTitle(heading), text: out.toString() };
}

/** The page's own charset, where it names one and has no byte order mark. */
function decodePage(bytes: Uint8Array, path: string): string {
  if (!encodingOfMark(bytes) && !looksBinary(bytes)) {
    const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2048));
    const charset = /<meta[^>]+charset=["']?([\w-]+)/i.exec(head)?.[1];
    try {
      if (charset && !/^utf-?8$/i.test(charset)) return new TextDecoder(charset).decode(bytes);
    } catch {
      // A charset that no browser knows: the usual guess decides.
    }
  }
  return decodeText(bytes, path);
}

/** Collects text with single spaces between words and one empty line between paragraphs. */
class TextBuilder {
  #parts: string[] = [];
  #gap = '';
  #prefix = '';

  paragraph(prefix: string): void {
    this.#gap = '\n\n';
    this.#prefix = prefix;
  }

  line(prefix: string): void {
    if (this.#gap !== '\n\n') this.#gap = '\n';
    // A paragraph within a list item keeps the item's mark.
    this.#prefix = prefix || this.#prefix;
  }

  words(text: string): void {
    const collapsed = text.replace(/\s+/g, ' ');
    const trimmed = collapsed.trim();
    if (trimmed === '') {
      if (this.#gap === '' && collapsed !== '') this.#gap = ' ';
      return;
    }
    if (this.#gap === '' && collapsed.startsWith(' ')) this.#gap = ' ';
    this.#push(trimmed);
    if (collapsed.endsWith(' ')) this.#gap = ' ';
  }

  raw(text: string): void {
    if (text !== '') this.#push(text);
  }

  toString(): string {
    return this.#parts.join('').trim();
  }

  #push(text: string): void {
    if (this.#parts.length > 0) this.#parts.push(this.#gap);
    if (this.#prefix) this.#parts.push(this.#prefix);
    this.#gap = '';
    this.#prefix = '';
    this.#parts.push(text);
  }
}
