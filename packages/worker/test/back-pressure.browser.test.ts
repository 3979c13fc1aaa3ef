import { openSearch } from '@burrow/worker';
import type { SearchDocument } from '@burrow/worker';
import { expect, it } from 'vitest';
import { FragileWorkers } from './fragile-workers.ts';

const MEGABYTE = 2 ** 20;
const ALLOWED = 64 * MEGABYTE;

/** What is seen of a message to the engine worker and of its answer. */
interface Message {
  id?: string;
  argumentList?: { value?: { method?: string; arguments?: [{ documents?: SearchDocument[] }] } }[];
}

const bytesOf = (documents: readonly SearchDocument[]): number =>
  documents.reduce((sum, { text }) => sum + text.length * 2, 0);

/** Bytes of documents that the page has sent and the worker has not answered. */
class FlightRecorder {
  readonly #open = new Map<string, number>();
  most = 0;

  watch(worker: Worker): Worker {
    const post = worker.postMessage.bind(worker) as (message: Message, transfer: Transferable[]) => void;
    worker.postMessage = (message: Message, transfer: Transferable[] = []) => {
      for (const { value } of message.argumentList ?? []) {
        const documents = value?.method === 'write' ? value.arguments?.[0].documents : undefined;
        if (documents) this.#open.set(message.id!, bytesOf(documents));
      }
      this.most = Math.max(this.most, this.now);
      post(message, transfer);
    };
    worker.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#open.delete(data.id!));
    return worker;
  }

  get now(): number {
    return [...this.#open.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

it('keeps what waits or is in flight within 64 MB, however many writes a page begins', async () => {
  const flights = new FlightRecorder();
  const workers = new FragileWorkers();
  const largest = 10_000;
  await using search = await openSearch({
    name: `pressure-${crypto.randomUUID()}`,
    model: 'hash',
    // What is larger goes all the way to the engine, which then has no work with it.
    maxTextLength: largest,
    createWorker: (url) => flights.watch(workers.create(url)),
  });
  const line = 'The river rose over night and the mill stood still until the morning.\n';
  const lengths = [300_000, 2000, 4_000_000, 50_000, 900_000, 100];
  let read = 0;
  const written: string[] = [];
  async function* source(write: number): AsyncGenerator<SearchDocument> {
    for (let i = 0; i < 12; i++) {
      const text = line.repeat(Math.ceil(lengths[(write + i) % lengths.length]! / line.length));
      read += text.length * 2;
      if (text.length <= largest) written.push(`${write}-${i}`);
      yield { id: `${write}-${i}`, text };
    }
  }
  // A worker that does not come to anything: all that may be sent is sent, and waits.
  await workers.freeze(3000);
  const writes = Array.from({ length: 8 }, async (_, write) => search.add(source(write)));
  const results = await Promise.allSettled(writes);
  for (const result of results)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'document-too-large' } });
  expect(read).toBeGreaterThan(2 * ALLOWED);
  const { documents } = await search.list({ limit: 1000 });
  expect(documents.map(({ id }) => id).toSorted()).toEqual(written.toSorted());
  // Room is made use of, and never more than that.
  expect(flights.most).toBeGreaterThan(ALLOWED / 4);
  expect(flights.most).toBeLessThanOrEqual(ALLOWED);
  expect(flights.now).toBe(0);
});
