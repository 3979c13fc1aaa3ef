import { readFile } from 'node:fs/promises';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';
import { ISOLATION_HEADERS, SOFTWARE_WEBGPU_ARGS, launchOptions } from './scripts/chromium.mjs';
import { modelHub, requestLog } from './scripts/model-hub.mjs';

/**
 * Serves built workers, and the runtimes that they import, as the files that they are. Otherwise vitest rewrites each
 * `import(…)` in them to a helper that only its own pages have.
 */
const builtWorkers: Plugin = {
  name: 'built-workers',
  configureServer({ config, middlewares }) {
    middlewares.use(async (request, response, next) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (!/^\/packages\/[^/]+\/dist\/(?:[^/]*-worker\.js|onnxruntime\/[^/]+\.js)$/.test(path)) return next();
      const code = await readFile(config.root + path).catch(() => undefined);
      if (!code) return next();
      response.writeHead(200, { ...ISOLATION_HEADERS, 'Content-Type': 'text/javascript' }).end(code);
    });
  },
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/vitest-reporter.ts'],
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['{packages,apps}/*/test/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [requestLog(), solid({ hot: false }), builtWorkers, modelHub()],
        server: { headers: ISOLATION_HEADERS },
        worker: { format: 'es' },
        // Packages are tested as they ship: their built files, not pre-bundled copies.
        optimizeDeps: { exclude: ['onnxruntime-web', 'uplot'] },
        test: {
          name: 'chromium',
          include: ['{packages,apps}/*/test/**/*.browser.test.{ts,tsx}'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
            provider: playwright({ launchOptions: launchOptions(SOFTWARE_WEBGPU_ARGS) }),
          },
        },
      },
    ],
  },
});
