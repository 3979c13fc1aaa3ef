import type { EmbedAssets } from './types.ts';

/**
 * Addresses of the package's worker and of ONNX Runtime's files. The default; give your own to createEmbedder where a
 * bundler moves the code but not the files, or where the call is made inside a worker that was bundled into one file.
 */
export const embedAssets: EmbedAssets = {
  worker: new URL('../dist/embed-worker.js', import.meta.url).href,
  encoderWorker: new URL('../dist/encoder-worker.js', import.meta.url).href,
  onnxruntime: {
    wasm: {
      module: new URL('../dist/onnxruntime/ort.js', import.meta.url).href,
      wasm: new URL('../dist/onnxruntime/ort.wasm', import.meta.url).href,
    },
    webgpu: {
      module: new URL('../dist/onnxruntime/ort.webgpu.js', import.meta.url).href,
      wasm: new URL('../dist/onnxruntime/ort.webgpu.wasm', import.meta.url).href,
    },
    jspi: {
      module: new URL('../dist/onnxruntime/ort.jspi.js', import.meta.url).href,
      wasm: new URL('../dist/onnxruntime/ort.jspi.wasm', import.meta.url).href,
    },
  },
};
