import { scanWorker } from '@burrow/core';
import { embedAssets } from '@burrow/embed';
import { EngineConnection } from './connection.ts';
import { WorkerError } from './errors.ts';
import { withAddresses } from './model-input.ts';
import { Search } from './search.ts';
import type { OpenSearchOptions, SearchEvent } from './types.ts';

/** 32 Mi UTF-16 units: about ten thousand pages. */
const MAX_TEXT_LENGTH = 32 * 1024 * 1024;
/** A leader that gives no sign of life for so long, in ms, is frozen or overloaded. */
const LEADER_TIMEOUT = 5000;
/** A leader at work says so once a second: less patience would take a busy one for a frozen one. */
const LEAST_LEADER_TIMEOUT = 1000;
/** An engine worker that is silent for so long, in ms, hangs: no single step of its work takes nearly as long. */
const WORKER_TIMEOUT = 60_000;
const NAME = /^[\w.-]{1,64}$/;

/**
 * Opens the index `name` of this origin, or starts it; several tabs may have it open at once. Everything
 * (chunking, embedding, indexing, storage, ranking) runs in workers; the page's thread does no work.
 *
 * Resolves when what was stored is searchable. The model loads behind it: keyword search works at once.
 *
 * @throws WorkerError `invalid-options`, `worker-failed`, `version-skew`
 * @throws StoreError when what is stored cannot be opened (`store-newer`, `store-damaged`, …); it is left untouched
 */
export async function openSearch(options: OpenSearchOptions): Promise<Search> {
  if (!NAME.test(options.name)) {
    const message = `The name ${JSON.stringify(options.name)} does not work: use 1 to 64 letters, digits, "-", "_" or ".".`;
    throw new WorkerError('invalid-options', message);
  }
  const { leaderTimeout = LEADER_TIMEOUT } = options;
  if (!(leaderTimeout >= LEAST_LEADER_TIMEOUT)) {
    const message = `leaderTimeout must be at least ${LEAST_LEADER_TIMEOUT} ms, got ${leaderTimeout}: a tab that is busy may be silent for a second.`;
    throw new WorkerError('invalid-options', message);
  }
  const events = new EventTarget();
  const onEvent = (event: SearchEvent): void => {
    events.dispatchEvent(new CustomEvent(event.type, { detail: event }));
  };
  const connection = await EngineConnection.open(
    {
      init: {
        name: options.name,
        model: withAddresses(options.model),
        device: options.device ?? 'auto',
        dtype: options.dtype ?? 'auto',
        schema: options.schema ?? {},
        durability: options.durability ?? 'strict',
        maxTextLength: options.maxTextLength ?? MAX_TEXT_LENGTH,
        leaderTimeout,
        assets: embedAssets,
        scanWorker,
      },
      workerUrl: new URL('./engine-worker.js', import.meta.url).href,
      createWorker:
        options.createWorker ?? ((url) => new Worker(url, { type: 'module', name: 'burrow-engine' })),
      timeout: options.workerTimeout ?? WORKER_TIMEOUT,
      onEvent,
    },
    options.signal,
  );
  return new Search(options.name, connection, events);
}
