import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, expect, test } from './app.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** A host as many are: files below a path, and none of the headers that isolate a page. */
function startPlainHost(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(DIST, path.slice('/repo/'.length) || 'index.html');
    const served =
      path.startsWith('/repo/') && file.startsWith(DIST) && existsSync(file) && statSync(file).isFile();
    if (!served) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        server,
        url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/repo/`,
      });
    });
  });
}

test('on a plain host, below a path, the service worker isolates the page', async ({ page }) => {
  const { server, url } = await startPlainHost();
  try {
    const app = new App(page);
    await page.goto(url);
    // The page reloads itself once, as soon as the service worker is in charge.
    await expect
      .poll(() => page.evaluate(() => globalThis.crossOriginIsolated).catch(() => false), { timeout: 30_000 })
      .toBe(true);
    await app.ready();
    await app.addFiles('household/sourdough.txt', 'household/electricity.pdf', 'household/moving-house.docx');
    await app.search('dishwasher night tariff');
    expect((await app.sources())[0]).toBe('electricity.pdf');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
