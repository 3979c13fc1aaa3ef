import type { EngineConnection } from '../connection.ts';
import { DocumentsFailedError } from '../errors.ts';
import type { DocumentFailure } from '../errors.ts';
import type { TransferOptions, WriteResult } from '../types.ts';
import { readBackup } from './format.ts';

/** What `Search.import` does: looks at the whole file first, so that a damaged one changes nothing. */
export async function importBackup(
  connection: EngineConnection,
  file: Blob,
  { signal, onProgress }: TransferOptions,
): Promise<WriteResult> {
  let totalDocuments = 0;
  for await (const part of readBackup(file)) {
    signal?.throwIfAborted();
    if ('documents' in part) totalDocuments += part.documents.length;
  }
  const written: string[] = [];
  const failures: DocumentFailure[] = [];
  let space = '';
  let done = 0;
  for await (const part of readBackup(file)) {
    signal?.throwIfAborted();
    if ('header' in part) {
      space = part.header.settings?.space ?? '';
      continue;
    }
    const reply = await connection.call('restore', [{ space, documents: part.documents }], { signal });
    written.push(...reply.written);
    failures.push(...reply.failures);
    done += part.documents.length;
    onProgress?.({ documents: done, totalDocuments });
  }
  if (failures.length > 0) throw new DocumentsFailedError(failures, written);
  return { written };
}
