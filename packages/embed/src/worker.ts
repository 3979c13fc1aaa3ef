// The worker's entry: one engine, one request at a time. Built as a single file; its address is passed in by the page.
import { holdAlive } from './alive.ts';
import { Engine } from './engine.ts';
import { toWire, type WorkerMessage, type WorkerRequest } from './protocol.ts';
import { parentPort } from './realm.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const port = parentPort();
let engine: Engine | undefined;

async function answer(request: WorkerRequest): Promise<void> {
  try {
    if (request.type === 'start') {
      // In Node the parent hears of the thread's end by itself.
      if (!port && (await holdAlive(request.lock))) reply({ type: 'alive' });
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
  if (port) port.postMessage(response, transfer as ArrayBuffer[]);
  else scope.postMessage(response, transfer);
}

if (port) port.on('message', (request: WorkerRequest) => void answer(request));
else scope.addEventListener('message', (event: MessageEvent<WorkerRequest>) => void answer(event.data));
