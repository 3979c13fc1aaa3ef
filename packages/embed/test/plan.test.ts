import { describe, expect, it } from 'vitest';
import type { Environment } from '../src/environment.ts';
import { hashModel } from '../src/index.ts';
import { type Choice, planCandidates } from '../src/plan.ts';
import type { ModelCard } from '../src/types.ts';

const card: ModelCard = {
  ...hashModel.card,
  id: 'a/transformer',
  kind: 'onnx',
  files: { tokenizer: 't', weights: { fp32: 'a', fp16: 'b', int8: 'c' } },
  bytes: { fp32: 90e6, fp16: 45e6, int8: 23e6 },
};
const auto: Choice = { device: 'auto', dtype: 'auto', threads: 'auto' };
const gpu = { available: true, name: 'a real one', software: false, halfPrecision: true } as const;
const everything: Environment = {
  workers: true,
  threads: true,
  kernelThreads: true,
  cores: 4,
  gpu,
  kernels: 'relaxed',
};

/** `device dtype threads×workers` of the plans that are left for a device. */
function plans(
  device: string,
  environment: Partial<Environment>,
  choice: Partial<Choice> = {},
  facts: Partial<ModelCard> = {},
): string[] {
  const all = planCandidates(
    { ...card, ...facts },
    { ...auto, ...choice },
    { ...everything, ...environment },
  );
  return all.plans
    .filter((plan) => plan.device === device)
    .map(({ dtype, threads, workers }) => `${dtype} ${threads}×${workers}`);
}

const reasons = (
  environment: Partial<Environment>,
  choice: Partial<Choice> = {},
  facts: Partial<ModelCard> = {},
): string[] =>
  planCandidates(
    { ...card, ...facts },
    { ...auto, ...choice },
    { ...everything, ...environment },
  ).unavailable.map(({ reason }) => reason);

describe('planCandidates', () => {
  it('tries half precision before single on a GPU that has it', () => {
    expect(plans('webgpu', {})).toEqual(['fp16 1×1', 'fp32 1×1']);
    expect(plans('webgpu', { gpu: { ...gpu, halfPrecision: false } })).toEqual(['fp32 1×1']);
  });

  it('compares threads with a pool where both work', () => {
    expect(plans('wasm', {})).toEqual(['int8 4×1', 'int8 1×4', 'fp32 4×1', 'fp32 1×4']);
  });

  it('uses a pool where memory cannot be shared, and one thread where there is nothing else', () => {
    expect(plans('wasm', { threads: false })).toEqual(['int8 1×4', 'fp32 1×4']);
    expect(plans('wasm', { threads: false, workers: false })).toEqual(['int8 1×1', 'fp32 1×1']);
    expect(plans('wasm', { cores: 1 })).toEqual(['int8 1×1', 'fp32 1×1']);
    expect(plans('wasm', {}, { threads: 1 })).toEqual(['int8 1×1', 'fp32 1×1']);
  });

  it('never takes a software adapter by itself, only when told to', () => {
    const software = { gpu: { ...gpu, name: 'swiftshader', software: true } };
    expect(plans('webgpu', software)).toEqual([]);
    expect(reasons(software)[0]).toMatch(/swiftshader is software/);
    expect(plans('webgpu', software, { device: 'webgpu' })).toEqual(['fp16 1×1', 'fp32 1×1']);
  });

  it('says why there is no GPU, why a format is denied, and when a pool would be too large', () => {
    expect(reasons({ gpu: { available: false, reason: 'no adapter' } })).toEqual([
      'no adapter',
      'no adapter',
    ]);
    expect(reasons({}, {}, { denied: { webgpu: { fp16: 'overflows' } } })).toEqual(['overflows']);
    expect(reasons({}, {}, { bytes: { int8: 300e6, fp32: 1200e6 } })).toEqual([
      '4 workers would need 1200 MB for copies of the model',
      '4 workers would need 4800 MB for copies of the model',
    ]);
  });

  it('takes the kernels wherever there is SIMD, relaxed or not', () => {
    expect(plans('kernels', {})).toEqual(['int8 4×1', 'fp32 4×1']);
    expect(plans('kernels', { kernelThreads: false })).toEqual(['int8 1×4', 'fp32 1×4']);
    expect(plans('kernels', { kernels: 'plain' })).toEqual(['int8 4×1', 'fp32 4×1']);
    expect(reasons({ kernels: 'none' })[0]).toMatch(/no WebAssembly SIMD/);
    expect(plans('kernels', { kernels: 'none' }, { device: 'kernels' })).toEqual([]);
  });

  it('gives the kernels threads in Node, where ONNX Runtime has one', () => {
    const node = { workers: false, threads: false };
    expect(plans('kernels', node)).toEqual(['int8 4×1', 'fp32 4×1']);
    expect(plans('wasm', node)).toEqual(['int8 1×1', 'fp32 1×1']);
  });

  it('takes half precision on the CPU only where a model has nothing else', () => {
    const files = { tokenizer: 't', weights: { fp16: 'b' } };
    expect(plans('kernels', {}, {}, { files })).toEqual(['fp16 4×1']);
    expect(plans('wasm', { threads: false }, {}, { files })).toEqual(['fp16 1×4']);
  });

  it('refuses what the model cannot do', () => {
    expect(() => plans('wasm', {}, { device: 'static' })).toThrow(/onnx model/);
    expect(() =>
      plans('wasm', {}, { dtype: 'fp16' }, { files: { tokenizer: 't', weights: { int8: 'c' } } }),
    ).toThrow(/no fp16 weights/);
  });
});
