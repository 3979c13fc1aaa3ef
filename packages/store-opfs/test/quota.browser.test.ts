import { afterEach, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { type Store, type StoreError, requireRoom } from '@burrow/store-opfs';
import { StoreWorker } from './remote-store.ts';

/** The part of the DevTools protocol that is needed here. */
interface DevTools {
  send(
    method: 'Storage.overrideQuotaForOrigin',
    params: { origin: string; quotaSize?: number },
  ): Promise<unknown>;
}

const MEGABYTE = 1024 * 1024;

/** Leaves the origin so many more bytes than it uses; undefined lifts the limit. */
async function leaveRoom(bytes: number | undefined): Promise<void> {
  const { usage = 0 } = await navigator.storage.estimate();
  const quotaSize = bytes === undefined ? undefined : usage + bytes;
  await (cdp() as unknown as DevTools).send('Storage.overrideQuotaForOrigin', {
    origin: location.origin,
    quotaSize,
  });
}

/** Bytes that no database can make smaller. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

afterEach(() => leaveRoom(undefined));

async function records(store: Store): Promise<number> {
  let count = 0;
  for await (const record of store.replay()) count += record.length > 0 ? 1 : 0;
  return count;
}

// IndexedDB is not here: a private window of Chromium does not hold it to the quota.
describe('OPFS without room', () => {
  it('refuses by a typed error, loses nothing, and goes on when there is room', async () => {
    const name = crypto.randomUUID();
    const worker = new StoreWorker();
    const open = (): Promise<Store> => worker.open(name, { kind: 'opfs' });
    const store = await open();
    const blob = noise(200_000);
    const refs = await store.putBlobs([blob]);
    await store.append([new Uint8Array(10)]);
    await leaveRoom(4 * MEGABYTE);
    let acknowledged = 1;
    let refusal: StoreError | undefined;
    while (!refusal && acknowledged < 300) {
      try {
        refs.push(...(await store.putBlobs([blob])));
        await store.append([new Uint8Array(10)]);
        acknowledged++;
      } catch (error) {
        refusal = error as StoreError;
      }
    }
    expect(refusal).toMatchObject({ code: 'quota-exceeded', details: { missingBytes: expect.any(Number) } });
    expect(refusal!.details['missingBytes']).toBeGreaterThan(0);
    await expect(store.checkpoint(new Map([['index', noise(50 * MEGABYTE)]]))).rejects.toMatchObject({
      code: 'quota-exceeded',
    });
    // It goes on being read …
    expect(await store.getBlob(refs[0]!)).toEqual(blob);
    expect(await records(store)).toBe(acknowledged);
    // … and is written again when there is room.
    await leaveRoom(undefined);
    await store.append([new Uint8Array(10)]);
    await store.checkpoint(new Map([['index', new Uint8Array(MEGABYTE)]]));
    await store.append([new Uint8Array(20)]);
    await store.close();
    const again = await open();
    expect(again.sequence).toBe(acknowledged + 2);
    expect(again.report.findings.filter(({ severity }) => severity === 'loss')).toEqual([]);
    for (const ref of refs.slice(0, acknowledged))
      expect((await again.getBlob(ref)).length).toBe(blob.length);
    await again.destroy();
    worker.terminate();
  });
});

it('says before a download how much is missing', async () => {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  await requireRoom(MEGABYTE, 'downloading a model');
  const neededBytes = quota - usage + 30 * MEGABYTE;
  const refusal = requireRoom(neededBytes, 'downloading a model');
  await expect(refusal).rejects.toMatchObject({ code: 'quota-exceeded', details: { neededBytes } });
  await expect(refusal).rejects.toThrow(/downloading a model.*are missing/);
});
