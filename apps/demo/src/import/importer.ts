import { ImportError } from './errors.ts';
import type { ImportReply, ImportRequest, ImportSource } from './protocol.ts';
import type { ImportBatch, ImportPosition } from './types.ts';

/**
 * Reads files in a worker and hands on their documents, batch after batch, as fast as they are
 * taken. Should a file bring the worker down (out of memory, a fault in a parser), that file is told
 * as failed and a fresh worker goes on with the next one. Ends with the signal's reason on abort.
 */
export async function* importInWorker(
  source: ImportSource,
  signal: AbortSignal,
): AsyncGenerator<ImportBatch> {
  let base: ImportPosition = { filesDone: 0, bytesDone: 0 };
  for (;;) {
    const remaining = 'files' in source ? { files: source.files.slice(base.filesDone) } : source;
    const worker = new ImportWorker(remaining, signal);
    let position = base;
    try {
      for (;;) {
        const reply = await worker.next();
        if (reply.type === 'done') return;
        if (reply.type === 'failed') {
          const { code, path, message } = reply.failure;
          throw new ImportError(code, path, message.replace(`${path}: `, ''));
        }
        const { position: within } = reply.batch;
        position = {
          ...within,
          filesDone: base.filesDone + within.filesDone,
          bytesDone: base.bytesDone + within.bytesDone,
        };
        yield { ...reply.batch, position };
      }
    } catch (error) {
      if (!(error instanceof WorkerDied) || !('files' in source)) throw error;
      const culprit = source.files[position.filesDone];
      if (!culprit) throw error;
      base = { filesDone: position.filesDone + 1, bytesDone: position.bytesDone + culprit.file.size };
      const message = `${culprit.path}: reading it failed (${error.message}). Leave it out, or save it in another format and add that.`;
      yield {
        documents: [],
        failures: [{ path: culprit.path, code: 'unreadable', message }],
        position: base,
      };
    } finally {
      worker.terminate();
    }
  }
}

class WorkerDied extends Error {}

/** One worker and its one conversation: nothing stays pending when it dies or the signal aborts. */
class ImportWorker {
  readonly #worker = new Worker(new URL('./import-worker.ts', import.meta.url), {
    type: 'module',
    name: 'import',
  });
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#settle?.reject(this.#signal.reason);
  #settle: { resolve: (reply: ImportReply) => void; reject: (reason: unknown) => void } | undefined;
  #dead: WorkerDied | undefined;

  constructor(source: ImportSource, signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    this.#worker.addEventListener('message', ({ data }: MessageEvent<ImportReply>) =>
      this.#settle?.resolve(data),
    );
    const die = (reason: string): void => {
      this.#dead = new WorkerDied(reason);
      this.#settle?.reject(this.#dead);
    };
    this.#worker.addEventListener('error', (event) => die(event.message || 'the reader stopped'));
    this.#worker.addEventListener('messageerror', () => die('its text could not be handed over'));
    const characterMaps = new URL('pdf/cmaps/', document.baseURI).href;
    this.#send({ type: 'start', source, characterMaps });
  }

  next(): Promise<ImportReply> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(this.#signal.reason);
      if (this.#dead) return reject(this.#dead);
      this.#settle = { resolve, reject };
      this.#send({ type: 'next' });
    });
  }

  terminate(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#worker.terminate();
  }

  #send(request: ImportRequest): void {
    this.#worker.postMessage(request);
  }
}
