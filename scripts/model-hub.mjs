// A hub for tests in browsers: `/hub/{model}/resolve/{revision}/{file}` on the test server itself. It has one model, the
// default one's files under another name, and tells at `/hub/requests` what was asked for.
import { readFile } from 'node:fs/promises';

const FILES = new URL('../packages/model-static-en/data/', import.meta.url);
const CONFIG = JSON.stringify({ model_type: 'model2vec', hidden_dim: 256 });

/** @returns {import('vite').Plugin} */
export function modelHub() {
  /** @type {string[]} */
  const requests = [];
  return {
    name: 'model-hub',
    configureServer({ middlewares }) {
      middlewares.use('/hub', async (request, response) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        if (path === '/requests') return response.end(JSON.stringify(requests));
        requests.push(`${request.method} ${path}`);
        const file = /^\/[^/]+\/[^/]+\/resolve\/[^/]+\/([\w.-]+)$/.exec(path)?.[1];
        const body =
          file === 'config.json'
            ? CONFIG
            : file && (await readFile(new URL(file, FILES)).catch(() => undefined));
        if (!body) return response.writeHead(404).end();
        response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) });
        return response.end(request.method === 'HEAD' ? undefined : body);
      });
    },
  };
}

/**
 * Tells at `/requests-log` what was asked of the test server, by pages and workers alike.
 * @returns {import('vite').Plugin}
 */
export function requestLog() {
  /** @type {string[]} */
  const requests = [];
  return {
    name: 'request-log',
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        if (request.url === '/requests-log') return response.end(JSON.stringify(requests));
        requests.push(request.url ?? '');
        next();
      });
    },
  };
}
