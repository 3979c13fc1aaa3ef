import type { EngineConnection } from '../connection.ts';
import type { ExportOptions } from '../types.ts';
import { encodeDocuments, encodeEnd, encodeHeader } from './format.ts';
import { toRows } from './rows.ts';
import type { BackupDocument, BackupSettings } from './types.ts';

/** Documents that are asked for at a time. */
const PORTION = 64;

/**
 * What `Search.export` gives: the documents that were there when it began, each as it is when its turn comes. Read only
 * as fast as it is taken.
 */
export function exportStream(
  connection: EngineConnection,
  options: ExportOptions,
): ReadableStream<Uint8Array> {
  const parts = exportParts(connection, options);
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return();
      },
    },
    { highWaterMark: 1 },
  );
}

async function* exportParts(
  connection: EngineConnection,
  { format = 'backup', texts = true, vectors = true, signal, onProgress }: ExportOptions,
): AsyncGenerator<Uint8Array, void> {
  const { settings, ids } = await connection.call('exportPlan', [], { signal });
  const encode = await encoderOf(format, { texts, vectors, settings });
  yield* encode.begin();
  let written = 0;
  for (let from = 0; from < ids.length; from += PORTION) {
    const asked = ids.slice(from, from + PORTION);
    const documents = await connection.call('exportDocuments', [asked], { signal });
    written += documents.length;
    if (documents.length > 0) yield await encode.documents(documents);
    onProgress?.({ documents: from + asked.length, totalDocuments: ids.length });
  }
  yield* encode.end(written);
}

interface Encoder {
  begin(): AsyncGenerator<Uint8Array>;
  documents(documents: BackupDocument[]): Promise<Uint8Array>;
  end(documents: number): AsyncGenerator<Uint8Array>;
}

interface EncoderOptions {
  texts: boolean;
  vectors: boolean;
  settings: BackupSettings | undefined;
}

async function encoderOf(
  format: NonNullable<ExportOptions['format']>,
  options: EncoderOptions,
): Promise<Encoder> {
  const { settings } = options;
  if (format === 'backup') {
    return {
      async *begin() {
        yield await encodeHeader({ created: new Date().toISOString(), settings });
      },
      documents: encodeDocuments,
      async *end(documents) {
        yield await encodeEnd({ documents });
      },
    };
  }
  if (format === 'ndjson') {
    const encoder = new TextEncoder();
    return {
      async *begin() {},
      documents: async (documents) =>
        encoder.encode(
          toRows(documents, options)
            .map((row) => `${JSON.stringify(row)}\n`)
            .join(''),
        ),
      async *end() {},
    };
  }
  // Most pages never need it.
  const { ParquetRows } = await import('./parquet.ts');
  const file = new ParquetRows(options, {
    model: settings?.modelId ?? '',
    space: settings?.space ?? '',
    dimensions: String(settings?.dimensions ?? 0),
  });
  return {
    async *begin() {},
    documents: (documents) => file.add(toRows(documents, options)),
    async *end() {
      yield await file.finish();
    },
  };
}
