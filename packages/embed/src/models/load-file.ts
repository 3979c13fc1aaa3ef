import { EmbedError, messageOf } from '../errors.ts';
import type { ModelCard } from '../types.ts';
import { cacheKey, type ModelCache } from './cache.ts';
import { download, type DownloadOptions } from './download.ts';
import { exclusively } from './exclusively.ts';

/** A file of a model, and where it may be. */
export interface FileRequest {
  card: ModelCard;
  name: string;
  /** Tried in turn: addresses, or the file itself. */
  addresses: (string | Blob)[];
  /** Where it is kept. */
  cache: ModelCache | undefined;
  token: string | undefined;
  wait: DownloadOptions['wait'];
}

export type FileEvent = { loaded: number; total: number | undefined } | { notice: string };

type Tell = (event: FileEvent) => void;

/** Name under which the checksums of a model's files are kept. */
const CHECKSUMS = 'checksums.json';

/** Two requests with the same text are for the same bytes, checked by the same facts. */
export function identify({ card, name, addresses, token }: FileRequest): string {
  const places = addresses.map((address) => (typeof address === 'string' ? address : numberOf(address)));
  return JSON.stringify([keyOf(card, name), places, token, card.hashes?.[name], sizeOf(card, name)]);
}

const numbers = new WeakMap<Blob, number>();
let count = 0;

function numberOf(file: Blob): number {
  const number = numbers.get(file) ?? ++count;
  numbers.set(file, number);
  return number;
}

/**
 * Reads a file from the cache, or from where its addresses point, checks it and keeps it. Of several realms of an origin
 * that share a cache, one downloads and the others wait for it.
 * @throws EmbedError `integrity`, and what downloading throws; the signal's reason.
 */
export async function loadFile(file: FileRequest, signal: AbortSignal, tell: Tell): Promise<Uint8Array> {
  const { card, name, cache } = file;
  if (!cache) return obtain(file, signal, tell);
  const kept = await fromCache(file, tell);
  if (kept) return kept;
  const onWait = (): void => tell({ notice: `${name} is being fetched by another tab or worker.` });
  return exclusively(
    keyOf(card, name),
    async () => (await fromCache(file, tell)) ?? obtain(file, signal, tell),
    { signal, onWait },
  );
}

/** From the first address that has it. */
async function obtain(file: FileRequest, signal: AbortSignal, tell: Tell): Promise<Uint8Array> {
  let failure: unknown;
  for (const address of file.addresses) {
    try {
      const bytes = await read(file, address, signal, tell);
      const checksum = await check(file, bytes, typeof address === 'string' ? address : file.name);
      signal.throwIfAborted();
      await keep(file, bytes, checksum, tell);
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      failure ??= error;
    }
  }
  throw failure;
}

async function read(
  { card, name, cache, token, wait }: FileRequest,
  address: string | Blob,
  signal: AbortSignal,
  tell: Tell,
): Promise<Uint8Array> {
  if (typeof address !== 'string') {
    const bytes = await readBlob(name, address);
    tell({ loaded: bytes.byteLength, total: bytes.byteLength });
    return bytes;
  }
  if (address.startsWith('file:') && typeof process === 'object') {
    const bytes = await readFile(address, signal);
    tell({ loaded: bytes.byteLength, total: bytes.byteLength });
    return bytes;
  }
  const pieces = cache && { cache, key: keyOf(card, name) };
  const onProgress = (loaded: number, total: number | undefined): void => tell({ loaded, total });
  return download(address, { signal, token, wait, onProgress, pieces });
}

/** @throws EmbedError `integrity` when the file is not the one that the card, or the first download, says. */
async function check(file: FileRequest, bytes: Uint8Array, address: string): Promise<string | undefined> {
  const { card, name } = file;
  const size = sizeOf(card, name);
  if (size !== undefined && size !== bytes.byteLength) {
    throw new EmbedError(
      'integrity',
      `${address} has ${bytes.byteLength} bytes, the card of ${card.id} says ${size}.`,
    );
  }
  const checksum = await sha256(bytes);
  const expected = card.hashes?.[name] ?? (await checksumsOf(file))[name];
  if (checksum !== undefined && expected !== undefined && checksum !== expected) {
    throw new EmbedError(
      'integrity',
      `${address} is not the file that was expected: its SHA-256 is ${checksum}, not ${expected}.`,
    );
  }
  return checksum;
}

async function fromCache(file: FileRequest, tell: Tell): Promise<Uint8Array | undefined> {
  const { card, name, cache } = file;
  const key = keyOf(card, name);
  const bytes = await cache?.match(key).catch(() => undefined);
  if (!bytes) return undefined;
  try {
    await check(file, bytes, key);
  } catch {
    // Damaged where it was kept: as good as absent.
    await cache!.delete(key).catch(() => false);
    return undefined;
  }
  tell({ loaded: bytes.byteLength, total: bytes.byteLength });
  return bytes;
}

async function keep(
  file: FileRequest,
  bytes: Uint8Array,
  checksum: string | undefined,
  tell: Tell,
): Promise<void> {
  const { card, name, cache } = file;
  if (!cache) return;
  try {
    await cache.put(keyOf(card, name), bytes);
    if (checksum === undefined || card.hashes?.[name]) return;
    const key = keyOf(card, CHECKSUMS);
    // One file after the other: the list is read, changed and written.
    await exclusively(key, async () => {
      const checksums = { ...(await checksumsOf(file)), [name]: checksum };
      await cache.put(key, new TextEncoder().encode(JSON.stringify(checksums)));
    });
  } catch (error) {
    tell({ notice: `${name} is used, but could not be kept: ${messageOf(error)}` });
  }
}

async function checksumsOf({ card, cache }: FileRequest): Promise<Record<string, string>> {
  try {
    const bytes = await cache?.match(keyOf(card, CHECKSUMS));
    return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>) : {};
  } catch {
    return {};
  }
}

function keyOf({ id, revision }: ModelCard, name: string): string {
  return cacheKey(id, revision, name);
}

/** What the card says of the size of a file of weights. */
function sizeOf({ files, bytes }: ModelCard, name: string): number | undefined {
  const dtype = Object.entries(files.weights).find(([, file]) => file === name)?.[0];
  return bytes[dtype as keyof typeof bytes];
}

/** SHA-256 in hexadecimal; undefined on pages that are not secure, where there is no Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return undefined;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function readFile(address: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return new Uint8Array(await readFile(new URL(address), { signal }));
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EmbedError('not-found', `${address} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function readBlob(name: string, file: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new EmbedError(
      'not-found',
      `${name} cannot be read any more: ${messageOf(cause)} It was changed or removed: read its folder again.`,
      { cause },
    );
  }
}
