// What the server has sent since it was last asked to forget: for the bytes of a first visit, workers included.
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Connect } from 'vite';

export interface Sent {
  path: string;
  bytes: number;
  /** As a host that compresses would send it; weights do not get smaller. */
  gzip: number;
}

/** Keeps a list of the files that were sent, and gives it at `/local/traffic`; POST empties it. */
export function traffic(fileAt: (path: string) => string | undefined): Connect.NextHandleFunction {
  let sent: string[] = [];
  const sizes = new Map<string, Sent>();
  // Only when asked: compressing weights while a page loads would hold up what it loads next.
  const sizeOf = (path: string): Sent => {
    let size = sizes.get(path);
    if (!size) {
      const content = readFileSync(fileAt(path)!);
      size = { path, bytes: content.length, gzip: Math.min(content.length, gzipSync(content).length) };
      sizes.set(path, size);
    }
    return size;
  };
  return (request, response, next) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path.endsWith('/local/traffic')) {
      if (request.method === 'POST') sent = [];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(sent.map(sizeOf)));
      return;
    }
    response.on('finish', () => {
      const file = fileAt(path);
      if (request.method !== 'GET' || response.statusCode !== 200 || path.endsWith('/')) return;
      if (file && existsSync(file)) sent.push(path);
    });
    next();
  };
}
