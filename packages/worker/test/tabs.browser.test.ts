import { WorkerError, openSearch } from '@burrow/worker';
import type { OpenSearchOptions, Search } from '@burrow/worker';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FragileWorkers } from './fragile-workers.ts';

const opened: Search[] = [];
const freshName = (): string => `tabs-${crypto.randomUUID()}`;

async function open(name: string, options: Partial<OpenSearchOptions> = {}): Promise<Search> {
  const search = await openSearch({ name, model: 'hash', ...options });
  opened.push(search);
  return search;
}

/** A tab whose worker can be killed or frozen. */
async function openFragile(
  name: string,
  options: Partial<OpenSearchOptions> = {},
): Promise<FragileWorkers & { search: Search }> {
  const workers = new FragileWorkers();
  const search = await open(name, { createWorker: workers.create, ...options });
  return Object.assign(workers, { search });
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((search) => search.close().catch(() => {})));
});

const document = (id: string): { id: string; text: string } => ({ id, text: `Letter ${id} to a friend.` });
const roleOf = async (search: Search): Promise<string> => (await search.stats()).role;

describe('five tabs', () => {
  it('write and search through one leader at a time, whichever goes', async () => {
    const name = freshName();
    const tabs = [];
    for (let i = 0; i < 5; i++) tabs.push(await openFragile(name));
    const written: string[] = [];
    // Every other leader is killed, the others close in good order.
    for (let gone = 0; gone < 4; gone++) {
      const [leader, ...others] = tabs.slice(gone);
      expect(await roleOf(leader!.search)).toBe('leader');
      const writing = others.map(async ({ search }, i) => {
        const id = `${gone}-${i}`;
        await search.add(document(id));
        written.push(id);
      });
      if (gone % 2 === 0) {
        leader!.kill();
        void leader!.search.close().catch(() => {});
      } else await leader!.search.close();
      await Promise.all(writing);
      for (const { search } of others) expect((await search.stats()).documents).toBe(written.length);
    }
    const last = tabs[4]!.search;
    expect(await roleOf(last)).toBe('leader');
    const { documents } = await last.list();
    expect(documents.map(({ id }) => id).toSorted()).toEqual(written.toSorted());
  });

  it('lose no call when the worker of a tab that asks is killed', async () => {
    const name = freshName();
    const leader = await open(name);
    const asking = await openFragile(name);
    const many = Array.from({ length: 300 }, (_, i) => document(`d${i}`));
    const adding = asking.search.add(many);
    asking.kill();
    expect((await adding).written).toHaveLength(300);
    expect((await leader.stats()).documents).toBe(300);
    expect(await roleOf(asking.search)).toBe('follower');
  });
});

describe('a leader that is frozen', () => {
  it('makes calls fail as unresponsive, and succeed when it thaws', async () => {
    const name = freshName();
    const leader = await openFragile(name);
    // Longer than the second that lies between two signs of a leader at work: a busy machine is no frozen one.
    const follower = await open(name, { leaderTimeout: 1500 });
    await follower.add(document('before'));
    await leader.freeze(6000);
    const error = await follower.add(document('during')).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WorkerError);
    expect(error).toMatchObject({ code: 'leader-unresponsive' });
    await vi.waitFor(() => follower.add(document('after')), { timeout: 20_000, interval: 100 });
    // What was told to have failed has not been done behind the caller's back.
    expect((await follower.list()).documents.map(({ id }) => id)).toEqual(['before', 'after']);
  });

  it('is waited for as long as it shows that it is at work', async () => {
    const name = freshName();
    const leader = await open(name);
    // The leader gives a sign each second; embedding so much takes several times the patience.
    const follower = await open(name, { leaderTimeout: 3000 });
    const text = 'A long story about a mill by the river and those who lived there. '.repeat(3000);
    const { written } = await follower.add(Array.from({ length: 30 }, (_, i) => ({ id: `l${i}`, text })));
    expect(written).toHaveLength(30);
    expect((await leader.stats()).documents).toBe(30);
  });

  it('is followed by another tab when it goes for good', async () => {
    const name = freshName();
    const leader = await openFragile(name);
    const follower = await open(name, { leaderTimeout: 10_000 });
    await follower.add(document('before'));
    await leader.freeze(60_000);
    const adding = follower.add(document('during'));
    leader.kill();
    void leader.search.close().catch(() => {});
    await expect(adding).resolves.toEqual({ written: ['during'] });
    expect(await roleOf(follower)).toBe('leader');
    expect((await follower.stats()).documents).toBe(2);
  });
});

describe('another version of the app', () => {
  const speak = (name: string, message: object): BroadcastChannel => {
    const channel = new BroadcastChannel(`burrow:tabs:${name}`);
    channel.postMessage(message);
    return channel;
  };

  it('that is newer has this one let go of the index and ask to be reloaded', async () => {
    const name = freshName();
    const leader = await open(name);
    const follower = await open(name);
    await leader.add(document('kept'));
    const notices = Promise.all(
      [leader, follower].map((search) => new Promise((resolve) => search.on('notice', resolve))),
    );
    const channel = speak(name, { version: 99, type: 'hello' });
    expect(await notices).toMatchObject([{ code: 'version-skew' }, { code: 'version-skew' }]);
    for (const search of [leader, follower]) {
      await expect(search.add(document('refused'))).rejects.toMatchObject({ code: 'version-skew' });
      await expect(search.query('letter')).rejects.toMatchObject({ code: 'version-skew' });
    }
    channel.close();
    // The lock is free: whoever comes next leads, and everything is there.
    const reloaded = await open(name);
    expect(await reloaded.stats()).toMatchObject({ role: 'leader', documents: 1 });
  });

  it('that is older is told so, and does not disturb this one', async () => {
    const name = freshName();
    const leader = await open(name);
    await leader.add(document('kept'));
    const channel = new BroadcastChannel(`burrow:tabs:${name}`);
    const answer = new Promise((resolve) => channel.addEventListener('message', ({ data }) => resolve(data)));
    channel.postMessage({
      version: 0,
      type: 'call',
      from: 'old',
      call: { id: '1', method: 'clear', arguments: [] },
    });
    expect(await answer).toMatchObject({ type: 'hello' });
    channel.close();
    expect((await leader.stats()).documents).toBe(1);
  });
});
