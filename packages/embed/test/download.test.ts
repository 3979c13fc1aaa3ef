import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download, type DownloadOptions } from '../src/models/download.ts';
import { type Fault, type HubServer, startHub } from './hub-server.ts';
import { memoryCache } from './memory-cache.ts';

const ID = 'somebody/something';
const FILE = 'weights.bin';
const SIZE = 4000;

let folder: string;
let hub: HubServer;

/** A file of which every byte tells its version. */
const version = (number: number, size = SIZE): Uint8Array => new Uint8Array(size).fill(number);
const serve = (bytes: Uint8Array): Promise<void> => writeFile(join(folder, FILE), bytes);
const fetchFile = (options: DownloadOptions = {}): Promise<Uint8Array> =>
  download(`${hub.origin}/${ID}/resolve/main/${FILE}`, { wait: async () => {}, ...options });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burrow-download-'));
  hub = await startHub({ [ID]: folder });
  await serve(version(1));
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('taking up a broken download', () => {
  it('asks for the rest of the file that it has the beginning of', async () => {
    hub.faults.push({ file: FILE, cutAfter: 1000 });
    expect(await fetchFile()).toEqual(version(1));
    expect(hub.requests[1]).toMatchObject({ range: 'bytes=1000-', ifRange: expect.stringMatching(/^"/) });
  });

  it.each<[string, Partial<Fault>, Partial<Fault>]>([
    ['the file changed', {}, {}],
    ['the server sends a rest all the same', {}, { ignoresIfRange: true }],
    ['only a weak tag tells versions apart', { validator: 'weak' }, { validator: 'weak' }],
    ['a date tells versions apart', { validator: 'date' }, { validator: 'date' }],
    ['the date is too fresh to tell', { validator: 'fresh date' }, { validator: 'fresh date' }],
    ['nothing tells versions apart', { validator: 'none' }, { validator: 'none' }],
    ['the server forgot how to tell', {}, { validator: 'none', ignoresIfRange: true }],
  ])('begins again rather than join two files: %s', async (_, before, after) => {
    hub.faults.push(
      { file: FILE, cutAfter: 1000, ...before },
      { file: FILE, becomes: version(2), ...after },
      { file: FILE, ...after },
    );
    expect(await fetchFile()).toEqual(version(2));
  });

  it('takes a connection over which nothing comes for a broken one', async () => {
    hub.faults.push({ file: FILE, stallAfter: 1000 });
    expect(await fetchFile({ stallTimeout: 100 })).toEqual(version(1));
    expect(hub.requests[1]).toMatchObject({ range: 'bytes=1000-' });
  });

  it('goes by the date of a file that has no tag', async () => {
    hub.faults.push({ file: FILE, cutAfter: 1000, validator: 'date' }, { file: FILE, validator: 'date' });
    expect(await fetchFile()).toEqual(version(1));
    expect(hub.requests).toHaveLength(2);
    expect(hub.requests[1]).toMatchObject({ range: 'bytes=1000-', ifRange: expect.stringMatching(/GMT$/) });
  });

  it.each([-500, 500])('begins again when the rest starts %i bytes off', async (shift) => {
    const bytes = version(1).map((_, i) => i % 251);
    await serve(bytes);
    hub.faults.push({ file: FILE, cutAfter: 1000 }, { file: FILE, shift });
    expect(await fetchFile()).toEqual(bytes);
  });

  it('begins again when the whole is said to have another size', async () => {
    hub.faults.push({ file: FILE, cutAfter: 1000 }, { file: FILE, otherTotal: true });
    expect(await fetchFile()).toEqual(version(1));
    expect(hub.requests).toHaveLength(3);
  });

  it('takes a body that is longer than what was sent for a compressed one', async () => {
    // What a browser shows of another origin: the length, but not the encoding.
    const fetched = vi.fn(
      async () =>
        new Response(version(1) as Uint8Array<ArrayBuffer>, { headers: { 'Content-Length': '99' } }),
    );
    vi.stubGlobal('fetch', fetched);
    expect(await fetchFile().finally(() => vi.unstubAllGlobals())).toEqual(version(1));
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it('begins again when the file became shorter than what is there of it', async () => {
    hub.faults.push(
      { file: FILE, cutAfter: 1000 },
      { file: FILE, becomes: version(2, 500), ignoresIfRange: true },
    );
    expect(await fetchFile()).toEqual(version(2, 500));
  });

  it('keeps with each piece what file it is of', async () => {
    const pieces = { cache: memoryCache(), key: 'x', pieceBytes: 600 };
    const controller = new AbortController();
    hub.faults.push({ file: FILE, cutAfter: 2000 });
    const stopped = fetchFile({ pieces, signal: controller.signal, wait: async () => controller.abort() });
    await expect(stopped).rejects.toThrow();
    expect(pieces.cache.files.size).toBeGreaterThan(0);
    hub.faults.push({ file: FILE, becomes: version(2), ignoresIfRange: true });
    expect(await fetchFile({ pieces })).toEqual(version(2));
    expect(pieces.cache.files.size).toBe(0);
  });

  it('never gives out a mixture, whatever server and connection do', async () => {
    const fault = fc.record(
      {
        cutAfter: fc.nat(SIZE),
        noRanges: fc.boolean(),
        ignoresIfRange: fc.boolean(),
        shift: fc.integer({ min: -500, max: 500 }),
        otherTotal: fc.boolean(),
        validator: fc.constantFrom('weak', 'date', 'fresh date', 'none'),
        becomes: fc
          .tuple(fc.nat(255), fc.integer({ min: 1, max: SIZE }))
          .map(([byte, size]) => version(byte, size)),
        status: fc.constantFrom(503, 429),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 12 }), fc.boolean(), async (faults, keeping) => {
        await serve(version(1));
        hub.faults.splice(0, Infinity, ...faults.map((fault) => ({ ...fault, file: FILE }) as Fault));
        const pieces = keeping ? { cache: memoryCache(), key: 'x', pieceBytes: 700 } : undefined;
        for (let round = 0; ; round++) {
          const bytes = await fetchFile({ pieces }).catch(() => undefined);
          if (!bytes) continue;
          expect(new Set(bytes).size).toBe(1);
          expect(pieces?.cache.files.size ?? 0).toBe(0);
          return;
        }
      }),
      { numRuns: 150 },
    );
  });
});
