import type { Environment } from './environment.ts';
import { EmbedError } from './errors.ts';
import type { Candidate, Device, Dtype, ModelCard } from './types.ts';

/** A backend that may be tried. */
export interface Plan {
  device: Device;
  dtype: Dtype;
  threads: number;
  workers: number;
}

export interface Choice {
  device: 'auto' | Device;
  dtype: 'auto' | Dtype;
  threads: 'auto' | number;
}

// Fastest first. On the CPU int8 is faster than fp32; on a GPU its operators fall back to the CPU one by one.
const DTYPES: Record<Device, Dtype[]> = {
  static: ['int8', 'fp16', 'fp32'],
  hash: ['fp32'],
  webgpu: ['fp16', 'fp32'],
  kernels: ['int8', 'fp32'],
  wasm: ['int8', 'fp32'],
};

const DEVICES: Record<ModelCard['kind'], Device[]> = {
  static: ['static'],
  hash: ['hash'],
  onnx: ['webgpu', 'kernels', 'wasm'],
};

/** A pool has one copy of the weights in each worker. */
const MOST_POOL_BYTES = 512e6;

/** More threads than this have not paid off anywhere. */
const MOST_THREADS = 8;

/**
 * What to try, in order of hope, and what is out of the question from the start, with reasons. Pure.
 * @throws EmbedError `unsupported` when the model cannot run on what was asked for.
 */
export function planCandidates(
  card: ModelCard,
  choice: Choice,
  environment: Environment,
): { plans: Plan[]; unavailable: Candidate[] } {
  const possible = DEVICES[card.kind];
  if (choice.device !== 'auto' && !possible.includes(choice.device)) {
    throw new EmbedError(
      'unsupported',
      `${card.id} is a ${card.kind} model: it runs on ${possible.join(' or ')}, not on ${choice.device}.`,
    );
  }
  const plans: Plan[] = [];
  const unavailable: Candidate[] = [];
  for (const device of choice.device === 'auto' ? possible : [choice.device]) {
    const dtypes = choice.dtype === 'auto' ? dtypesOf(card, device) : [choice.dtype];
    for (const dtype of dtypes) {
      if (card.kind !== 'hash' && card.files.weights[dtype] === undefined) continue;
      for (const shape of shapes(device, choice, environment)) {
        const plan: Plan = { device, dtype, ...shape };
        const reason = card.denied?.[device]?.[dtype] ?? obstacle(card, plan, choice, environment);
        if (reason === undefined) plans.push(plan);
        else unavailable.push({ ...plan, outcome: 'unavailable', reason });
      }
    }
  }
  if (plans.length === 0 && unavailable.length === 0) {
    const have = Object.keys(card.files.weights).join(', ') || 'none';
    throw new EmbedError(
      'unsupported',
      `${card.id} has no ${choice.dtype} weights for ${choice.device} (it has ${have}).`,
    );
  }
  return { plans, unavailable };
}

/** Number formats that a device is good at; on the CPU half precision, too, where a model has nothing else. */
function dtypesOf({ files }: ModelCard, device: Device): Dtype[] {
  const good = DTYPES[device].filter((dtype) => files.weights[dtype] !== undefined);
  const cpu = device === 'kernels' || device === 'wasm';
  return cpu && good.length === 0 ? ['fp16'] : DTYPES[device];
}

/** Ways to spread the work of a device over cores. */
function shapes(
  device: Device,
  choice: Choice,
  { cores, workers, threads, kernelThreads }: Environment,
): { threads: number; workers: number }[] {
  if (device !== 'wasm' && device !== 'kernels') return [{ threads: 1, workers: 1 }];
  const wanted = choice.threads === 'auto' ? Math.min(cores, MOST_THREADS) : Math.floor(choice.threads);
  const most = Math.max(1, wanted);
  if (most === 1) return [{ threads: 1, workers: 1 }];
  const pool = { threads: 1, workers: workers ? most : 1 };
  if (!(device === 'kernels' ? kernelThreads : threads)) return [pool];
  // Threads of the kernels share nothing but weights: a pool could only need more memory.
  const threaded = { threads: most, workers: 1 };
  return device === 'kernels' ? [threaded] : [threaded, pool];
}

function obstacle(
  card: ModelCard,
  plan: Plan,
  choice: Choice,
  { gpu, kernels }: Environment,
): string | undefined {
  const copies = plan.workers * (card.bytes[plan.dtype] ?? 0);
  if (plan.workers > 1 && copies > MOST_POOL_BYTES) {
    return `${plan.workers} workers would need ${Math.round(copies / 1e6)} MB for copies of the model`;
  }
  if (plan.device === 'kernels') {
    return kernels === 'none' ? 'this engine has no WebAssembly SIMD' : undefined;
  }
  if (plan.device !== 'webgpu') return undefined;
  if (!gpu.available) return gpu.reason;
  if (gpu.software && choice.device !== 'webgpu')
    return `${gpu.name} is software: it computes on the CPU, slower than the CPU itself`;
  if (plan.dtype === 'fp16' && !gpu.halfPrecision) return `${gpu.name} has no half precision (shader-f16)`;
  return undefined;
}
