// What the server has sent since it was last asked to forget: for the bytes of a first visit, workers included.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Connect } from 'vite';

export interface Sent {
  path: string;
  bytes: number;
  /** As a host that compresses would send it; weights do not get smaller. */
  gzip: number;
}

/** Keeps a list of the files that were sent from a folder, and gives it at `/local/traffic`; POST empties it. */
export function traffic(outDir: () => string): Connect.NextHandleFunction {
  let sent: Sent[] = [];
  const sizes = new Map<string, Sent>();
  return (request, response, next) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path.endsWith('/local/traffic')) {
      if (request.method === 'POST') sent = [];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(sent));
      return;
    }
    response.on('finish', () => {
      const file = join(outDir(), path);
      if (response.statusCode !== 200 || !existsSync(file) || path.endsWith('/')) return;
      let size = sizes.get(path);
      if (!size) {
        const content = readFileSync(file);
        size = { path, bytes: content.length, gzip: Math.min(content.length, gzipSync(content).length) };
        sizes.set(path, size);
      }
      sent.push(size);
    });
    next();
  };
}
