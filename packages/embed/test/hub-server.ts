import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What may go wrong with a file; each is used up by one request unless it says `always`. */
export interface Fault {
  file: string;
  status?: number;
  headers?: Record<string, string>;
  /** Cuts the connection after so many bytes. */
  cutAfter?: number;
  /** Sends nothing after so many bytes, and leaves the connection open. */
  stallAfter?: number;
  /** Sends the second half only when this is settled. */
  hold?: Promise<void>;
  /** Sends other bytes of the same length. */
  garble?: boolean;
  /** Knows nothing of ranges. */
  noRanges?: boolean;
  /** Sends the rest of whatever file it has now. */
  ignoresIfRange?: boolean;
  /** Sends the rest from another place than was asked for, and says so. */
  shift?: number;
  /** Says another size of the whole file with the rest. */
  otherTotal?: boolean;
  /** What tells versions of the file apart. Default: a strong ETag. */
  validator?: 'weak' | 'date' | 'fresh date' | 'none';
  /** The file becomes this before the request is answered. */
  becomes?: Uint8Array;
  always?: boolean;
}

export interface HubServer extends AsyncDisposable {
  origin: string;
  /** `{origin}/{model}/resolve/{revision}/{file}` */
  source: string;
  requests: {
    method: string;
    file: string;
    range: string | undefined;
    ifRange: string | undefined;
    authorization: string | undefined;
  }[];
  faults: Fault[];
}

/** A server with a hub's layout of addresses over folders of models. */
export async function startHub(models: Record<string, string>): Promise<HubServer> {
  const requests: HubServer['requests'] = [];
  const faults: Fault[] = [];
  const server = createServer((request, response) => serve(request, response, models, requests, faults));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    source: `${origin}/{model}/resolve/{revision}/{file}`,
    requests,
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  models: Record<string, string>,
  requests: HubServer['requests'],
  faults: Fault[],
): void {
  const [, model = '', file = ''] =
    /^\/(.+?)\/resolve\/[^/]+\/(.+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
  const { range, authorization } = request.headers;
  const ifRange = request.headers['if-range'] as string | undefined;
  requests.push({ method: request.method ?? '', file, range, ifRange, authorization });
  const fault = request.method === 'GET' ? faults.find((fault) => fault.file === file) : undefined;
  if (fault && !fault.always) faults.splice(faults.indexOf(fault), 1);
  if (fault?.status) return void response.writeHead(fault.status, fault.headers).end();
  const path = models[model] && join(models[model], file);
  if (!path || !existsSync(path)) return void response.writeHead(404).end();
  if (fault?.becomes) writeFileSync(path, fault.becomes);
  const content = readFileSync(path);
  const version = validatorOf(content, fault);
  const from = fault?.noRanges || !range ? 0 : Number(/bytes=(\d+)-/.exec(range)?.[1]);
  const partial =
    from > 0 && (fault?.ignoresIfRange || ifRange === undefined || Object.values(version)[0] === ifRange);
  const size = content.length;
  if (partial && from >= size)
    return void response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
  const start = partial ? Math.max(0, from + (fault?.shift ?? 0)) : 0;
  response.writeHead(partial ? 206 : 200, {
    'Content-Length': size - start,
    ...(partial && { 'Content-Range': `bytes ${start}-${size - 1}/${size + (fault?.otherTotal ? 1 : 0)}` }),
    ...(!fault?.noRanges && version),
  });
  if (request.method === 'HEAD') return void response.end();
  const body = fault?.garble ? content.map((byte) => byte ^ 255) : content.subarray(start);
  if (fault?.hold) {
    response.write(body.subarray(0, body.length >> 1));
    return void fault.hold.then(() => response.end(body.subarray(body.length >> 1)));
  }
  if (fault?.stallAfter !== undefined) return void response.write(body.subarray(0, fault.stallAfter));
  if (fault?.cutAfter === undefined) return void response.end(body);
  response.write(body.subarray(0, fault.cutAfter), () => setImmediate(() => response.destroy()));
}

/** The headers that tell the version of a file; a date counts in If-Range when it is surely in the past. */
function validatorOf(content: Uint8Array, fault: Fault | undefined): Record<string, string> {
  const hash = createHash('sha256').update(content).digest();
  const tag = `"${hash.toString('hex').slice(0, 16)}"`;
  const past = new Date(1.6e12 + hash.readUInt32LE() * 10).toUTCString();
  const now = new Date().toUTCString();
  switch (fault?.validator) {
    case 'weak':
      return { ETag: `W/${tag}` };
    case 'date':
      return { 'Last-Modified': past };
    case 'fresh date':
      return { 'Last-Modified': now, Date: now };
    case 'none':
      return {};
    default:
      return { ETag: tag };
  }
}
