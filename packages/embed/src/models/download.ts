import { EmbedError, messageOf } from '../errors.ts';
import type { ModelCache } from './cache.ts';

export interface DownloadOptions {
  /** Sent as a bearer token. */
  token?: string;
  signal?: AbortSignal;
  onProgress?: (loaded: number, total: number | undefined) => void;
  /** Keeps pieces of a download that breaks, under `key#offset`. */
  pieces?: { cache: ModelCache; key: string };
  /** Waits; replaced in tests. */
  wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const MOST_TRIES = 5;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
const PIECE_BYTES = 8 << 20;

/** What arrived so far; survives a broken connection. */
interface Progress {
  chunks: Uint8Array[];
  loaded: number;
  total: number | undefined;
  /** Names the version of the file that the chunks are of. */
  etag: string | undefined;
  /** Bytes that are kept in the cache. */
  kept: number;
}

/**
 * Downloads a file. A connection that breaks is taken up where it stopped (HTTP ranges) as long as the server's file is the
 * same; servers that are busy (429, 5xx) are asked again after the pause that they ask for.
 * @throws EmbedError `unauthorized`, `not-found`, `rate-limited`, `download-failed`; the signal's reason.
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const { signal, wait = pause } = options;
  const progress = await restore(options);
  let tries = 0;
  while (true) {
    signal?.throwIfAborted();
    const before = progress.loaded;
    try {
      await receive(url, progress, options);
      await forgetPieces(options, progress);
      return join(progress);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof EmbedError && error.code !== 'download-failed' && error.code !== 'rate-limited')
        throw error;
      // Whoever makes headway may go on trying.
      tries = progress.loaded > before ? 1 : tries + 1;
      if (tries >= MOST_TRIES) throw error;
      const asked = error instanceof Busy ? error.retryAfter : undefined;
      await wait(Math.min(LONGEST_PAUSE, asked ?? FIRST_PAUSE * 2 ** (tries - 1)), signal);
    }
  }
}

class Busy extends EmbedError {
  readonly retryAfter: number | undefined;

  constructor(code: 'rate-limited' | 'download-failed', message: string, retryAfter: number | undefined) {
    super(code, message);
    this.retryAfter = retryAfter;
  }
}

async function receive(url: string, progress: Progress, options: DownloadOptions): Promise<void> {
  if (progress.total !== undefined && progress.loaded === progress.total) return;
  const headers: Record<string, string> = {};
  if (options.token) headers['Authorization'] = `Bearer ${options.token}`;
  if (progress.loaded > 0) {
    headers['Range'] = `bytes=${progress.loaded}-`;
    if (progress.etag) headers['If-Range'] = progress.etag;
  }
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: options.signal });
  } catch (cause) {
    throw new EmbedError(
      'download-failed',
      `${url} could not be reached: ${messageOf(cause)}. Check the connection.`,
      { cause },
    );
  }
  if (response.status === 416) {
    restart(progress);
    throw new EmbedError('download-failed', `${url} changed while it was downloaded.`);
  }
  checkStatus(url, response);
  // 200 to a request for the rest: there are no ranges here, or the file is another one now.
  if (response.status !== 206) restart(progress);
  const etag = response.headers.get('ETag') ?? undefined;
  progress.etag = etag?.startsWith('W/') ? undefined : etag;
  progress.total = totalOf(response);
  options.onProgress?.(progress.loaded, progress.total);
  const reader = response.body!.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      progress.chunks.push(next.value);
      progress.loaded += next.value.byteLength;
      options.onProgress?.(progress.loaded, progress.total);
      if (progress.loaded - progress.kept >= PIECE_BYTES) await keepPiece(options, progress);
    }
  } catch (cause) {
    throw new EmbedError('download-failed', `The connection to ${url} broke: ${messageOf(cause)}`, { cause });
  }
  if (progress.total !== undefined && progress.loaded !== progress.total) {
    const { loaded, total } = progress;
    if (loaded > total!) restart(progress);
    throw new EmbedError('download-failed', `${url} sent ${loaded} of ${total} bytes.`);
  }
}

function checkStatus(url: string, response: Response): void {
  const { status } = response;
  if (response.ok) return;
  if (status === 401 || status === 403) {
    throw new EmbedError(
      'unauthorized',
      `${url} may not be read (${status}). The model may need its licence accepted, and a token.`,
    );
  }
  if (status === 404 || status === 410)
    throw new EmbedError('not-found', `${url} does not exist (${status}).`);
  const retryAfter = retryAfterOf(response);
  if (status === 429)
    throw new Busy('rate-limited', `${url} is asked for too often (429). Try again later.`, retryAfter);
  if (status >= 500)
    throw new Busy('download-failed', `${url} answered ${status}. Try again later.`, retryAfter);
  throw new EmbedError('not-found', `${url} answered ${status}.`);
}

/** Milliseconds that a server asks to wait: seconds, or a date. */
function retryAfterOf({ headers }: Response): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const seconds = Number(value);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** Size of the whole file, when it can be known: a compressed body has another length than its content. */
function totalOf({ status, headers }: Response): number | undefined {
  if (status === 206) {
    const total = Number(headers.get('Content-Range')?.split('/')[1]);
    return Number.isFinite(total) ? total : undefined;
  }
  const length = headers.get('Content-Length');
  return length === null || headers.has('Content-Encoding') ? undefined : Number(length);
}

function restart(progress: Progress): void {
  Object.assign(progress, { chunks: [], loaded: 0, total: undefined, etag: undefined, kept: 0 });
}

function join({ chunks, loaded }: Progress): Uint8Array {
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

// A piece is kept as 4 bytes of length, the etag, and the data.

async function keepPiece({ pieces }: DownloadOptions, progress: Progress): Promise<void> {
  if (!pieces || !progress.etag) return;
  const etag = new TextEncoder().encode(progress.etag);
  const data = join(progress).subarray(progress.kept);
  const piece = new Uint8Array(4 + etag.length + data.length);
  new DataView(piece.buffer).setUint32(0, etag.length, true);
  piece.set(etag, 4);
  piece.set(data, 4 + etag.length);
  try {
    await pieces.cache.put(`${pieces.key}#${progress.kept}`, piece);
    progress.kept = progress.loaded;
  } catch {
    // A full disk costs the resumption, not the download.
    progress.kept = Infinity;
  }
}

async function restore({ pieces }: DownloadOptions): Promise<Progress> {
  const progress: Progress = { chunks: [], loaded: 0, total: undefined, etag: undefined, kept: 0 };
  if (!pieces) return progress;
  while (true) {
    const piece = await pieces.cache.match(`${pieces.key}#${progress.loaded}`).catch(() => undefined);
    if (!piece || piece.length < 4) break;
    const start = 4 + new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
    const etag = new TextDecoder().decode(piece.subarray(4, start));
    if (start >= piece.length || (progress.etag && etag !== progress.etag)) break;
    progress.etag = etag;
    progress.chunks.push(piece.subarray(start));
    progress.loaded += piece.length - start;
  }
  progress.kept = progress.loaded;
  return progress;
}

async function forgetPieces({ pieces }: DownloadOptions, { kept }: Progress): Promise<void> {
  if (!pieces || kept === 0) return;
  for (const key of await pieces.cache.keys().catch((): string[] => [])) {
    if (key.startsWith(`${pieces.key}#`)) await pieces.cache.delete(key).catch(() => false);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
