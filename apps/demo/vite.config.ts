import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';
import { ISOLATION_HEADERS } from '../../scripts/chromium.mjs';
import { characterMaps } from './build/character-maps.ts';
import { contentSecurityPolicy } from './build/content-security-policy.ts';
import { serviceWorker } from './build/service-worker.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  base: './',
  plugins: [
    solid({ solid: { moduleName: '#solid-web' } }),
    characterMaps(),
    contentSecurityPolicy(),
    serviceWorker(path('src/sw.ts')),
  ],
  resolve: { alias: { '#solid-web': path('src/solid-web.ts') } },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [path('index.html'), path('get-model.html')] },
    chunkSizeWarningLimit: 4000,
  },
  server: { headers: ISOLATION_HEADERS, port: 5181, strictPort: true },
  preview: {
    headers: ISOLATION_HEADERS,
    port: 4181,
    strictPort: true,
  },
});
