import { env, pipeline, type FeatureExtractionPipeline } from '@huggingface/transformers';
import moduleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { Engine } from '../harness/engine.ts';
import { findBestBatch, type EmbedInput, type EmbedRun } from './embedding.ts';

export interface TransformersOptions {
  /** Id under `hub`. */
  model: string;
  /** Address of a server of the hub's layout. */
  hub: string;
  /** Undefined: its own choice. */
  dtype?: 'fp32' | 'q8';
  /** Undefined: its own choice. */
  threads?: number;
  /** Texts in one call, in arrival order; `best`: the fastest on `trial`. */
  batch: number | 'best';
  trial: string[];
}

/** The feature-extraction pipeline of transformers.js with mean pooling and normalisation, on the CPU. */
export async function open({
  model,
  hub,
  dtype,
  threads,
  batch,
  trial,
}: TransformersOptions): Promise<Engine> {
  env.allowLocalModels = false;
  env.remoteHost = hub;
  env.remotePathTemplate = '{model}/resolve/{revision}/';
  env.useBrowserCache = false;
  const { wasm } = env.backends.onnx;
  // Its own default is a CDN.
  wasm!.wasmPaths = {
    mjs: new URL(moduleUrl, import.meta.url).href,
    wasm: new URL(wasmUrl, import.meta.url).href,
  };
  if (threads !== undefined) wasm!.numThreads = threads;
  const extract: FeatureExtractionPipeline = await pipeline(
    'feature-extraction',
    model,
    dtype ? { dtype } : {},
  );

  async function embed(texts: string[], size: number): Promise<number[]> {
    let first: number[] = [];
    for (let from = 0; from < texts.length; from += size) {
      const output = await extract(texts.slice(from, from + size), { pooling: 'mean', normalize: true });
      if (from === 0) first = [...(output.data as Float32Array).subarray(0, output.dims.at(-1))];
      output.dispose();
    }
    return first;
  }

  const size = batch === 'best' ? await findBestBatch(trial, embed) : batch;
  return {
    facts: { batch: size, threads: wasm!.numThreads ?? 'its own', dtype: dtype ?? 'its own' },
    operations: {
      async embed({ texts }: EmbedInput): Promise<EmbedRun> {
        const started = performance.now();
        const first = await embed(texts, size);
        return { milliseconds: performance.now() - started, first };
      },
    },
    close: () => extract.dispose(),
  };
}
