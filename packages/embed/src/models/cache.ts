/** Where downloaded files are kept. Any object with these methods will do; keys are plain strings. */
export interface ModelCache {
  match(key: string): Promise<Uint8Array | undefined>;
  /** Replaces what was there. May reject, for example when the disk is full: the model is used all the same. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  delete(key: string): Promise<boolean>;
  keys(): Promise<string[]>;
}

const CACHE_NAME = 'burrow-models';
const PATH = '/__burrow/models/';

/** The browser's Cache API as a model cache, or undefined where there is none (Node, pages that are not secure). */
export function cacheStorage(): ModelCache | undefined {
  return (standard ??= openCacheStorage());
}

/** One for the realm: who loads with it is known by it. */
let standard: ModelCache | undefined;

function openCacheStorage(): ModelCache | undefined {
  const { caches, location } = globalThis as unknown as {
    caches?: CacheStorage;
    location?: { origin: string };
  };
  if (!caches || !location) return undefined;
  const urlOf = (key: string): string => location.origin + PATH + encodeURIComponent(key);
  const open = (): Promise<Cache> => caches.open(CACHE_NAME);
  return {
    async match(key) {
      const response = await (await open()).match(urlOf(key));
      return response && new Uint8Array(await response.arrayBuffer());
    },
    async put(key, bytes) {
      await (await open()).put(urlOf(key), new Response(bytes as Uint8Array<ArrayBuffer>));
    },
    async delete(key) {
      return (await open()).delete(urlOf(key));
    },
    async keys() {
      const requests = await (await open()).keys();
      return requests.map(({ url }) => decodeURIComponent(new URL(url).pathname.slice(PATH.length)));
    },
  };
}

/** Key of a file of a model. Pieces of a download that is not complete have `#offset` behind it. */
export function cacheKey(id: string, revision: string, file: string): string {
  return `${id}@${revision}/${file}`;
}
