import { MemoryFileSystem } from '../src/memory-file-system.ts';
import { openStoreOn } from '../src/open-store-on.ts';
import { describeStore } from './store-contract.ts';

describeStore('a store in memory', async () => {
  const fileSystem = new MemoryFileSystem();
  return { open: (options) => openStoreOn('test', fileSystem, options), dispose: async () => undefined };
});
