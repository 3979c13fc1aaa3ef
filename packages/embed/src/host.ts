import type { BackendRequest } from './backends/backend.ts';
import { watchAlive } from './alive.ts';
import { Engine, type EngineReport, type Part, type PartResult } from './engine.ts';
import { EmbedError } from './errors.ts';
import { startNodeWorker, type WorkerLike } from './node-worker.ts';
import { fromWire, type WorkerCall, type WorkerMessage, type WorkerResponse } from './protocol.ts';

/** Where an engine runs. Calls are answered in their order. */
export interface EngineHost {
  start(request: BackendRequest): Promise<EngineReport>;
  embed(part: Part): Promise<PartResult>;
  /** Bytes of WebAssembly memory that it held after the last part, where it can be given back. */
  readonly memory?: number;
  /** Ends it; calls that are open are rejected. */
  dispose(): void;
}

/** Makes hosts: a fresh one for each candidate, because a failed session can poison its realm. */
export type HostFactory = () => EngineHost;

/** A module worker from its address; in Node, one of its worker threads. */
export function startWorker(url: string): WorkerLike {
  if (typeof Worker !== 'function') return startNodeWorker(url);
  return new Worker(url, { type: 'module', name: 'embed' });
}

/** An engine in a worker of its own. */
export class WorkerHost implements EngineHost {
  memory = 0;
  private readonly worker: WorkerLike;
  private readonly pending = new Map<
    number,
    { resolve(response: WorkerResponse): void; reject(error: Error): void }
  >();
  private nextId = 0;
  private death: EmbedError | undefined;
  private readonly lock = `burrow-embed-${Math.random().toString(36).slice(2)}-${Date.now()}`;
  private readonly watch = new AbortController();

  constructor(worker: WorkerLike) {
    this.worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => this.receive(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.die(
        `The embedding worker stopped: ${event.message || 'its script could not be loaded or it ran out of memory'}.`,
      );
    });
    worker.addEventListener('messageerror', () =>
      this.die('A message of the embedding worker could not be read.'),
    );
  }

  async start(request: BackendRequest): Promise<EngineReport> {
    const transfer = Object.values(request.files).map((file) => file.buffer as ArrayBuffer);
    const response = await this.call({ type: 'start', request, lock: this.lock }, [...new Set(transfer)]);
    return response.type === 'started' ? response.report : {};
  }

  async embed(part: Part): Promise<PartResult> {
    const response = await this.call({ type: 'embed', part });
    if (response.type !== 'embedded')
      throw new EmbedError('backend-failed', `The worker answered ${response.type}.`);
    this.memory = response.result.memory ?? 0;
    return response.result;
  }

  dispose(): void {
    this.die('The embedder was disposed.');
  }

  private receive(message: WorkerMessage): void {
    if (message.type === 'alive') {
      watchAlive(this.lock, this.watch.signal, () =>
        this.die('The embedding worker was ended by the browser, perhaps for want of memory.'),
      );
      return;
    }
    const call = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.type === 'failed') call?.reject(fromWire(message.error));
    else call?.resolve(message);
  }

  private call(request: WorkerCall, transfer: Transferable[] = []): Promise<WorkerResponse> {
    if (this.death) return Promise.reject(this.death);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ ...request, id }, transfer);
    });
  }

  private die(reason: string): void {
    if (this.death) return;
    this.death = new EmbedError('backend-failed', reason);
    this.watch.abort();
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(this.death);
    this.pending.clear();
  }
}

/** An engine in the caller's realm: wherever there are no workers, and in Node for what needs no runtime. */
export class LocalHost implements EngineHost {
  private engine: Engine | undefined;

  async start(request: BackendRequest): Promise<EngineReport> {
    this.engine = await Engine.start(request);
    return this.engine.report;
  }

  async embed(part: Part): Promise<PartResult> {
    // Timers and messages of the realm get their turn between two parts.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (!this.engine) throw new EmbedError('disposed', 'The embedder was disposed. Create another one.');
    return this.engine.embed(part);
  }

  dispose(): void {
    void this.engine?.dispose();
    this.engine = undefined;
  }
}
