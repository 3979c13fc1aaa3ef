import { decodeText } from './decode.ts';
import { baseName, cleanTitle } from './naming.ts';
import type { TextFormat } from './types.ts';

export interface ReadText {
  title: string;
  text: string;
  format: TextFormat;
}

/** A plain text file. Its title is the name of the file. */
export function readPlain(bytes: Uint8Array, path: string): ReadText {
  return { title: cleanTitle(baseName(path)), text: decodeText(bytes, path).trim(), format: 'plain' };
}

/** A Markdown file: the title is that of its front matter, else its first heading, else the name of the file. */
export function readMarkdown(bytes: Uint8Array, path: string): ReadText {
  const { title, body } = splitFrontMatter(decodeText(bytes, path));
  const heading = /^#{1,2}[ \t]+(.+?)[ \t#]*$/m.exec(body)?.[1] ?? /^(.+)\n=+[ \t]*$/m.exec(body)?.[1];
  return {
    title: cleanTitle(title ?? (heading && withoutMarkup(heading)) ?? '') || cleanTitle(baseName(path)),
    text: body.trim(),
    format: 'markdown',
  };
}

/** Takes off a YAML front matter, of which only the title is used. */
function splitFrontMatter(text: string): { title?: string; body: string } {
  const match = /^---\n([\s\S]*?)\n---(?:\n|$)/.exec(text);
  if (!match) return { body: text };
  const title = /^title:[ \t]*(["']?)(.+?)\1[ \t]*$/m.exec(match[1] ?? '')?.[2];
  return { ...(title ? { title } : {}), body: text.slice(match[0].length) };
}

/** A heading as words: links, images, code marks and tags taken off. */
function withoutMarkup(heading: string): string {
  return heading
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>/g, '')
    .replace(/[`*]/g, '');
}
