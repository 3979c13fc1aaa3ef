import type { Store } from '@burrow/store-opfs';
import type { StorageStatus } from '../types.ts';

/** Where and how safely the index is kept, in figures and words. */
export async function storageStatus(store: Store, recovery: string[]): Promise<StorageStatus> {
  const { stored, usage, quota, persisted } = await store.estimate();
  return {
    kind: store.kind,
    stored,
    ...(usage === undefined ? {} : { usage }),
    ...(quota === undefined ? {} : { quota }),
    ...(persisted === undefined ? {} : { persisted }),
    kindReasons: store.report.kindReasons,
    recovery,
  };
}

/** What recovery did, in sentences; nothing when all was well. */
export function recoveryOf({ report }: Store): string[] {
  return report.outcome === 'recovered' ? report.text : [];
}
