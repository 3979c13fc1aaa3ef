import type { Engine } from '../harness/engine.ts';
import { timeWrites, type Durability, type StoreInput, type StoreRun } from './store-types.ts';

/** IndexedDB with its own durability option; one transaction for each document. */
export async function open({ durability }: { durability: Durability }): Promise<Engine> {
  const name = `bench-${durability}`;
  const start = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.addEventListener('upgradeneeded', () =>
        request.result.createObjectStore('documents', { autoIncrement: true }),
      );
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error));
    });
  let db = await start();
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = db.transaction('documents', 'readwrite', { durability });
      transaction.objectStore('documents').add(text);
      transaction.addEventListener('complete', () => resolve());
      transaction.addEventListener('error', () => reject(transaction.error));
    });
  return {
    facts: {},
    operations: {
      async write(input: StoreInput): Promise<StoreRun> {
        return timeWrites(input, write);
      },
      async reopen(): Promise<{ milliseconds: number; count: number }> {
        db.close();
        const started = performance.now();
        db = await start();
        const count = await new Promise<number>((resolve, reject) => {
          const request = db.transaction('documents').objectStore('documents').getAll();
          request.addEventListener('success', () => resolve(request.result.length));
          request.addEventListener('error', () => reject(request.error));
        });
        return { milliseconds: performance.now() - started, count };
      },
    },
    close: () => db.close(),
  };
}
