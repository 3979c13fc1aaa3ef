import { decodeText, streamText } from './decode.ts';
import { ImportError, megabytes } from './errors.ts';
import { baseName, cleanTitle, fileFields } from './naming.ts';
import { recordToText } from './record-text.ts';
import type { ImportedDocument, ReadContext, SourceFile } from './types.ts';

/** Bad lines that are told one by one; the rest are only counted. */
const TOLD_LINES = 5;

/** A JSON file: a list gives one document for each item, anything else is one document. */
export async function* readJson(source: SourceFile, context: ReadContext): AsyncGenerator<ImportedDocument> {
  const { path, file } = source;
  if (file.size > context.limits.textLength) {
    throw new ImportError(
      'too-large',
      path,
      `it is larger than ${megabytes(context.limits.textLength)}. Save it as lines of JSON (.ndjson), which are read one by one, or split it.`,
    );
  }
  const text = decodeText(new Uint8Array(await file.arrayBuffer()), path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Lines of JSON under the wrong name are common.
    if (/^\s*[{[].*[}\]]\s*\n\s*[{[]/.test(text)) {
      yield* readJsonLines(source, context);
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    throw new ImportError(
      'damaged',
      path,
      `this is not valid JSON (${detail}). Correct it there and add it again.`,
      { cause: error },
    );
  }
  const list = listIn(value);
  if (!list) {
    yield toDocument(source, value, undefined);
    return;
  }
  let count = 0;
  for (const item of list) {
    count++;
    const document = toDocument(source, item, count);
    if (document.text !== '') yield document;
  }
  if (count === 0)
    throw new ImportError('no-text', path, 'this list is empty. Check that it was saved with its data.');
}

/** Lines of JSON, streamed. A line that is not JSON is told and passed over. */
export async function* readJsonLines(
  source: SourceFile,
  context: ReadContext,
): AsyncGenerator<ImportedDocument> {
  const { path } = source;
  let number = 0;
  let read = 0;
  let bad = 0;
  for await (const line of lines(source, context)) {
    number++;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      bad++;
      if (bad <= TOLD_LINES) {
        context.onFailure({
          path,
          code: 'damaged',
          message: `${path}: line ${number} is not valid JSON and was passed over. Correct it there and add the file again.`,
        });
      }
      continue;
    }
    read++;
    const document = toDocument(source, value, number);
    if (document.text !== '') yield document;
  }
  if (bad > TOLD_LINES) {
    context.onFailure({
      path,
      code: 'damaged',
      message: `${path}: ${bad} lines in all are not valid JSON and were passed over.`,
    });
  }
  if (read === 0 && bad === 0)
    throw new ImportError('no-text', path, 'this file is empty. Check that it was saved with its data.');
}

async function* lines({ path, file }: SourceFile, context: ReadContext): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of streamText(file, path)) {
    context.signal?.throwIfAborted();
    const parts = (rest + piece).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > context.limits.textLength) {
      throw new ImportError(
        'too-large',
        path,
        `one of its lines is longer than ${megabytes(context.limits.textLength)}. Split it and add the parts.`,
      );
    }
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** The list of a file: the value itself, or the one list of objects in it (`{ "items": […] }`). */
function listIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value === null || typeof value !== 'object') return undefined;
  const lists = Object.values(value).filter(
    (inner): inner is unknown[] =>
      Array.isArray(inner) &&
      inner.length > 0 &&
      inner.every((item) => item !== null && typeof item === 'object'),
  );
  return lists.length === 1 ? lists[0] : undefined;
}

function toDocument(source: SourceFile, value: unknown, number: number | undefined): ImportedDocument {
  const name = cleanTitle(baseName(source.path));
  const fields: [string, unknown][] =
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value)
      : [['', value]];
  const { title, text, date } = recordToText(fields, number === undefined ? name : `${name}, ${number}`);
  return {
    id: number === undefined ? source.path : `${source.path}#${number}`,
    title,
    text,
    format: 'plain',
    type: 'record',
    ...fileFields(source),
    ...(date === undefined ? {} : { date }),
  };
}
