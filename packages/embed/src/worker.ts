// The worker's entry: one engine, one request at a time. Built as a single file; its address is passed in by the page.
import { holdAlive } from './alive.ts';
import { Engine } from './engine.ts';
import { toWire, type WorkerMessage, type WorkerRequest } from './protocol.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
let engine: Engine | undefined;

async function answer(request: WorkerRequest): Promise<void> {
  try {
    if (request.type === 'start') {
      if (await holdAlive(request.lock)) reply({ type: 'alive' });
      engine = await Engine.start(request.request);
      reply({ id: request.id, type: 'started', report: engine.report });
    } else {
      const result = await engine!.embed(request.part);
      reply({ id: request.id, type: 'embedded', result }, [
        result.data.buffer,
        result.tokens.buffer,
        result.truncated.buffer,
      ]);
    }
  } catch (error) {
    reply({ id: request.id, type: 'failed', error: toWire(error) });
  }
}

function reply(response: WorkerMessage, transfer: Transferable[] = []): void {
  scope.postMessage(response, transfer);
}

scope.addEventListener('message', (event: MessageEvent<WorkerRequest>) => void answer(event.data));
