import { EmbedError } from '../errors.ts';
import { describeAdapter, type GpuAdapter, type GpuDevice, gpuOf } from '../environment.ts';

/** A device of our own, so that its loss is noticed and the powerful adapter is asked for. */
export interface Gpu {
  device: GpuDevice;
  name: string;
  /** Rejects when the device is lost. */
  lost: Promise<never>;
}

const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'];
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
];

export async function acquireGpu(allowSoftware: boolean): Promise<Gpu> {
  const adapter: GpuAdapter | null =
    (await gpuOf()?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
  if (!adapter) throw new EmbedError('backend-failed', 'There is no GPU adapter in the worker.');
  const { name, software } = describeAdapter(adapter);
  if (software && !allowSoftware) throw new EmbedError('backend-failed', `${name} is software.`);
  const requiredLimits: Record<string, number> = {};
  for (const limit of LIMITS)
    if (adapter.limits[limit] !== undefined) requiredLimits[limit] = adapter.limits[limit];
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits,
  });
  const lost = device.lost.then((info): never => {
    throw new EmbedError(
      'backend-failed',
      `The GPU device was lost (${info.reason ?? 'unknown'}): ${info.message}`,
    );
  });
  // Nobody may be waiting when it happens; whoever runs next is told.
  lost.catch(() => {});
  return { device, name, lost };
}
