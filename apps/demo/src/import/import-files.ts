import { asFailure } from './errors.ts';
import { readFile } from './read-file.ts';
import {
  DEFAULT_LIMITS,
  type ImportBatch,
  type ImportedDocument,
  type ImportFailure,
  type ImportLimits,
  type PdfAssets,
  type SourceFile,
} from './types.ts';

export interface ImportOptions {
  limits?: ImportLimits;
  signal?: AbortSignal;
  pdf?: PdfAssets;
}

/** A batch is handed on when it has this many documents, or this much text. */
const BATCH_DOCUMENTS = 64;
const BATCH_LENGTH = 256 * 1024;

/**
 * Reads files one after another and hands on their documents in batches. Nothing is read ahead of
 * what is asked for, so whoever iterates sets the pace. A file that fails is told in a batch, and
 * the next one follows; only an abort ends the iteration early.
 */
export async function* importFiles(
  files: readonly SourceFile[],
  options: ImportOptions = {},
): AsyncGenerator<ImportBatch> {
  const { limits = DEFAULT_LIMITS, signal, pdf } = options;
  let documents: ImportedDocument[] = [];
  let failures: ImportFailure[] = [];
  let length = 0;
  let filesDone = 0;
  let bytesDone = 0;
  const flush = (): ImportBatch => {
    const batch = { documents, failures, position: { filesDone, bytesDone } };
    documents = [];
    failures = [];
    length = 0;
    return batch;
  };
  for (const source of files) {
    signal?.throwIfAborted();
    const onFailure = (failure: ImportFailure): void => void failures.push(failure);
    try {
      const context = { limits, onFailure, ...(signal ? { signal } : {}), ...(pdf ? { pdf } : {}) };
      for await (const document of readFile(source, context)) {
        documents.push(document);
        length += document.text.length;
        if (documents.length >= BATCH_DOCUMENTS || length >= BATCH_LENGTH) yield flush();
      }
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(asFailure(error, source.path));
    }
    filesDone++;
    bytesDone += source.file.size;
    // Progress also where many files are passed over.
    if (failures.length >= BATCH_DOCUMENTS) yield flush();
  }
  yield flush();
}
