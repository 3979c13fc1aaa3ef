import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerWithin } from '../src/patience.ts';
import { estimateOrigin } from '../src/quota.ts';

it('a thread that was busy itself hears first what the browser had answered meanwhile', async () => {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<string>((resolve) => port1.once('message', resolve));
  const asked = answerWithin(answer, 'open journal-1', undefined, 100);
  port2.postMessage('here');
  for (const end = performance.now() + 300; performance.now() < end;);
  expect(await asked).toBe('here');
  port1.close();
});

describe('a browser that does not answer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is waited for only so long, and then named in the error', async () => {
    const asked = answerWithin(new Promise(() => {}), 'open journal-1').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await asked).toMatchObject({
      code: 'io',
      message: expect.stringContaining('did not open journal-1 within'),
    });
  });

  it('can take its time, and leaves no timer behind', async () => {
    const slow = new Promise<string>((resolve) => setTimeout(() => resolve('here'), 5000));
    const asked = answerWithin(slow, 'open journal-1');
    await vi.advanceTimersByTimeAsync(5000);
    expect(await asked).toBe('here');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gets back what it hands over too late', async () => {
    let answer: (handle: string) => void = () => {};
    const late = new Promise<string>((resolve) => (answer = resolve));
    const back: string[] = [];
    const asked = answerWithin(late, 'open it', (handle) => back.push(handle)).catch(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    await asked;
    answer('handle');
    await vi.advanceTimersByTimeAsync(0);
    expect(back).toEqual(['handle']);
  });

  it('leaves only its own figures out of an estimate', async () => {
    const silent = { estimate: () => new Promise(() => {}), persisted: async () => true };
    vi.stubGlobal('navigator', { storage: silent });
    const estimate = estimateOrigin();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await estimate).toEqual({
      usage: undefined,
      quota: undefined,
      available: undefined,
      persisted: true,
    });
  });
});
