import Papa from 'papaparse';
import { streamText } from './decode.ts';
import { ImportError, megabytes } from './errors.ts';
import { baseName, cleanTitle, fileFields } from './naming.ts';
import { recordToText } from './record-text.ts';
import type { ImportedDocument, ReadContext, SourceFile } from './types.ts';

/**
 * Rows of a table as documents, streamed: the file may be larger than memory. The first row names
 * the columns. Throws `no-text` for a table without rows, `too-large` for a single huge row.
 */
export async function* readTable(source: SourceFile, context: ReadContext): AsyncGenerator<ImportedDocument> {
  const shared = fileFields(source);
  const fallback = cleanTitle(baseName(source.path));
  let columns: string[] | undefined;
  let row = 0;
  for await (const cells of rows(source, context)) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (!columns) {
      columns = cells.map((cell, index) => cell.trim() || `column ${index + 1}`);
      continue;
    }
    row++;
    const named = cells.map(
      (cell, index) => [columns?.[index] ?? `column ${index + 1}`, cell.trim()] as const,
    );
    const { title, text, date } = recordToText(named, `${fallback}, row ${row}`);
    const id = `${source.path}#${row}`;
    yield {
      id,
      title,
      text,
      format: 'plain',
      type: 'table row',
      ...shared,
      ...(date === undefined ? {} : { date }),
    };
  }
  if (row === 0) {
    throw new ImportError(
      'no-text',
      source.path,
      'this table has no rows below its first. Check that it was saved with its data.',
    );
  }
}

/** Cells of each row, as soon as the row is complete. */
async function* rows({ path, file }: SourceFile, context: ReadContext): AsyncGenerator<string[]> {
  let parser: Papa.Parser | undefined;
  let rest = '';
  const parse = (text: string, last: boolean): string[][] => {
    if (!parser) {
      const { meta } = Papa.parse<string[]>(text.slice(0, 64 * 1024), { preview: 20 });
      parser = new Papa.Parser({ delimiter: meta.delimiter, newline: meta.linebreak as '\n' });
    }
    const { data, meta } = parser.parse(text, 0, !last) as Papa.ParseResult<string[]>;
    rest = last ? '' : text.slice(meta.cursor);
    return data;
  };
  for await (const piece of streamText(file, path)) {
    context.signal?.throwIfAborted();
    rest += piece;
    if (rest.length > context.limits.textLength) {
      throw new ImportError(
        'too-large',
        path,
        `one of its rows is longer than ${megabytes(context.limits.textLength)}; a quotation mark is probably missing. Check the table and add it again.`,
      );
    }
    if (rest !== '') yield* parse(rest, false);
  }
  if (rest !== '') yield* parse(rest, true);
}
