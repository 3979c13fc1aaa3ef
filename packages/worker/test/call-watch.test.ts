import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchCall } from '../src/call-watch.ts';
import { Waits } from '../src/engine/waits.ts';
import type { CallEvent } from '../src/protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a call that takes long', () => {
  it('says what it waits for, again and again, until it is done', async () => {
    const waits = new Waits();
    const events: CallEvent[] = [];
    const watch = {
      patience: 5000,
      waits: () => waits.list(),
      onEvent: (event: CallEvent) => events.push(event),
    };
    const call = watchCall(watch, () => waits.during('the journal to be flushed', () => later(12_000)));
    await vi.advanceTimersByTimeAsync(60_000);
    await call;
    expect(events).toEqual([
      { type: 'waiting', seconds: 5, for: ['the journal to be flushed (5.0 s)'] },
      { type: 'waiting', seconds: 10, for: ['the journal to be flushed (10.0 s)'] },
    ]);
    expect(waits.list()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing of the kind while it gives signs of its own', async () => {
    const events: CallEvent[] = [];
    const watch = { patience: 5000, waits: () => [], onEvent: (event: CallEvent) => events.push(event) };
    const call = watchCall(watch, async (onEvent) => {
      for (let chunks = 0; chunks < 5; chunks++) {
        await later(4000);
        onEvent({ type: 'progress', phase: 'embedding', chunks });
      }
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await call;
    expect(events.map(({ type }) => type)).toEqual(Array(5).fill('progress'));
  });

  it('stops waiting when it fails', async () => {
    const waits = new Waits();
    const watch = { patience: 5000, waits: () => waits.list(), onEvent: () => {} };
    const failing = watchCall(watch, () => waits.during('x', () => Promise.reject(new Error('no room'))));
    await expect(failing).rejects.toThrow('no room');
    expect(waits.list()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
