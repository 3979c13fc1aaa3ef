import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerWithin } from '../src/patience.ts';
import { estimateOrigin } from '../src/quota.ts';

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
