import { type BlobPiece, decodePieces } from './journal-pieces.ts';
import type { FileSystem } from './file-system.ts';
import type { StoredRecord } from './journal-recovery.ts';
import { journalFileName } from './journal-writer.ts';
import { readAll } from './recovery.ts';

/**
 * Pieces of blob segments that came with records of the journal, in order: their own files may not have them. Only of records
 * that count; those that are void or in the checkpoint may name segments that are gone. One journal is in memory at a time.
 */
export async function* journaledPieces(
  fileSystem: FileSystem,
  records: readonly StoredRecord[],
): AsyncGenerator<BlobPiece> {
  let open: { journal: number; bytes: Uint8Array } | undefined;
  for (const { journal, pieces, offset } of records) {
    if (pieces === undefined) continue;
    if (open?.journal !== journal)
      open = { journal, bytes: (await readAll(fileSystem, journalFileName(journal)))! };
    yield* decodePieces(open.bytes, pieces, offset);
  }
}
