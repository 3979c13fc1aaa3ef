import { zipSync } from 'fflate';
import { Parser } from 'htmlparser2';
import { ImportError } from './errors.ts';
import { baseName, cleanTitle } from './naming.ts';
import { htmlToText } from './read-html.ts';
import type { ReadText } from './read-text.ts';
import type { ReadContext } from './types.ts';
import { unzipWithin } from './unzip.ts';

/** Parts of a Word file that its text comes from; pictures, fonts and embedded files stay packed. */
const TEXT_PART =
  /^(?:\[Content_Types\]\.xml|_rels\/\.rels|docProps\/core\.xml|word\/[^/]+\.xml|word\/_rels\/[^/]+\.rels)$/;

/** The text of a Word file with its headings and lists. Throws `zip-bomb`, `damaged`. */
export async function readDocx(bytes: Uint8Array, path: string, context: ReadContext): Promise<ReadText> {
  const parts = unzipWithin(bytes, path, context.limits, (name) => TEXT_PART.test(name));
  const body = parts['word/document.xml'];
  if (!body) throw damaged(path, 'it holds no word/document.xml');
  const { default: mammoth } = await import('mammoth');
  // Only the parts that passed the limits go on, stored, so that mammoth inflates nothing.
  const safe = zipSync(parts, { level: 0 });
  try {
    const { value } = await mammoth.convertToHtml(
      typeof process === 'object' && process.versions?.['node']
        ? { buffer: safe as never }
        : { arrayBuffer: safe.buffer as ArrayBuffer },
      {
        convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
        externalFileAccess: false,
      },
    );
    const { heading, text } = htmlToText(value);
    return {
      title: documentTitle(parts['docProps/core.xml']) || heading || cleanTitle(baseName(path)),
      text,
      format: 'markdown',
    };
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
}

function documentTitle(core: Uint8Array | undefined): string {
  if (!core) return '';
  let title = '';
  let inside = false;
  const parser = new Parser(
    {
      onopentagname: (name) => (inside = name === 'dc:title'),
      ontext: (text) => (title += inside ? text : ''),
      onclosetag: () => (inside = false),
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(new TextDecoder().decode(core));
  return cleanTitle(title);
}

function damaged(path: string, detail: string, cause?: unknown): ImportError {
  return new ImportError(
    'damaged',
    path,
    `this Word file is damaged (${detail}). Open it in Word or LibreOffice, which can often repair it, save it and add it again.`,
    { cause },
  );
}
