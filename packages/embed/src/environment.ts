import {
  availableCores,
  bestEngine,
  canShareMemory,
  type KernelEngine,
  kernelsSupported,
} from '@burrow/kernels';
import { inNode } from './realm.ts';

/** What the realm offers to backends. */
export interface Environment {
  /** Whether engines can run in workers of their own. */
  workers: boolean;
  /** Whether memory can be shared with workers, and with it threads be used. */
  threads: boolean;
  /** Likewise for the kernels, which have threads in Node, too. */
  kernelThreads: boolean;
  cores: number;
  gpu: GpuProbe;
  /** Which kernels this engine can run. */
  kernels: KernelEngine | 'none';
}

/** A GPU adapter, or why there is none. */
export type GpuProbe =
  | { available: true; name: string; software: boolean; halfPrecision: boolean }
  | { available: false; reason: string };

/** What is used of WebGPU; its own types are not part of TypeScript's libraries. */
export interface GpuAdapter {
  features: { has(name: string): boolean };
  limits: Record<string, number>;
  isFallbackAdapter?: boolean;
  info?: {
    vendor?: string;
    architecture?: string;
    device?: string;
    description?: string;
    isFallbackAdapter?: boolean;
  };
  requestDevice(descriptor: {
    requiredFeatures: string[];
    requiredLimits: Record<string, number>;
  }): Promise<GpuDevice>;
}

export interface GpuDevice {
  lost: Promise<{ reason?: string; message: string }>;
  destroy(): void;
}

interface Gpu {
  requestAdapter(options?: { powerPreference?: string }): Promise<GpuAdapter | null>;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/** WebGPU of this realm. */
export function gpuOf(): Gpu | undefined {
  return (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu;
}

/** An adapter in words, and whether it computes on the CPU. */
export function describeAdapter({ info, isFallbackAdapter }: GpuAdapter): {
  name: string;
  software: boolean;
} {
  const { vendor, architecture, device, description } = info ?? {};
  const name = [vendor, architecture, device, description].filter(Boolean).join(' ') || 'unnamed adapter';
  return {
    name,
    software: isFallbackAdapter === true || info?.isFallbackAdapter === true || SOFTWARE.test(name),
  };
}

/** Looks around. `gpu` costs an adapter request and is only looked for where it is wanted. */
export async function probeEnvironment(wanted: { workers: boolean; gpu: boolean }): Promise<Environment> {
  return {
    workers: wanted.workers && (typeof Worker === 'function' || inNode()),
    threads: isolated(),
    kernelThreads: canShareMemory(),
    cores: availableCores(),
    gpu: wanted.gpu ? await probeGpu() : { available: false, reason: 'not looked for' },
    kernels: kernelsSupported() ? bestEngine() : 'none',
  };
}

function isolated(): boolean {
  return globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
}

async function probeGpu(): Promise<GpuProbe> {
  const gpu = gpuOf();
  if (!gpu) return { available: false, reason: 'there is no WebGPU here' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { available: false, reason: 'there is no GPU adapter' };
    return {
      available: true,
      ...describeAdapter(adapter),
      halfPrecision: adapter.features.has('shader-f16'),
    };
  } catch (error) {
    return { available: false, reason: `asking for a GPU adapter failed: ${String(error)}` };
  }
}
