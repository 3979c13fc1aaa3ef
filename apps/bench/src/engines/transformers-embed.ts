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

  /** As the pipeline cuts them. */
  function countTokens(texts: string[]): number {
    return texts.reduce((sum, text) => {
      const { input_ids } = extract.tokenizer(text, { truncation: true }) as { input_ids: { size: number } };
      return sum + input_ids.size;
    }, 0);
  }

  const best = batch === 'best' ? await findBestBatch(trial, embed) : undefined;
  const size = best?.batch ?? (batch as number);
  return {
    facts: {
      batch: size,
      threads: wasm!.numThreads ?? 'its own',
      dtype: dtype ?? 'its own',
      ...(best && { trialMilliseconds: best.milliseconds }),
    },
    operations: {
      async embed({ texts }: EmbedInput): Promise<EmbedRun> {
        const started = performance.now();
        const first = await embed(texts, size);
        const milliseconds = performance.now() - started;
        return { milliseconds, first, tokens: countTokens(texts) };
      },
    },
    close: () => extract.dispose(),
  };
}
