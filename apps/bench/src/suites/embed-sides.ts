import type { BurrowEmbedOptions } from '../engines/burrow-embed.ts';
import type { EmbedContestant } from './embed-contest.ts';

/** What shares an axis in a chart. A software adapter never shares one with a GPU. */
export const AXES = {
  one: 'CPU, 1 thread',
  all: 'CPU, all cores',
  static: 'static models',
  gpu: 'WebGPU',
  software: 'WebGPU on a software adapter',
  query: 'one query at a time',
} as const;

export const cores = (): number => navigator.hardwareConcurrency;

/** Burrow on one backend. */
export function ours(
  model: BurrowEmbedOptions['model'],
  label: string,
  options: Omit<BurrowEmbedOptions, 'model'>,
  backend: string,
  axis: string,
): EmbedContestant {
  return {
    name: `burrow ${label} ${backend}`,
    engine: 'burrow-embed',
    options: { model, ...options } satisfies BurrowEmbedOptions,
    tags: { engine: 'burrow', model: label, backend, dtype: options.dtype, axis },
  };
}

/** Burrow's ways to run a transformer on the CPU: ONNX Runtime (`wasm`) and its own kernels, on one core and on all. */
export function onCpu(
  model: BurrowEmbedOptions['model'],
  label: string,
  ways: readonly ['wasm' | 'kernels', 'int8' | 'fp32'][],
): EmbedContestant[] {
  return ways.flatMap(([device, dtype]) => [
    ours(model, label, { device, dtype, threads: 1 }, `${device} ${dtype} 1 thread`, AXES.one),
    ours(model, label, { device, dtype, threads: cores() }, `${device} ${dtype} all cores`, AXES.all),
  ]);
}

/** The default model. */
export function staticEn(): EmbedContestant {
  return ours(
    'static-en',
    'static-en',
    { device: 'static', dtype: 'auto', threads: 1 },
    'static',
    AXES.static,
  );
}

/** The same contestant under other words, where a case measures it differently. */
export function renamed(
  contestant: EmbedContestant,
  suffix: string,
  tags: Record<string, string>,
): EmbedContestant {
  return { ...contestant, name: `${contestant.name}${suffix}`, tags: { ...contestant.tags, ...tags } };
}
