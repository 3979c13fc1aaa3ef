import { loadTokenizer } from '@burrow/embed';
import type { Model } from '@burrow/embed';
import { useLite } from '@burrow/model-use-lite';
import type { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import backendUrl from '@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js?url';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import type { loadGraphModel } from '@tensorflow/tfjs-converter';
import converterUrl from '@tensorflow/tfjs-converter/dist/tf-converter.es2017.min.js?url';
import type * as Core from '@tensorflow/tfjs-core';
import coreUrl from '@tensorflow/tfjs-core/dist/tf-core.es2017.min.js?url';
import type { Engine } from '../harness/engine.ts';
import { findBestBatch, type EmbedInput, type EmbedRun } from './embedding.ts';

export interface TensorFlowOptions {
  /** Address of the folder with model.json. */
  model: string;
  threads: number;
  batch: number | 'best';
  trial: string[];
}

type TensorFlow = typeof Core & {
  loadGraphModel: typeof loadGraphModel;
  wasm: { setThreadsCount: typeof setThreadsCount; setWasmPaths: typeof setWasmPaths };
};

const href = (url: string): string => new URL(url, import.meta.url).href;

/** As published and not bundled: its threads start from the source text of a function, which a bundler's renaming breaks. */
async function loadTensorFlow(): Promise<TensorFlow> {
  for (const url of [coreUrl, converterUrl, backendUrl]) await import(/* @vite-ignore */ href(url));
  return (globalThis as unknown as { tf: TensorFlow }).tf;
}

/**
 * Universal Sentence Encoder lite as published, in TensorFlow.js' WebAssembly backend: what @orama/plugin-embeddings runs.
 * Token ids come from Burrow's tokenizer, which is in its favour.
 */
export async function open({ model: address, threads, batch, trial }: TensorFlowOptions): Promise<Engine> {
  const tf = await loadTensorFlow();
  tf.wasm.setWasmPaths({
    'tfjs-backend-wasm.wasm': href(plainUrl),
    'tfjs-backend-wasm-simd.wasm': href(simdUrl),
    'tfjs-backend-wasm-threaded-simd.wasm': href(threadedUrl),
  });
  tf.wasm.setThreadsCount(threads);
  if (!(await tf.setBackend('wasm')))
    throw new Error('The WebAssembly backend of TensorFlow.js did not start.');
  await tf.ready();
  const model = await tf.loadGraphModel(`${address}model.json`);
  const tokenizer = await loadTokenizer(useLite as Model);

  async function embed(texts: string[], size: number): Promise<number[]> {
    let first: number[] = [];
    for (let from = 0; from < texts.length; from += size) {
      const rows = texts.slice(from, from + size).map((text) => [...tokenizer.encode(text)]);
      const positions = rows.flatMap((ids, row) => ids.map((_, i) => [row, i]));
      const indices = tf.tensor2d(positions, [positions.length, 2], 'int32');
      const values = tf.tensor1d(rows.flat(), 'int32');
      const output = (await model.executeAsync({ indices, values })) as Core.Tensor;
      const data = await output.data<'float32'>();
      if (from === 0) first = [...data.subarray(0, output.shape[1])];
      tf.dispose([indices, values, output]);
    }
    return first;
  }

  const size = batch === 'best' ? (await findBestBatch(trial, embed)).batch : batch;
  return {
    facts: { batch: size, threads, dtype: 'fp32' },
    operations: {
      async embed({ texts }: EmbedInput): Promise<EmbedRun> {
        const started = performance.now();
        const first = await embed(texts, size);
        return { milliseconds: performance.now() - started, first };
      },
    },
    close: () => model.dispose(),
  };
}
