// A page with an index of its own, for a test to play with.
import { openSearch } from '@burrow/worker';
import type { QueryResult, Search, SearchDocument, SearchStats } from '@burrow/worker';

const opening: Promise<Search> = openSearch({ name: 'notes' });

/** What the test may call. */
export const api = {
  async fill(documents: SearchDocument[]): Promise<void> {
    await (await opening).add(documents);
  },
  /** The backup, in Base64. */
  async backup(): Promise<string> {
    const bytes = new Uint8Array(await new Response((await opening).export()).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(''));
  },
  async restore(backup: string): Promise<string[]> {
    const bytes = Uint8Array.from(atob(backup), (letter) => letter.codePointAt(0)!);
    return (await (await opening).import(new Blob([bytes]))).written;
  },
  async stats(): Promise<SearchStats> {
    return (await opening).stats();
  },
  async get(id: string): Promise<SearchDocument | undefined> {
    return (await opening).get(id);
  },
  async query(text: string): Promise<QueryResult> {
    return (await opening).query(text);
  },
};

Object.assign(globalThis, { api });
