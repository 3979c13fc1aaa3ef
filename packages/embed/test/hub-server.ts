import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
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
  /** Sends other bytes of the same length. */
  garble?: boolean;
  /** Knows nothing of ranges. */
  noRanges?: boolean;
  always?: boolean;
}

export interface HubServer extends AsyncDisposable {
  origin: string;
  /** `{origin}/{model}/resolve/{revision}/{file}` */
  source: string;
  requests: { method: string; file: string; range: string | undefined; authorization: string | undefined }[];
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
  requests.push({ method: request.method ?? '', file, range, authorization });
  const fault = request.method === 'GET' ? faults.find((fault) => fault.file === file) : undefined;
  if (fault && !fault.always) faults.splice(faults.indexOf(fault), 1);
  if (fault?.status) return void response.writeHead(fault.status, fault.headers).end();
  const path = models[model] && join(models[model], file);
  if (!path || !existsSync(path)) return void response.writeHead(404).end();
  const { size } = statSync(path);
  const etag = `"${file}-${size}"`;
  const from = fault?.noRanges || !range ? 0 : Number(/bytes=(\d+)-/.exec(range)?.[1]);
  const partial = from > 0 && (request.headers['if-range'] ?? etag) === etag;
  const start = partial ? from : 0;
  response.writeHead(partial ? 206 : 200, {
    'Content-Length': size - start,
    ...(partial && { 'Content-Range': `bytes ${start}-${size - 1}/${size}` }),
    ...(!fault?.noRanges && { ETag: etag }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (fault?.garble) return void response.end(readFileSync(path).map((byte) => byte ^ 255));
  if (fault?.cutAfter !== undefined) {
    const bytes = readFileSync(path).subarray(start, start + fault.cutAfter);
    response.write(bytes, () => setImmediate(() => response.destroy()));
    return;
  }
  createReadStream(path, { start }).pipe(response);
}
