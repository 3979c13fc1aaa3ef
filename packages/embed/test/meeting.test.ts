import { describe, expect, it } from 'vitest';
import { Meeting } from '../src/encoder/meeting.ts';

describe('Meeting', () => {
  it('lets one thread pass that is alone', () => {
    const alone = new Meeting(Meeting.room(), 1);
    for (let i = 0; i < 3; i++) alone.wait();
  });

  it('lets nobody wait for a thread that gave up, before or after', () => {
    const room = Meeting.room();
    new Meeting(room, 2).break();
    expect(() => new Meeting(room, 2).wait()).toThrow(/gave up/);
    expect(() => new Meeting(room, 3).wait()).toThrow(
      expect.objectContaining({ code: 'backend-failed' }) as Error,
    );
  });
});
