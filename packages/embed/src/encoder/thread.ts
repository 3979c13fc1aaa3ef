import { watchAlive } from '../alive.ts';
import { EmbedError, messageOf } from '../errors.ts';
import type { EncoderReply, EncoderRequest } from './encoder-job.ts';

/** What is used of a worker: a browser's, or one of Node's `worker_threads`. */
interface Port {
  post(message: EncoderRequest): void;
  /** In Node: whether the process has to wait for it. */
  needed(needed: boolean): void;
  terminate(): void;
}

/** A helper thread: answers requests in their order, and settles each once, also when the thread dies. */
export class Thread {
  readonly #port: Port;
  readonly #lock = `burrow-encoder-${Math.random().toString(36).slice(2)}-${Date.now()}`;
  readonly #watch = new AbortController();
  /** Of open requests, the oldest first. */
  readonly #open: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #end: EmbedError | undefined;

  /** @param url address of the built `encoder-worker.js` */
  constructor(url: string) {
    const receive = (reply: EncoderReply): void => this.#receive(reply);
    const fail = (): void => this.#die(new EmbedError('backend-failed', 'A thread of the encoder ended.'));
    this.#port = typeof Worker === 'function' ? webPort(url, receive, fail) : nodePort(url, receive, fail);
  }

  start(request: Omit<Extract<EncoderRequest, { type: 'start' }>, 'type' | 'lock'>): Promise<void> {
    return this.request({ type: 'start', lock: this.#lock, ...request });
  }

  request(message: EncoderRequest): Promise<void> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#open.push({ resolve, reject });
      this.#port.needed(true);
      this.#port.post(message);
    });
  }

  /** Whether it has nothing to do. */
  get idle(): boolean {
    return this.#open.length === 0 && this.#end === undefined;
  }

  dispose(): void {
    this.#die(new EmbedError('disposed', 'The encoder was disposed while it worked.'));
  }

  #receive({ alive, error }: EncoderReply): void {
    if (alive) {
      const ended = new EmbedError('backend-failed', 'A thread of the encoder was ended by the browser.');
      watchAlive(this.#lock, this.#watch.signal, () => this.#die(ended));
    }
    const settle = this.#open.shift();
    if (this.#open.length === 0) this.#port.needed(false);
    if (error === undefined) settle?.resolve();
    else settle?.reject(new EmbedError('backend-failed', error));
  }

  #die(error: EmbedError): void {
    if (this.#end) return;
    this.#end = error;
    this.#watch.abort();
    this.#port.terminate();
    for (const { reject } of this.#open.splice(0)) reject(error);
  }
}

function webPort(url: string, receive: (reply: EncoderReply) => void, fail: () => void): Port {
  const worker = new Worker(url, { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<EncoderReply>) => receive(data));
  worker.addEventListener('error', fail);
  worker.addEventListener('messageerror', fail);
  return {
    post: (message) => worker.postMessage(message),
    needed() {},
    terminate: () => worker.terminate(),
  };
}

function nodePort(url: string, receive: (reply: EncoderReply) => void, fail: () => void): Port {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  try {
    const worker = new Worker(new URL(url));
    worker.on('message', receive).on('error', fail).on('messageerror', fail).on('exit', fail);
    return {
      post: (message) => worker.postMessage(message),
      needed: (needed) => (needed ? worker.ref() : worker.unref()),
      terminate: () => void worker.terminate(),
    };
  } catch (cause) {
    throw new EmbedError('backend-failed', `${url} cannot run as a thread: ${messageOf(cause)}`, { cause });
  }
}
