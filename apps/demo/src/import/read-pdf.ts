import { ImportError, megabytes } from './errors.ts';
import { baseName, cleanTitle } from './naming.ts';
import type { ReadText } from './read-text.ts';
import type { ReadContext } from './types.ts';

/** A piece of text on a page, as pdf.js gives it. */
export interface PdfText {
  str: string;
  hasEOL: boolean;
  height: number;
  transform: number[];
}

type PdfLibrary = typeof import('pdfjs-dist');
let library: Promise<PdfLibrary> | undefined;

/**
 * pdf.js, loaded with the first PDF; its parser runs in a worker of its own, one for all PDFs. The
 * build for older engines serves every browser that Burrow supports. Without its
 * address, as in Node, pdf.js runs the parser that the realm has imported.
 */
function loadLibrary(parser: string | undefined): Promise<PdfLibrary> {
  library ??= import('pdfjs-dist/legacy/build/pdf.mjs').then((pdf) => {
    if (parser) pdf.GlobalWorkerOptions.workerPort = new Worker(parser, { type: 'module', name: 'pdf' });
    // Never fetched, as the code is here already; pdf.js wants a name all the same.
    else pdf.GlobalWorkerOptions.workerSrc = 'pdf.worker.mjs';
    return pdf;
  });
  return library;
}

/**
 * The text of a PDF, page after page. Throws `encrypted` where it needs a password, `damaged` where
 * it cannot be parsed, `no-text` where its pages are only pictures, `too-large`.
 */
export async function readPdf(bytes: Uint8Array, path: string, context: ReadContext): Promise<ReadText> {
  const pdf = await loadLibrary(context.pdf?.parser);
  const task = pdf.getDocument({
    data: bytes,
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    enableXfa: false,
    ...(context.pdf ? { cMapUrl: context.pdf.characterMaps, cMapPacked: true } : {}),
  });
  try {
    const document = await task.promise;
    const pages: string[] = [];
    let length = 0;
    for (let number = 1; number <= document.numPages; number++) {
      context.signal?.throwIfAborted();
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = layOut(items.filter((item): item is typeof item & PdfText => 'str' in item));
      page.cleanup();
      if (text !== '') pages.push(text);
      length += text.length;
      if (length > context.limits.textLength) {
        throw new ImportError(
          'too-large',
          path,
          `its text is longer than ${megabytes(context.limits.textLength)}. Split it into parts and add those.`,
        );
      }
    }
    const { info } = await document.getMetadata().catch(() => ({ info: {} }));
    const named = 'Title' in info && typeof info.Title === 'string' ? cleanTitle(info.Title) : '';
    if (length === 0) {
      throw new ImportError(
        'no-text',
        path,
        'its pages hold pictures but no text. Run text recognition (OCR) over the scan and add the result.',
      );
    }
    return { title: named || cleanTitle(baseName(path)), text: pages.join('\n\n'), format: 'plain' };
  } catch (error) {
    throw asPdfError(error, path);
  } finally {
    await task.destroy();
  }
}

/** Lines to paragraphs: a new one begins where the gap is clearly larger than a line. */
export function layOut(items: readonly PdfText[]): string {
  let text = '';
  let lastY: number | undefined;
  let lastHeight = 0;
  let newLine = false;
  for (const item of items) {
    const y = item.transform[5] ?? 0;
    if (item.str !== '') {
      const moved = lastY === undefined ? 0 : Math.abs(lastY - y);
      const height = Math.max(item.height, lastHeight, 1);
      if (text !== '' && (newLine || moved > height * 0.5)) {
        if (moved > height * 1.8) text += '\n\n';
        else if (/\p{L}-$/u.test(text) && /^\p{Ll}/u.test(item.str)) text = text.slice(0, -1);
        else if (!text.endsWith(' ')) text += ' ';
      }
      text += item.str;
      lastY = y;
      lastHeight = item.height;
      newLine = false;
    }
    if (item.hasEOL) newLine = true;
  }
  return text
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n\n ?/g, '\n\n')
    .trim();
}

function asPdfError(error: unknown, path: string): unknown {
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    return new ImportError(
      'encrypted',
      path,
      'this PDF is protected by a password. Open it with the password, save or print it as a PDF without one, and add that.',
      { cause: error },
    );
  }
  const broken = [
    'InvalidPDFException',
    'FormatError',
    'XRefEntryException',
    'UnknownErrorException',
    'MissingPDFException',
  ];
  if (broken.includes(name)) {
    return new ImportError(
      'damaged',
      path,
      'this PDF is damaged and cannot be read. Get a fresh copy, or open and save it again in a PDF reader.',
      { cause: error },
    );
  }
  return error;
}
