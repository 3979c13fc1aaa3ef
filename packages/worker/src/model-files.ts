import type { ModelCache } from '@burrow/embed';
import { openModelCache } from '@burrow/store-opfs';

type Opened = Awaited<ReturnType<typeof openModelCache>>;

let opened: Promise<Opened> | undefined;

function open(): Promise<Opened> {
  // Tried again by whoever asks next when it fails.
  opened ??= openModelCache().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Files of models that were downloaded, in the app's own storage; all indexes of the origin share them. */
export const modelFiles: ModelCache = {
  async match(key) {
    return (await (await open()).get(key))?.bytes;
  },
  async put(key, bytes) {
    const version = /@([^/]+)\//.exec(key)?.[1];
    await (await open()).put(key, bytes, version === undefined ? {} : { version });
  },
  async delete(key) {
    return (await open()).delete(key);
  },
  async keys() {
    return (await (await open()).list()).map(({ key }) => key);
  },
};

/** All files of models, with their sizes. */
export async function storedModelFiles(): Promise<Awaited<ReturnType<Opened['list']>>> {
  return (await open()).list();
}
