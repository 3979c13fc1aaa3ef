import type { Store } from '@burrow/store-opfs';
import { describe, expect, it } from 'vitest';
import type { IndexBook } from '../src/engine/index-book.ts';
import { Ledger } from '../src/engine/ledger.ts';
import { Waits } from '../src/engine/waits.ts';

interface Written {
  snapshot: number;
  through: number | undefined;
  purge: boolean | undefined;
}

/** A store that only counts, whose checkpoints take until they are let go. */
function setUp() {
  let sequence = 0;
  const checkpoints: (Written & { finish: () => void; fail: (error: Error) => void })[] = [];
  const store = {
    get sequence() {
      return sequence;
    },
    journalBytes: 0,
    segments: new Map(),
    append: async (records: Uint8Array[]) => (sequence += records.length),
    checkpoint: (sections: Map<string, Uint8Array>, { through, purge }: Omit<Written, 'snapshot'>) =>
      new Promise<void>((finish, fail) =>
        checkpoints.push({ snapshot: sections.get('at')![0]!, through, purge, finish, fail }),
      ),
    compactBlobs: async () => [],
  } as unknown as Store;
  const book = {
    snapshot: async () => new Map([['at', Uint8Array.of(sequence)]]),
    sides: () => [],
  } as unknown as IndexBook;
  const ledger = new Ledger(store, book, new Waits(), () => {});
  const write = (): Promise<void> => ledger.change((append) => append([Uint8Array.of(1)]));
  return { ledger, checkpoints, write };
}

/** Lets everything run that does not wait for a checkpoint. */
async function breathe(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

describe('Ledger', () => {
  it('goes on with changes while a checkpoint is written, which covers only what was before it', async () => {
    const { ledger, checkpoints, write } = setUp();
    await write();
    await write();
    const checkpoint = ledger.checkpoint();
    await breathe();
    await write();
    expect(checkpoints).toMatchObject([{ snapshot: 2, through: 2, purge: false }]);
    checkpoints[0]!.finish();
    await checkpoint;
    await ledger.close();
  });

  it('never runs a checkpoint in the middle of a compaction', async () => {
    const { ledger, checkpoints, write } = setUp();
    await write();
    const compaction = ledger.compact({ waste: 0 });
    const checkpoint = ledger.checkpoint();
    await breathe();
    expect(checkpoints).toMatchObject([{ purge: true }]);
    checkpoints[0]!.finish();
    await compaction;
    await breathe();
    expect(checkpoints).toMatchObject([{ purge: true }, { purge: false }]);
    checkpoints[1]!.finish();
    await checkpoint;
    await ledger.close();
  });

  it('undoes a rewrite that could not be stored', async () => {
    const { ledger, checkpoints } = setUp();
    let state = 'before';
    const rewrite = ledger.rewrite(() => {
      state = 'after';
      return () => (state = 'before');
    });
    await breathe();
    expect(state).toBe('after');
    checkpoints[0]!.fail(new Error('no room'));
    await expect(rewrite).rejects.toThrow('no room');
    expect(state).toBe('before');
    await ledger.close();
  });
});
