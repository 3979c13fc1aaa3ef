// The worker side of a realm: opens one engine and calls its operations.
import { ENGINES, type EngineName } from '../engines/index.ts';
import type { Engine } from './engine.ts';
import type { RealmReply, RealmRequest } from './realm.ts';
import { webAssemblyBytes } from './web-assembly-bytes.ts';

/** What is used of a worker's global scope, whose own types exclude those of a page. */
const scope = globalThis as unknown as EventTarget & { postMessage(message: RealmReply): void };
let engine: Engine | undefined;

async function answer(request: RealmRequest): Promise<unknown> {
  switch (request.type) {
    case 'open': {
      const module = await ENGINES[request.engine as EngineName]();
      engine = await module.open(request.options as never);
      return engine.facts;
    }
    case 'call': {
      const operation = engine?.operations[request.operation];
      if (!operation) throw new Error(`This engine has no operation ${request.operation}.`);
      return operation(request.input as never);
    }
    case 'webAssemblyBytes':
      return webAssemblyBytes();
    case 'close':
      await engine?.close();
      return undefined;
  }
}

scope.addEventListener('message', (event) => {
  const request = (event as MessageEvent<RealmRequest>).data;
  const { id } = request;
  answer(request).then(
    (result) => scope.postMessage({ id, result }),
    (error: unknown) =>
      scope.postMessage({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
});
