import type { EngineName } from '../engines/index.ts';

export type RealmRequest = { id: number } & (
  | { type: 'open'; engine: EngineName; options: unknown }
  | { type: 'call'; operation: string; input: unknown }
  | { type: 'close' }
);
export type RealmReply = { id: number; result?: unknown; error?: string };
type OpenCalls = Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>;
type Request = RealmRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

/**
 * A worker of its own for one engine: runtimes keep state for a whole realm, and one that failed to start poisons it.
 * Every call settles, also when the worker dies.
 */
export class Realm {
  readonly facts: Record<string, string | number | boolean>;
  readonly #worker: Worker;
  readonly #open: OpenCalls;
  #next = 1;

  private constructor(worker: Worker, open: OpenCalls, facts: Realm['facts']) {
    this.#worker = worker;
    this.#open = open;
    this.facts = facts;
  }

  /** Starts a worker and opens the engine in it. */
  static async open(engine: EngineName, options: unknown, signal?: AbortSignal): Promise<Realm> {
    const worker = new Worker(new URL('./realm-worker.ts', import.meta.url), {
      type: 'module',
      name: engine,
    });
    const open: OpenCalls = new Map();
    const fail = (message: string): void => {
      for (const { reject } of open.values()) reject(new Error(message));
      open.clear();
    };
    worker.addEventListener('message', ({ data: { id, result, error } }: MessageEvent<RealmReply>) => {
      const call = open.get(id);
      open.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    worker.addEventListener('error', (event) =>
      fail(`${engine}: ${event.message || 'the worker could not start'}`),
    );
    worker.addEventListener('messageerror', () => fail(`${engine}: an answer could not be read`));
    const realm = new Realm(worker, open, {});
    signal?.addEventListener('abort', () => {
      worker.terminate();
      fail('The measurement was cancelled.');
    });
    try {
      const facts = (await realm.#send({ type: 'open', engine, options })) as Realm['facts'];
      Object.assign(realm.facts, facts);
    } catch (error) {
      worker.terminate();
      throw error;
    }
    return realm;
  }

  /** Calls an operation of the engine. */
  call<T>(operation: string, input?: unknown): Promise<T> {
    return this.#send({ type: 'call', operation, input }) as Promise<T>;
  }

  /** Closes the engine and ends its worker. */
  async close(): Promise<void> {
    try {
      await this.#send({ type: 'close' });
    } finally {
      this.#worker.terminate();
    }
  }

  #send(request: Request): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }
}
