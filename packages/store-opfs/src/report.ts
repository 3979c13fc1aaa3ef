import type { StoreKind } from './file-system.ts';
import type { Recovered } from './recovery.ts';
import type { RecoveryReport } from './types.ts';

const KIND_WORDS: Record<StoreKind, string> = {
  opfs: 'The data is kept on this device, in the private file system of the browser.',
  indexeddb: 'The data is kept on this device, in IndexedDB.',
  memory: 'The data is kept in memory only: it is gone when the last tab is closed.',
};

/** Tells what opening found, in words too. */
export function writeReport(recovered: Recovered, kind: StoreKind, kindReasons: string[]): RecoveryReport {
  const { outcome, manifest, assembled, findings } = recovered;
  const text = [KIND_WORDS[kind], ...kindReasons];
  if (outcome === 'created') text.push('There was no store of this name; a new one was created.');
  else {
    text.push(
      `Checkpoint ${manifest.generation} with ${manifest.sections.length} sections and ${assembled.records.length} changes since were read.`,
      ...findings.map((finding) => finding.message),
    );
    if (findings.some((finding) => finding.severity === 'loss'))
      text.push('Some acknowledged data is lost; everything else is there.');
    else if (findings.length > 0) text.push('Nothing that was acknowledged is lost.');
  }
  return {
    outcome,
    kind,
    kindReasons,
    generation: manifest.generation,
    sections: manifest.sections.length,
    records: assembled.records.length,
    findings,
    text,
  };
}
