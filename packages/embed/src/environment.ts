/** What the realm offers to backends. */
export interface Environment {
  /** Whether engines can run in workers of their own. */
  workers: boolean;
  /** Whether memory can be shared, and with it threads be used. */
  threads: boolean;
  cores: number;
  gpu: GpuProbe;
}

/** A GPU adapter, or why there is none. */
export type GpuProbe =
  | { available: true; name: string; software: boolean; halfPrecision: boolean }
  | { available: false; reason: string };

interface AdapterLike {
  features: { has(name: string): boolean };
  isFallbackAdapter?: boolean;
  info?: {
    vendor?: string;
    architecture?: string;
    device?: string;
    description?: string;
    isFallbackAdapter?: boolean;
  };
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/** Looks around. `gpu` costs an adapter request and is only looked for where it is wanted. */
export async function probeEnvironment(wanted: { workers: boolean; gpu: boolean }): Promise<Environment> {
  const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';
  return {
    workers: wanted.workers && typeof Worker === 'function',
    threads: isNode || (globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function'),
    cores: Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1),
    gpu: wanted.gpu ? await probeGpu() : { available: false, reason: 'not looked for' },
  };
}

async function probeGpu(): Promise<GpuProbe> {
  const gpu = (
    globalThis.navigator as { gpu?: { requestAdapter(): Promise<AdapterLike | null> } } | undefined
  )?.gpu;
  if (!gpu) return { available: false, reason: 'this browser has no WebGPU' };
  try {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return { available: false, reason: 'there is no GPU adapter' };
    const { vendor, architecture, device, description } = adapter.info ?? {};
    const name = [vendor, architecture, device, description].filter(Boolean).join(' ') || 'unnamed adapter';
    const software =
      adapter.isFallbackAdapter === true || adapter.info?.isFallbackAdapter === true || SOFTWARE.test(name);
    return { available: true, name, software, halfPrecision: adapter.features.has('shader-f16') };
  } catch (error) {
    return { available: false, reason: `asking for a GPU adapter failed: ${String(error)}` };
  }
}
