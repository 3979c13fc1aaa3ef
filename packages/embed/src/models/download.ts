import { EmbedError, messageOf } from '../errors.ts';
import { type FileVersion, PartialFile, type PieceStore } from './partial-file.ts';

export interface DownloadOptions {
  /** Sent as a bearer token. */
  token?: string;
  signal?: AbortSignal;
  onProgress?: (loaded: number, total: number | undefined) => void;
  /** Keeps pieces of a download that breaks. */
  pieces?: PieceStore;
  /** Milliseconds without a byte after which a connection counts as broken. @default 60,000 */
  stallTimeout?: number;
  /** Waits; replaced in tests. */
  wait?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const MOST_TRIES = 5;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
const STALL_TIMEOUT = 60_000;

/** What another try may help against. */
const TRY_AGAIN = new Set(['download-failed', 'rate-limited']);

/**
 * Downloads a file. A connection that breaks or stalls is taken up where it stopped (HTTP ranges) as long as the server's
 * file is surely the same; servers that are busy (429, 5xx) are asked again after the pause that they ask for.
 * @throws EmbedError `unauthorized`, `not-found`, `rate-limited`, `download-failed`, `unsupported` (larger than memory);
 * the signal's reason.
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const file = await PartialFile.restore(options.pieces);
  if (!file.complete)
    await retrying(
      () => receive(url, file, options),
      options,
      () => file.loaded,
    );
  return file.finish();
}

/**
 * A server's answer, whatever it is, unless it is busy or cannot be reached, also after some tries.
 * @throws EmbedError `rate-limited`, `download-failed`; the signal's reason.
 */
export async function ask(
  url: string,
  method: 'GET' | 'HEAD',
  options: Pick<DownloadOptions, 'token' | 'signal' | 'wait'>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return retrying(async () => {
    const response = await request(url, { ...bearer(options.token), ...headers }, options.signal, method);
    // 501: this method is not known there.
    if (response.status === 429 || (response.status >= 500 && response.status !== 501))
      checkStatus(url, response);
    return response;
  }, options);
}

/** Tries again, after a pause, what another try may help. */
async function retrying<T>(
  attempt: () => Promise<T>,
  { signal, wait = pause }: Pick<DownloadOptions, 'signal' | 'wait'>,
  headway: () => number = () => 0,
): Promise<T> {
  let tries = 0;
  while (true) {
    signal?.throwIfAborted();
    const before = headway();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof EmbedError && TRY_AGAIN.has(error.code))) throw error;
      // Whoever makes headway may go on trying.
      tries = headway() > before ? 1 : tries + 1;
      if (tries >= MOST_TRIES) throw error;
      const asked = error instanceof Busy ? error.retryAfter : undefined;
      await wait(Math.min(LONGEST_PAUSE, asked ?? FIRST_PAUSE * 2 ** (tries - 1)), signal);
    }
  }
}

const bearer = (token: string | undefined): Record<string, string> =>
  token ? { Authorization: `Bearer ${token}` } : {};

class Busy extends EmbedError {
  readonly retryAfter: number | undefined;

  constructor(code: 'rate-limited' | 'download-failed', message: string, retryAfter: number | undefined) {
    super(code, message);
    this.retryAfter = retryAfter;
  }
}

/** One request for what is missing, until its body ends. */
async function receive(url: string, file: PartialFile, options: DownloadOptions): Promise<void> {
  const { signal, onProgress, stallTimeout = STALL_TIMEOUT } = options;
  const stall = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => stall.abort(new Error(`nothing came for ${stallTimeout / 1000} s`)),
      stallTimeout,
    );
  };
  heard();
  let whole = false;
  try {
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
    const response = await openBody(url, file, options.token, either);
    whole = file.loaded === 0;
    onProgress?.(file.loaded, file.version.total);
    const reader = response.body!.getReader();
    while (true) {
      heard();
      const next = await reader.read().catch((cause: unknown) => {
        throw new EmbedError('download-failed', `The connection to ${url} broke: ${messageOf(cause)}`, {
          cause,
        });
      });
      if (next.done) break;
      await file.append(next.value);
      onProgress?.(file.loaded, file.version.total);
    }
  } finally {
    clearTimeout(timer);
  }
  const { loaded, version } = file;
  if (version.total !== undefined && loaded !== version.total) {
    // Longer than what was sent: it was compressed, and another origin need not let us see that it was.
    if (whole && loaded > version.total) return;
    if (loaded > version.total) await file.restart(UNKNOWN);
    throw new EmbedError('download-failed', `${url} sent ${loaded} of ${version.total} bytes.`);
  }
}

const UNKNOWN: FileVersion = { validator: undefined, total: undefined };

/**
 * Asks for the rest of a file, or for all of it. The rest is only taken when it begins where the file ends and is of the
 * same version; `file` is empty afterwards where the body is a whole one.
 */
async function openBody(
  url: string,
  file: PartialFile,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const headers = bearer(token);
  const { validator } = file.version;
  if (file.loaded > 0 && validator !== undefined) {
    const range = { ...headers, Range: `bytes=${file.loaded}-` };
    // Other origins allow a range without being asked, but not If-Range: then the answer's own validator has to do.
    const response = await request(url, { ...range, 'If-Range': validator }, signal).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        if (new URL(url).origin === globalThis.location?.origin) throw error;
        return request(url, range, signal);
      },
    );
    if (response.status !== 206 && response.status !== 416) checkStatus(url, response);
    if (response.status === 206 && continues(file, response)) return response;
    if (response.status === 200) {
      await file.restart(versionOf(response));
      return response;
    }
    await response.body?.cancel();
  }
  await file.restart(UNKNOWN);
  const response = await request(url, headers, signal);
  checkStatus(url, response);
  file.version = versionOf(response);
  return response;
}

async function request(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
  method = 'GET',
): Promise<Response> {
  try {
    return await fetch(url, { method, headers, signal });
  } catch (cause) {
    throw new EmbedError(
      'download-failed',
      `${url} could not be reached: ${messageOf(cause)}. Check the connection.`,
      { cause },
    );
  }
}

/** Whether a 206 is the rest of the file: it starts where the file ends, and neither size nor validator changed. */
function continues({ loaded, version }: PartialFile, { headers }: Response): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '') ?? [];
  if (Number(start) !== loaded) return false;
  if (version.total !== undefined && total !== '*' && Number(total) !== version.total) return false;
  return [headers.get('ETag'), headers.get('Last-Modified')].includes(version.validator!);
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

/** What tells the version of a file that is sent whole (RFC 9110, sections 8.8 and 13.1.5). */
function versionOf({ headers }: Response): FileVersion {
  // Ranges of a compressed body would be of what is sent, not of what it becomes; its length is another one, too.
  if (headers.has('Content-Encoding')) return UNKNOWN;
  const length = headers.get('Content-Length');
  const total = length === null ? undefined : Number(length);
  const etag = headers.get('ETag');
  if (etag !== null) return { validator: etag.startsWith('W/') ? undefined : etag, total };
  // A file may change twice in a second: only a date that was past when the answer was made tells versions apart.
  const modified = headers.get('Last-Modified');
  const past = Date.parse(headers.get('Date') ?? '') - Date.parse(modified ?? '') >= 1000;
  return { validator: past ? modified! : undefined, total };
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
