export { bestEngine, createKernels, kernelsSupported } from './engine.ts';
export type { KernelEngine, KernelOptions, Kernels } from './engine.ts';
export { KernelsError } from './errors.ts';
export type { KernelsErrorCode } from './errors.ts';
export type { KernelExports } from './exports.ts';
export { VectorBlock } from './vector-block.ts';
export type { ScanOptions, ScanResult, VectorBlockOptions } from './vector-block.ts';
export type { VectorMetric, VectorPrecision } from './vector-codec.ts';
