import type { Checksum } from './checksum.ts';
import { StoreError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import { decodeJournalHeader, scanJournal } from './journal-format.ts';
import { assembleRecords, type ScannedJournal } from './journal-recovery.ts';
import { type JournalFile, journalFileName } from './journal-writer.ts';
import { readAll } from './recovery.ts';

/** Reads the records after `through` up to `last`; one journal file is in memory at a time. */
export async function* replayRecords(
  fileSystem: FileSystem,
  checksum: Checksum,
  salt: Uint8Array,
  range: {
    through: number;
    last: number;
    files: readonly JournalFile[];
    lost: [number, number][];
    check: () => void;
  },
): AsyncIterableIterator<Uint8Array> {
  const journals: ScannedJournal[] = [];
  for (const { id } of range.files) {
    const bytes = await readAll(fileSystem, journalFileName(id));
    if (!bytes) continue;
    const header = decodeJournalHeader(checksum, bytes);
    journals.push({ id, size: bytes.length, header, scan: scanJournal(checksum, { salt, id }, bytes) });
  }
  const { records, lost, sequence } = assembleRecords(journals, range.through);
  const known = new Set(range.lost.map(String));
  const fresh = lost.find((pair) => !known.has(String(pair)));
  if (fresh || sequence < range.last) {
    const message =
      'Changes that were readable when the store was opened are not any more; close it and open it again.';
    throw new StoreError('record-damaged', message, { details: { from: fresh?.[0] ?? sequence + 1 } });
  }
  let open: { journal: number; bytes: Uint8Array } | undefined;
  for (const { journal, offset, length, sequence } of records) {
    if (sequence > range.last) return;
    range.check();
    if (open?.journal !== journal)
      open = { journal, bytes: (await readAll(fileSystem, journalFileName(journal)))! };
    yield open.bytes.slice(offset, offset + length);
  }
}
