import type { EngineName } from '../engines/index.ts';

export type RealmRequest = { id: number } & (
  | { type: 'open'; engine: EngineName; options: unknown }
  | { type: 'call'; operation: string; input: unknown }
  | { type: 'webAssemblyBytes' }
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
  /** What runs, as the engine tells. */
  facts: Record<string, string | number | boolean> = {};
  readonly #engine: EngineName;
  readonly #worker: Worker;
  readonly #open: OpenCalls = new Map();
  #next = 1;
  #death: Error | undefined;

  private constructor(engine: EngineName, signal: AbortSignal | undefined) {
    this.#engine = engine;
    this.#worker = new Worker(new URL('./realm-worker.ts', import.meta.url), {
      type: 'module',
      name: engine,
    });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<RealmReply>) => this.#settle(data));
    this.#worker.addEventListener('error', (event) =>
      this.#die(event.message || 'the worker could not start'),
    );
    this.#worker.addEventListener('messageerror', () => this.#die('an answer could not be read'));
    signal?.addEventListener('abort', () => this.#die('the measurement was cancelled'), { once: true });
  }

  /**
   * Starts a worker and opens the engine in it.
   * @throws what the engine threw, or the signal's reason
   */
  static async open(engine: EngineName, options: unknown, signal?: AbortSignal): Promise<Realm> {
    signal?.throwIfAborted();
    const realm = new Realm(engine, signal);
    try {
      realm.facts = (await realm.#send({ type: 'open', engine, options })) as Realm['facts'];
    } catch (error) {
      realm.#die('it did not open');
      throw error;
    }
    return realm;
  }

  /** Calls an operation of the engine. */
  call<T>(operation: string, input?: unknown): Promise<T> {
    return this.#send({ type: 'call', operation, input }) as Promise<T>;
  }

  /** Bytes of the WebAssembly memories in this realm, which the browser's own measurement leaves out. */
  webAssemblyBytes(): Promise<number> {
    return this.#send({ type: 'webAssemblyBytes' }) as Promise<number>;
  }

  /** Closes the engine and ends its worker; one that has died already is left as it is. */
  async close(): Promise<void> {
    if (this.#death) return;
    try {
      await this.#send({ type: 'close' });
    } catch (error) {
      // A worker that dies while it closes is closed too; what the engine itself throws is told.
      if (!this.#death) throw error;
    } finally {
      this.#die('it was closed');
    }
  }

  #send(request: Request): Promise<unknown> {
    if (this.#death) return Promise.reject(this.#death);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle({ id, result, error }: RealmReply): void {
    const call = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  }

  #die(reason: string): void {
    if (this.#death) return;
    this.#death = new Error(`${this.#engine}: ${reason}`);
    this.#worker.terminate();
    for (const { reject } of this.#open.values()) reject(this.#death);
    this.#open.clear();
  }
}
