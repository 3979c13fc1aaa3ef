import { openSearch } from '@burrow/worker';
import type { SearchEvent } from '@burrow/worker';
import { expect, it, vi } from 'vitest';
import { FragileWorkers } from './fragile-workers.ts';

/** Runs in the embedding worker: when it is told, the next work ends as a backend's does whose device is lost. */
const LOSE_DEVICE = (channel: string): string => `
  let armed = false;
  const channel = new BroadcastChannel(${JSON.stringify(channel)});
  channel.addEventListener('message', ({ data }) => {
    if (data !== 'arm') return;
    armed = true;
    channel.postMessage('armed');
  });
  const { postMessage } = globalThis;
  globalThis.postMessage = (message, transfer) => {
    if (!armed || message.type !== 'embedded') return postMessage(message, transfer);
    armed = false;
    const error = { code: 'backend-failed', message: 'The GPU device was lost (unknown): the driver was reset' };
    postMessage({ id: message.id, type: 'failed', error });
    channel.postMessage('lost');
  };`;

/** Runs in the engine worker: the workers that it starts run this code first. */
const STARTING_WITH = (code: string): string => `
  const addressOf = (code) => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const before = addressOf(${JSON.stringify(code)});
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      super(addressOf('import ' + JSON.stringify(before) + '; import ' + JSON.stringify(String(url))), options);
    }
  };`;

it('a GPU device that is lost costs a little time: its work is done again, and nobody hears an error', async () => {
  const name = `gpu-lost-${crypto.randomUUID()}`;
  const workers = new FragileWorkers(STARTING_WITH(LOSE_DEVICE(name)));
  const channel = new BroadcastChannel(name);
  const heard: string[] = [];
  channel.addEventListener('message', ({ data }) => heard.push(data as string));
  await using search = await openSearch({ name, createWorker: workers.create });
  const events: SearchEvent[] = [];
  for (const type of ['backend-changed', 'restarted', 'notice'] as const)
    search.on(type, (event) => events.push(event));
  await vi.waitFor(async () => expect((await search.stats()).model.state).toBe('ready'), 20_000);
  await search.add({ id: 'before', text: 'A boat on the river' });

  channel.postMessage('arm');
  await vi.waitFor(() => expect(heard).toEqual(['armed']));
  const texts = ['The mill by the stream', 'Bread from the oven', 'A letter to a friend'];
  const documents = texts.map((text, i) => ({ id: `during-${i}`, text }));
  const { written } = await search.add(documents);
  await vi.waitFor(() => expect(heard).toEqual(['armed', 'lost']));
  channel.close();

  expect(written).toEqual(documents.map(({ id }) => id));
  expect(events).toEqual([
    {
      type: 'backend-changed',
      reason: expect.stringContaining('GPU device was lost') as string,
      backend: expect.objectContaining({ device: 'static' }) as object,
    },
  ]);
  expect(workers.started).toBe(1);
  expect(await search.stats()).toMatchObject({ documents: 4, chunks: 4, model: { state: 'ready' } });
  expect((await search.list()).documents.map(({ id }) => id)).toEqual(['before', ...written]);
  for (const { id, text } of documents) {
    const { hits } = await search.query(text, { mode: 'vector', limit: 1 });
    expect(hits[0]).toMatchObject({ id, vector: { score: expect.closeTo(1, 2) as number } });
  }
});
