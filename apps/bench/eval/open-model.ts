import { statSync } from 'node:fs';
import { createEmbedder, hashModel } from '@burrow/embed';
import type { Device, Dtype, Embedder, Model } from '@burrow/embed';
import { staticEn } from '@burrow/model-static-en';
import { modelFromFolder } from './model-from-folder.ts';

/** Names of backends on the command line; `onnx` is ONNX Runtime's WebAssembly, the browser's own. */
const DEVICES: Record<string, 'auto' | Device> = {
  auto: 'auto',
  onnx: 'wasm',
  wasm: 'wasm',
  kernels: 'kernels',
  static: 'static',
  hash: 'hash',
  webgpu: 'webgpu',
};
const DTYPES: Record<string, 'auto' | Dtype> = {
  auto: 'auto',
  fp32: 'fp32',
  fp16: 'fp16',
  int8: 'int8',
  q8: 'int8',
};

export interface ModelChoice {
  /** A model that comes with Burrow, a folder, or the id of a hub model. */
  model: string;
  dtype?: string;
  backend?: string;
}

/** Opens an embedder for a command line. */
export async function openEmbedder({
  model,
  dtype = 'auto',
  backend = 'auto',
}: ModelChoice): Promise<Embedder> {
  return createEmbedder({
    model: await findModel(model),
    device: choose('backend', backend, DEVICES),
    dtype: choose('dtype', dtype, DTYPES),
  });
}

/** A model that comes with Burrow, by name, one in a folder, or the id of a hub model, which is downloaded. */
export async function findModel(name: string): Promise<Model | string> {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory()) return modelFromFolder(name);
  switch (name.replace(/^burrow\//, '')) {
    case 'static-en':
      return staticEn as Model;
    case 'use-lite':
      return (await import('@burrow/model-use-lite')).useLite as Model;
    case 'hash':
      return hashModel as Model;
    default:
      if (/^[.~/]/.test(name)) throw new Error(`There is no folder ${name}.`);
      return name;
  }
}

function choose<T>(option: string, value: string, known: Record<string, T>): T {
  const found = known[value];
  if (found === undefined)
    throw new Error(`--${option} ${value} is not known: use ${Object.keys(known).join(', ')}.`);
  return found;
}
