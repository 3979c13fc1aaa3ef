import { journalFileName } from './journal-writer.ts';
import {
  JOURNAL_HEADER_LENGTH,
  type JournalHeader,
  type JournalRecord,
  type JournalScan,
} from './journal-format.ts';
import type { RecoveryFinding } from './types.ts';

export interface ScannedJournal {
  id: number;
  size: number;
  header: JournalHeader | undefined;
  scan: JournalScan;
}

export interface StoredRecord extends JournalRecord {
  journal: number;
}

export interface AssembledRecords {
  /** What replay gives, in order. */
  records: StoredRecord[];
  /** First and last sequence numbers of what was acknowledged and cannot be read. */
  lost: [from: number, to: number][];
  findings: RecoveryFinding[];
  /** Sequence number to go on from. */
  sequence: number;
  /** The newest file ends with a whole record or commit: it can be appended to. */
  cleanEnd: boolean;
  /** All records are known to have been flushed. */
  flushed: boolean;
}

/**
 * Decides which records count. What was flushed counts whatever surrounds it: a bad record costs itself alone. What
 * was not known to be flushed is the tail: it ends at the first tear, and a batch counts as a whole or not at all.
 */
export function assembleRecords(journals: ScannedJournal[], through: number): AssembledRecords {
  const result: AssembledRecords = {
    records: [],
    lost: [],
    findings: [],
    sequence: through,
    cleanEnd: true,
    flushed: true,
  };
  journals.forEach((journal, index) => {
    const later = journals.slice(index + 1);
    const limit = later.find((other) => other.header)?.header!.firstSequence;
    const flushedThrough = Math.max(
      limit === undefined ? 0 : limit - 1,
      ...[journal, ...later].map((other) => other.scan.flushedThrough),
    );
    assembleOne(journal, limit ?? Infinity, flushedThrough, index === journals.length - 1, result);
  });
  return result;
}

function assembleOne(
  { id, size, header, scan }: ScannedJournal,
  limit: number,
  flushedThrough: number,
  newest: boolean,
  result: AssembledRecords,
): void {
  const file = journalFileName(id);
  const kept: StoredRecord[] = [];
  const gapBefore = new Map(scan.gaps.map((gap) => [gap.before, gap]));
  const explained = new Set<number>();
  let torn = false;
  const lose = (from: number, to: number, bytes: number): void => {
    const records = to - from + 1;
    result.lost.push([from, to]);
    result.findings.push({
      severity: 'loss',
      file,
      bytes,
      records,
      message: `${plural(records, 'acknowledged change')} in ${file} could not be read; those before and after it are kept.`,
    });
  };
  const tear = (bytes: number): void => {
    torn = true;
    const message = `${file} ended in the middle of a write (${plural(bytes, 'byte')}), which had not been acknowledged.`;
    result.findings.push({ severity: 'unacknowledged', file, bytes, message });
  };

  const begun = size >= JOURNAL_HEADER_LENGTH;
  if (!begun) {
    const message = `${file} was just being begun when writing stopped; nothing had been acknowledged in it.`;
    result.findings.push({ severity: 'note', file, bytes: size, message });
  } else if (!header) {
    const message = `The header of ${file} is unreadable; its records were found by their marks.`;
    result.findings.push({ severity: 'note', file, bytes: 0, message });
  }
  for (const [index, record] of scan.records.entries()) {
    if (record.sequence >= limit) break;
    const missingFrom = result.sequence + 1;
    if (record.sequence < missingFrom) continue;
    if (record.sequence > missingFrom) {
      const gap = gapBefore.get(index);
      explained.add(index);
      const lostTo = Math.min(record.sequence - 1, flushedThrough);
      if (lostTo >= missingFrom) lose(missingFrom, lostTo, gap ? gap.to - gap.from : 0);
      result.sequence = Math.max(result.sequence, lostTo);
      if (record.sequence - 1 > flushedThrough) {
        tear(size - (gap?.from ?? record.offset));
        break;
      }
    }
    kept.push({ ...record, journal: id });
    result.sequence = record.sequence;
  }
  const lastGap = gapBefore.get(scan.records.length);
  const end = Math.min(flushedThrough, limit - 1);
  if (result.sequence < end) {
    lose(result.sequence + 1, end, lastGap ? lastGap.to - lastGap.from : 0);
    explained.add(scan.records.length);
    result.sequence = end;
  }
  if (!torn) {
    for (const gap of scan.gaps) {
      if (explained.has(gap.before)) continue;
      const bytes = gap.to - gap.from;
      if (newest && gap === lastGap) tear(bytes);
      else {
        const message = `${plural(bytes, 'byte')} in ${file} are unreadable; no acknowledged change was in them.`;
        result.findings.push({ severity: 'note', file, bytes, message });
      }
    }
  }
  const whole = dropIncompleteBatch(kept, flushedThrough, file, result);
  result.records.push(...kept);
  result.cleanEnd = newest && begun && header !== undefined && whole && scan.gaps.length === 0;
  result.flushed = result.sequence <= flushedThrough;
}

/** A batch is acknowledged as a whole: of one that misses its end, nothing counts. */
function dropIncompleteBatch(
  kept: StoredRecord[],
  flushedThrough: number,
  file: string,
  result: AssembledRecords,
): boolean {
  const complete = kept.findLastIndex((record) => record.last || record.sequence <= flushedThrough) + 1;
  const dropped = kept.splice(complete);
  if (dropped.length === 0) return true;
  result.sequence = dropped[0]!.sequence - 1;
  result.findings.push({
    severity: 'unacknowledged',
    file,
    bytes: dropped.reduce((sum, record) => sum + record.length, 0),
    records: dropped.length,
    message: `${plural(dropped.length, 'record')} at the end of ${file} belong to a write that was not completed; they were dropped.`,
  });
  return false;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
