import { createEmbedder } from '@burrow/embed';
import type { Device, Dtype, Model } from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { useLite } from '@burrow/model-use-lite';
import type { Engine } from '../harness/engine.ts';
import type { EmbedInput, EmbedRun } from './embedding.ts';

export interface BurrowEmbedOptions {
  model: 'static-en' | 'use-lite' | Model;
  device: 'auto' | Device;
  dtype: 'auto' | Dtype;
  threads: 'auto' | number;
}

const PACKAGED: Record<string, Model> = { 'static-en': staticEn as Model, 'use-lite': useLite as Model };

export async function open({ model, device, dtype, threads }: BurrowEmbedOptions): Promise<Engine> {
  const embedder = await createEmbedder({
    model: typeof model === 'string' ? PACKAGED[model]! : model,
    device,
    dtype,
    threads,
  });
  const { backend } = embedder;
  return {
    facts: {
      device: backend.device,
      dtype: backend.dtype,
      threads: backend.threads,
      workers: backend.workers,
      adapter: backend.adapter ?? '',
      candidates: JSON.stringify(backend.candidates),
    },
    operations: {
      async embed({ texts }: EmbedInput): Promise<EmbedRun> {
        const started = performance.now();
        const { data, dimensions, tokens } = await embedder.embed(texts);
        return {
          milliseconds: performance.now() - started,
          first: [...data.subarray(0, dimensions)],
          tokens: tokens.reduce((sum, count) => sum + count, 0),
        };
      },
      async embedEach({ texts }: EmbedInput): Promise<EmbedRun> {
        let first: number[] = [];
        const started = performance.now();
        for (const [i, text] of texts.entries()) {
          const { data } = await embedder.embed([text], { kind: 'query' });
          if (i === 0) first = [...data];
        }
        return { milliseconds: performance.now() - started, first };
      },
    },
    close: () => embedder.dispose(),
  };
}
