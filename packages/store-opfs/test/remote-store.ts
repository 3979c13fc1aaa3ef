// The page side of store-worker.ts: a Store whose calls go to a worker.
import { type Store, StoreError, type StoreErrorCode, type StoreOptions } from '@burrow/store-opfs';

export interface StoreCall {
  id: number;
  method: string;
  args: unknown[];
}

export interface StoreAnswer {
  id: number;
  result?: unknown;
  error?: { name: string; code?: string; message: string; details?: object };
  state:
    | {
        sequence: number;
        journalBytes: number;
        segments: Map<number, number>;
        sections?: ReadonlyMap<string, number>;
      }
    | undefined;
}

const METHODS = [
  'putBlobs',
  'getBlob',
  'append',
  'flush',
  'checkpoint',
  'section',
  'readSection',
  'compactBlobs',
  'estimate',
  'persist',
  'close',
  'destroy',
] as const;

export class StoreWorker {
  readonly worker: Worker = new Worker(new URL('./store-worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  #nextId = 1;
  #state: StoreAnswer['state'];

  constructor() {
    this.worker.addEventListener('message', ({ data }: MessageEvent<StoreAnswer>) => {
      this.#state = data.state;
      const { resolve, reject } = this.#waiting.get(data.id)!;
      this.#waiting.delete(data.id);
      const { error } = data;
      if (!error) resolve(data.result);
      else if (error.name !== 'StoreError') reject(new Error(`${error.name}: ${error.message}`));
      else
        reject(new StoreError(error.code as StoreErrorCode, error.message, { details: error.details as {} }));
    });
  }

  call(method: string, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, args } satisfies StoreCall, []);
    });
  }

  async open(name: string, options?: StoreOptions): Promise<Store> {
    const fixed = (await this.call('open', name, options)) as object;
    const state = () => this.#state!;
    const methods = METHODS.map((method) => [method, (...args: unknown[]) => this.call(method, ...args)]);
    const call = (method: string): Promise<unknown> => this.call(method);
    return {
      ...fixed,
      ...Object.fromEntries(methods),
      get sequence() {
        return state().sequence;
      },
      get journalBytes() {
        return state().journalBytes;
      },
      get segments() {
        return state().segments;
      },
      sections() {
        const { sections } = state();
        if (!sections) throw new StoreError('closed', 'closed');
        return sections;
      },
      async *replay() {
        yield* (await call('replay')) as Uint8Array[];
      },
    } as Store;
  }

  terminate(): void {
    this.worker.terminate();
  }
}
