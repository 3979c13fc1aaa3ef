import type { EngineName } from '../engines/index.ts';

/** Burrow's store first, then its peers. */
export const STORES: [name: string, engine: EngineName][] = [
  ['burrow', 'burrow-store'],
  ['SQLite', 'sqlite-store'],
  ['PGlite', 'pglite-store'],
  ['IndexedDB', 'indexeddb-store'],
];
