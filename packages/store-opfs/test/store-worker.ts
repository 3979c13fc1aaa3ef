// Holds a store in a dedicated worker, where sync access handles are, and answers calls to it.
import { type Store, type StoreOptions, openStore } from '@burrow/store-opfs';
import type { StoreAnswer, StoreCall } from './remote-store.ts';

let store: Store | undefined;

async function call({ method, args }: StoreCall): Promise<unknown> {
  if (method === 'open') {
    store = await openStore(args[0] as string, args[1] as StoreOptions);
    return { name: store.name, kind: store.kind, report: store.report, dataVersion: store.dataVersion };
  }
  if (!store) throw new Error('No store is open.');
  if (method === 'replay') {
    const records: Uint8Array[] = [];
    for await (const record of store.replay()) records.push(record);
    return records;
  }
  const member = store[method as keyof Store] as (...args: unknown[]) => unknown;
  return member.apply(store, args);
}

function state(): StoreAnswer['state'] {
  if (!store) return undefined;
  const { sequence, journalBytes, segments } = store;
  let sections: ReadonlyMap<string, number> | undefined;
  try {
    sections = store.sections();
  } catch {
    // Closed: the page side says so.
  }
  return { sequence, journalBytes, segments: new Map(segments), sections };
}

addEventListener('message', (event: MessageEvent<StoreCall>) => {
  const { id } = event.data;
  call(event.data).then(
    (result) => postMessage({ id, result, state: state() } satisfies StoreAnswer, []),
    (error: Error & { code?: string; details?: object }) => {
      const { name, code, message, details } = error;
      postMessage({ id, error: { name, code, message, details }, state: state() } satisfies StoreAnswer, []);
    },
  );
});
