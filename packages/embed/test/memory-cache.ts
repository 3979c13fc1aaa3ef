import type { ModelCache } from '../src/models/cache.ts';

/** A cache in memory; what it may not keep it refuses as a full disk does. */
export function memoryCache(
  mayKeep: (key: string) => boolean = () => true,
): ModelCache & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    match: async (key) => files.get(key),
    async put(key, bytes) {
      if (!mayKeep(key)) throw new DOMException('The disk is full.', 'QuotaExceededError');
      files.set(key, bytes.slice());
    },
    delete: async (key) => files.delete(key),
    keys: async () => [...files.keys()],
  };
}
