import type { StoreOptions } from '../src/types.ts';
import type { Step } from './notebook.ts';

export const SAMPLE_OPTIONS: StoreOptions = { segmentBytes: 1500, journalBytes: 600, version: 3 };

/** What the samples in data/ went through; the same for every version of the format. */
export const SAMPLE_LIFE: Step[] = [
  { do: 'add', ids: [1, 2, 3], version: 1 },
  { do: 'checkpoint' },
  { do: 'add', ids: [4, 5, 6], version: 1 },
  { do: 'remove', ids: [2, 5] },
  { do: 'checkpoint' },
  { do: 'add', ids: [3, 7], version: 2 },
  { do: 'remove', ids: [4] },
  { do: 'add', ids: [8], version: 1 },
];
