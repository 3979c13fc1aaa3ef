import { openStore, type Store } from '@burrow/store-opfs';
import type { Engine } from '../harness/engine.ts';
import { encode, timeWrites, type Durability, type StoreInput, type StoreRun } from './store-types.ts';
import { writtenBytes } from './written-bytes.ts';

const NAME = 'bench-store';

/** `@burrow/store-opfs` as the product uses it: the text as a blob, then a record in the journal that names it. */
export async function open({ durability }: { durability: Durability }): Promise<Engine> {
  const name = `${NAME}-${durability}`;
  let store: Store = await openStore(name, { durability });
  let count = 0;
  return {
    facts: { kind: store.kind },
    operations: {
      async write(input: StoreInput): Promise<StoreRun> {
        const run = await timeWrites(input, async (text) => {
          const [ref] = await store.putBlobs([encode(text)]);
          await store.append([encode(JSON.stringify([count++, ref]))]);
        });
        await store.flush();
        return run;
      },
      async reopen(): Promise<{ milliseconds: number; count: number }> {
        await store.close();
        const started = performance.now();
        store = await openStore(name, { durability });
        let found = 0;
        for await (const record of store.replay()) if (record.length > 0) found++;
        return { milliseconds: performance.now() - started, count: found };
      },
      async written(): Promise<number> {
        return writtenBytes();
      },
    },
    close: () => store.destroy(),
  };
}
