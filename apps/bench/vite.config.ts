import { defaultClientConditions, defineConfig } from 'vite';
import solid from 'vite-plugin-solid';
import { ISOLATION_HEADERS } from '../../scripts/chromium.mjs';
import { readCommit } from './runner/read-commit.ts';
import { localAssets } from './runner/local-assets.ts';

export default defineConfig({
  base: './',
  publicDir: 'generated/public',
  define: { __COMMIT__: JSON.stringify(readCommit()) },
  plugins: [solid(), localAssets()],
  // transformers.js: ONNX Runtime's files stay files, with the addresses that we give it.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  optimizeDeps: {
    exclude: [
      'onnxruntime-web',
      '@huggingface/transformers',
      '@electric-sql/pglite',
      '@sqlite.org/sqlite-wasm',
    ],
  },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    rollupOptions: { input: ['index.html', 'bench.html', 'first-visit.html'] },
  },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
});
