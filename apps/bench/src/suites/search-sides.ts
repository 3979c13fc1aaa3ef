import { KINDS, type SearchKind } from '../engines/search-types.ts';
import type { EngineName } from '../engines/index.ts';

/** Dimensions of all vectors that are searched. */
export const DIMENSIONS = 384;
const WORDS: SearchKind[] = ['keyword', 'prefix', 'typo'];

/** An engine with what it can do. */
export interface Contestant {
  name: string;
  engine: EngineName;
  options?: unknown;
  kinds: readonly SearchKind[];
  saves?: boolean;
}

export const BURROW = 'burrow';
export const INT8 = 'burrow int8';
/** All that are compared. */
export const ENGINES: Contestant[] = [
  { name: BURROW, engine: 'burrow-search', options: { precision: 'f32' }, kinds: KINDS, saves: true },
  {
    name: INT8,
    engine: 'burrow-search',
    options: { precision: 'int8' },
    kinds: ['vector', 'hybrid'],
    saves: true,
  },
  { name: 'Orama', engine: 'orama-search', kinds: KINDS, saves: true },
  {
    name: 'Orama, any word',
    engine: 'orama-search',
    options: { threshold: 1 },
    kinds: ['keyword', 'hybrid'],
  },
  { name: 'MiniSearch', engine: 'minisearch-search', kinds: WORDS, saves: true },
  { name: 'PGlite', engine: 'pglite-search', kinds: KINDS.filter((kind) => kind !== 'typo') },
  { name: 'plain scan', engine: 'scan-search', kinds: ['vector'] },
];
