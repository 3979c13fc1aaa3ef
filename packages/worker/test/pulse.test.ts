import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pulse } from '../src/pulse.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listen(ping: () => Promise<unknown>) {
  const silences: number[] = [];
  const lost = vi.fn();
  const pulse = new Pulse({
    ping,
    patience: 60_000,
    onSilence: (seconds) => silences.push(seconds),
    onLost: lost,
  });
  pulse.start();
  return { pulse, silences, lost };
}

describe('the pulse of a worker', () => {
  it('is never lost while it answers, however slowly', async () => {
    const { silences, lost } = listen(() => new Promise((resolve) => setTimeout(resolve, 8000)));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(lost).not.toHaveBeenCalled();
    expect(silences).toEqual([]);
  });

  it('is told now and then while it is missing, and is lost once', async () => {
    const { silences, lost } = listen(() => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(silences).toEqual([10, 20, 30, 40, 50]);
    expect(lost).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('counts a silence from its beginning', async () => {
    let slow = true;
    const { lost } = listen(() => new Promise((resolve) => slow && setTimeout(resolve, 40_000)));
    await vi.advanceTimersByTimeAsync(30_000);
    slow = false;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(lost).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('is not listened to while there is nothing to answer', async () => {
    const { pulse, lost } = listen(() => new Promise(() => {}));
    pulse.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(lost).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
