import { detectFormat } from './detect.ts';
import { ImportError, megabytes } from './errors.ts';
import { fileFields } from './naming.ts';
import { readDocx } from './read-docx.ts';
import { readHtml } from './read-html.ts';
import { readJson, readJsonLines } from './read-json.ts';
import { readPdf } from './read-pdf.ts';
import { readTable } from './read-table.ts';
import { readMarkdown, readPlain, type ReadText } from './read-text.ts';
import type { DocumentType, ImportedDocument, ReadContext, SourceFile } from './types.ts';

const HEAD_BYTES = 16;

/**
 * The documents in one file, of whatever format it is. Throws an ImportError that names the file
 * and says what to do; parts that fail alone are told through `context.onFailure`.
 */
export async function* readFile(source: SourceFile, context: ReadContext): AsyncGenerator<ImportedDocument> {
  const { path, file } = source;
  context.signal?.throwIfAborted();
  if (file.size === 0) throw noText(path, 'this file is empty');
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const format = detectFormat(path, head);
  if (format === 'csv') yield* readTable(source, context);
  else if (format === 'json') yield* readJson(source, context);
  else if (format === 'ndjson') yield* readJsonLines(source, context);
  else {
    const [type, read] = await readWhole(format, source, context);
    if (read.text.trim() === '') throw noText(path, 'there is no text in it');
    if (read.text.length > context.limits.textLength) throw tooLarge(path, context);
    yield { id: path, ...read, type, ...fileFields(source) };
  }
}

async function readWhole(
  format: 'text' | 'markdown' | 'html' | 'pdf' | 'docx',
  { path, file }: SourceFile,
  context: ReadContext,
): Promise<[DocumentType, ReadText]> {
  const packed = format === 'pdf' || format === 'docx';
  // A character takes up to four bytes: beyond that a plain file cannot be within the limit.
  if (file.size > (packed ? context.limits.fileBytes : context.limits.textLength * 4))
    throw tooLarge(path, context);
  const bytes = new Uint8Array(await file.arrayBuffer());
  switch (format) {
    case 'text':
      return ['text', readPlain(bytes, path)];
    case 'markdown':
      return ['markdown', readMarkdown(bytes, path)];
    case 'html':
      return ['web page', readHtml(bytes, path)];
    case 'pdf':
      return ['pdf', await readPdf(bytes, path, context)];
    case 'docx':
      return ['word', await readDocx(bytes, path, context)];
  }
}

function noText(path: string, what: string): ImportError {
  return new ImportError('no-text', path, `${what}, so there is nothing to search. Leave it out.`);
}

function tooLarge(path: string, { limits }: ReadContext): ImportError {
  return new ImportError(
    'too-large',
    path,
    `it holds more than ${megabytes(limits.textLength)} of text. Split it into parts and add those.`,
  );
}
