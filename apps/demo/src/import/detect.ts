import { ImportError } from './errors.ts';

export type FileFormat = 'text' | 'markdown' | 'html' | 'pdf' | 'docx' | 'csv' | 'json' | 'ndjson';

const BY_EXTENSION: Record<string, FileFormat> = {
  txt: 'text',
  text: 'text',
  log: 'text',
  rst: 'text',
  adoc: 'text',
  tex: 'text',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  geojson: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

/** Formats that we know but do not read, with what to do instead. */
const ADVICE: Record<string, string> = {
  doc: 'is an old Word file; save it as .docx',
  odt: 'is an OpenDocument text; save it as .docx or .pdf',
  rtf: 'is rich text; save it as .docx or .txt',
  pages: 'is a Pages document; export it as .docx or .pdf',
  xls: 'is a spreadsheet; save the sheet as .csv',
  xlsx: 'is a spreadsheet; save the sheet as .csv',
  ods: 'is a spreadsheet; save the sheet as .csv',
  numbers: 'is a spreadsheet; export the sheet as .csv',
  ppt: 'is a presentation; save it as .pdf',
  pptx: 'is a presentation; save it as .pdf',
  epub: 'is an e-book; convert it to .html or .pdf',
  zip: 'is an archive; unpack it and add the folder',
  '7z': 'is an archive; unpack it and add the folder',
  gz: 'is an archive; unpack it and add the files',
  tar: 'is an archive; unpack it and add the folder',
  rar: 'is an archive; unpack it and add the folder',
};

const IMAGES = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'webp',
  'avif',
  'heic',
  'tif',
  'tiff',
  'bmp',
  'svg',
  'ico',
]);

/** Extensions that a file picker offers. */
export const ACCEPT: string = Object.keys(BY_EXTENSION)
  .map((extension) => `.${extension}`)
  .join(',');

/** The part after the last dot of the file's name, in lower case; empty where there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/**
 * The format of a file, by its first bytes where those are certain, else by its extension; a file
 * with an unknown extension is read as text (source code, notes without one). Throws `unsupported`
 * for known formats that we do not read, and `encrypted` for Word files behind a password.
 */
export function detectFormat(path: string, head: Uint8Array): FileFormat {
  const extension = extensionOf(path);
  const ascii = String.fromCharCode(...head.subarray(0, 8));
  if (ascii.startsWith('%PDF-')) return 'pdf';
  const named = BY_EXTENSION[extension];
  if (ascii.startsWith('\u00d0\u00cf\u0011\u00e0') && extension === 'docx') {
    throw new ImportError(
      'encrypted',
      path,
      'this Word file is protected by a password or in an old format. Open it in Word, save it as .docx without a password, and add it again.',
    );
  }
  if (named) return named;
  const advice = ADVICE[extension];
  if (advice) throw new ImportError('unsupported', path, `this ${advice} and add that.`);
  if (IMAGES.has(extension)) {
    throw new ImportError('unsupported', path, 'this is an image, and Burrow reads only text. Leave it out.');
  }
  return 'text';
}
