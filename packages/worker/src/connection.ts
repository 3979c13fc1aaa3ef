import { proxy, releaseProxy, wrap } from 'comlink';
import type { Remote } from 'comlink';
import { watchAliveLock } from './alive.ts';
import { fromWire } from './error-wire.ts';
import { WorkerError } from './errors.ts';
import { markReplayed } from './replay.ts';
import type {
  Call,
  CallEvent,
  EngineEndpoint,
  EngineInit,
  EngineMethod,
  EngineMethods,
  Reply,
} from './protocol.ts';
import { Pulse } from './pulse.ts';
import type { SearchEvent } from './types.ts';

/** Workers that die this often without answering anything in between are given up. */
const MAX_RESTARTS = 3;

/** The worker died, or gave no sign of life for too long; another one may do better. */
class WorkerGone extends Error {}

interface PendingCall {
  call: Call;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onEvent: ((event: CallEvent) => void) | undefined;
  signal: AbortSignal | undefined;
}

export interface ConnectionOptions {
  init: EngineInit;
  workerUrl: string;
  createWorker: (url: string) => Worker;
  /** Milliseconds of silence after which a worker that has something to answer is given up. */
  timeout: number;
  onEvent: (event: SearchEvent) => void;
}

/**
 * The page's end of an engine worker. Every open call is settled, also when the worker dies: then a new worker
 * is started and gets the calls that had no answer yet.
 */
export class EngineConnection {
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<string, PendingCall>();
  #worker: Worker | undefined;
  #endpoint: Remote<EngineEndpoint> | undefined;
  #watch = new AbortController();
  #pulse: Pulse | undefined;
  /** Resolves when the worker is gone. */
  #death: Promise<void> = new Promise(() => {});
  #restarts = 0;
  #opened: Promise<void>;
  #closed = false;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#opened = this.#startUntilOpen();
  }

  /** Starts the worker and waits until it has opened the index. */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<EngineConnection> {
    signal?.throwIfAborted();
    const connection = new EngineConnection(options);
    const aborted = signal && rejectOnAbort(signal);
    try {
      await (aborted ? Promise.race([connection.#opened, aborted.promise]) : connection.#opened);
      return connection;
    } catch (error) {
      connection.#closed = true;
      connection.#end(error);
      throw error;
    } finally {
      aborted?.stop();
    }
  }

  /** Sends a call and settles with its reply. */
  async call<M extends EngineMethod>(
    method: M,
    args: EngineMethods[M]['arguments'],
    options: { signal?: AbortSignal | undefined; onEvent?: (event: CallEvent) => void } = {},
  ): Promise<EngineMethods[M]['result']> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#closed)
      throw new WorkerError('closed', 'This search was closed. Open it again with openSearch().');
    const call = { id: crypto.randomUUID(), method, arguments: args } as Call;
    const abort = (): void => {
      void this.#endpoint?.abort(call.id);
      // Only a write waits for the worker's word: it may be stored already, and the caller is to know.
      if (method !== 'write') this.#pending.get(call.id)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return (await new Promise((resolve, reject) => {
        this.#pending.set(call.id, { call, resolve, reject, onEvent: options.onEvent, signal });
        this.#pulse?.start();
        this.#send(call).catch(reject);
      })) as EngineMethods[M]['result'];
    } catch (error) {
      // The page's own reason says more than the worker's "aborted".
      if (signal?.aborted) throw signal.reason;
      throw error;
    } finally {
      this.#pending.delete(call.id);
      if (this.#pending.size === 0) this.#pulse?.stop();
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Closes the index in good order and ends the worker. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#opened;
      this.#pulse?.start();
      const reply = await Promise.race([this.#endpoint?.close(), this.#death]);
      if (reply && !reply.ok) throw fromWire(reply.error);
    } finally {
      this.#end(new WorkerError('closed', 'The search was closed while this call was under way.'));
    }
  }

  /** Starts a worker, and others when it dies before it has opened the index. */
  async #startUntilOpen(): Promise<void> {
    for (;;) {
      const worker = new AbortController();
      this.#watch = worker;
      try {
        return await this.#start(worker);
      } catch (error) {
        worker.abort();
        this.#pulse?.stop();
        this.#worker?.terminate();
        if (!(error instanceof WorkerGone) || this.#closed) throw error;
        if (++this.#restarts > MAX_RESTARTS) throw this.#givenUp();
      }
    }
  }

  async #start(watch: AbortController): Promise<void> {
    const { init, workerUrl, createWorker, onEvent, timeout } = this.#options;
    const worker = createWorker(workerUrl);
    this.#worker = worker;
    const loadFailed = new Promise<never>((_, reject) => {
      worker.addEventListener('error', (event) => {
        reject(
          new WorkerError(
            'worker-failed',
            `The search worker could not start: ${event.message || workerUrl}`,
          ),
        );
      });
    });
    const endpoint = wrap<EngineEndpoint>(worker);
    this.#endpoint = endpoint;
    let isGone = (): void => {};
    const gone = new Promise<void>((resolve) => (isGone = resolve));
    this.#death = gone;
    this.#pulse?.stop();
    this.#pulse = new Pulse({
      ping: () => endpoint.ping(),
      patience: timeout,
      onSilence: (seconds) => this.#tellSilence(seconds),
      onLost: isGone,
    });
    this.#pulse.start();
    const died = gone.then((): never => {
      throw new WorkerGone('The search worker stopped while it opened the index.');
    });
    // Watched before it opens anything: it may die there, too.
    const aliveLock = `burrow:alive:${crypto.randomUUID()}`;
    const watchable = await Promise.race([endpoint.live(aliveLock), loadFailed, died]);
    if (watchable) watchAliveLock(aliveLock, watch.signal, isGone);
    const listener = proxy({
      onCallEvent: (id: string, event: CallEvent) => this.#tell(id, event),
      onEvent,
    });
    const reply = await Promise.race([endpoint.open(init, listener), loadFailed, died]);
    if (!reply.ok) throw fromWire(reply.error);
    if (this.#pending.size === 0) this.#pulse.stop();
    void gone.then(() => {
      if (this.#watch === watch) this.#restart();
    });
  }

  #tell(id: string, event: CallEvent): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    if (event.type !== 'waiting') return pending.onEvent?.(event);
    const { seconds, for: what } = event;
    this.#options.onEvent({ type: 'waiting', method: pending.call.method, seconds, for: what });
  }

  #tellSilence(seconds: number): void {
    const [oldest] = this.#pending.values();
    const method = oldest?.call.method ?? 'open';
    this.#options.onEvent({ type: 'waiting', method, seconds, for: ['a sign of life of the search worker'] });
  }

  async #send(call: Call): Promise<void> {
    await this.#opened;
    const pending = this.#pending.get(call.id);
    // Aborted before it could be sent.
    if (!pending || pending.signal?.aborted) return pending?.reject(pending.signal?.reason);
    const reply = await this.#endpoint?.call(call);
    // A worker that dies leaves this promise open for ever; the restart sends the call again.
    if (reply) this.#settle(pending, reply);
  }

  #settle(pending: PendingCall | undefined, reply: Reply): void {
    this.#restarts = 0;
    if (reply.ok) pending?.resolve(reply.value);
    else pending?.reject(fromWire(reply.error));
  }

  #restart(): void {
    if (this.#closed) return;
    this.#watch.abort();
    this.#worker?.terminate();
    if (++this.#restarts > MAX_RESTARTS) {
      this.#closed = true;
      this.#end(this.#givenUp());
      return;
    }
    this.#opened = this.#startUntilOpen();
    this.#opened.then(
      () => {
        this.#options.onEvent({
          type: 'restarted',
          reason: 'The search worker stopped unexpectedly and was started again.',
        });
        for (const { call, reject } of this.#pending.values()) this.#send(markReplayed(call)).catch(reject);
        if (this.#pending.size > 0) this.#pulse?.start();
      },
      (error: unknown) => {
        this.#closed = true;
        this.#end(error);
      },
    );
  }

  #givenUp(): WorkerError {
    const message = `The search worker stopped ${this.#restarts} times in a row. Nothing that was acknowledged is lost; reload the page.`;
    return new WorkerError('worker-failed', message);
  }

  #end(reason: unknown): void {
    this.#watch.abort();
    this.#pulse?.stop();
    this.#endpoint?.[releaseProxy]();
    this.#worker?.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

function rejectOnAbort(signal: AbortSignal): { promise: Promise<never>; stop(): void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  return { promise, stop };
}
