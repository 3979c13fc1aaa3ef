import { beforeEach, describe, expect, it } from 'vitest';
import type { BackendRequest } from '../src/backends/backend.ts';
import { Engine, type Part, type PartResult } from '../src/engine.ts';
import { EmbedError } from '../src/errors.ts';
import type { EngineHost } from '../src/host.ts';
import { climb } from '../src/ladder.ts';
import { ModelFiles } from '../src/models/model-files.ts';
import type { Plan } from '../src/plan.ts';
import type { Device } from '../src/types.ts';
import { card, request } from './hash-engine.ts';

/** How often a device computes its answer, by the number of its run: the first run is checked, the later ones are timed. */
type Steps = (run: number) => number;

const TEXTS = ['one', 'two words'];
const exact = await (
  await Engine.start(request)
).embed({ texts: TEXTS, prefix: '', dimensions: card.dimensions });

/** Devices in the order in which they ran. */
let runs: Device[] = [];
let open: Set<object>;

beforeEach(() => {
  runs = [];
  open = new Set();
});

class SteppingHost implements EngineHost {
  private readonly steps: Partial<Record<Device, Steps>>;
  private engine!: Engine;
  private device!: Device;
  private run = 0;

  constructor(steps: Partial<Record<Device, Steps>>) {
    this.steps = steps;
    open.add(this);
  }

  async start({ device }: BackendRequest): Promise<object> {
    this.device = device;
    this.engine = await Engine.start(request);
    return {};
  }

  async embed(part: Part): Promise<PartResult> {
    runs.push(this.device);
    const steps = this.steps[this.device]!(this.run++);
    if (Number.isNaN(steps)) throw new EmbedError('backend-failed', `${this.device} gave up`);
    let result = await this.engine.embed(part);
    for (let step = 1; step < steps; step++) result = await this.engine.embed(part);
    return result;
  }

  dispose(): void {
    open.delete(this);
  }
}

async function rivals(
  steps: Partial<Record<Device, Steps>>,
): Promise<{ chosen: Device; outcomes: string[] }> {
  const files = new ModelFiles({ card, urls: {} });
  files.read = async () => new Uint8Array(1);
  const plans = Object.keys(steps).map((device): Plan => {
    return { device: device as Device, dtype: 'fp32', threads: 1, workers: 1 };
  });
  const { running, tried } = await climb(plans, {
    card,
    files,
    assets: request.assets,
    reference: { texts: TEXTS, vectors: exact.data },
    createHost: () => new SteppingHost(steps),
    allowSoftwareAdapter: false,
    startTimeout: 60_000,
  });
  expect(open.size).toBe(1);
  running.hosts.forEach((host) => host.dispose());
  expect(open.size).toBe(0);
  return {
    chosen: running.plan.device,
    outcomes: tried.map(({ device, outcome }) => `${device} ${outcome}`),
  };
}

describe('rival candidates', () => {
  it('are timed in turn, so that none has the later rounds to itself', async () => {
    await rivals({ webgpu: () => 1, kernels: () => 1 });
    // Each is checked and timed alone, then three rounds are run in turn.
    const pair: Device[] = ['webgpu', 'kernels'];
    expect(runs).toEqual(['webgpu', 'webgpu', 'kernels', 'kernels', ...pair, ...pair, ...pair]);
  });

  it.each<[Device, Device]>([
    ['webgpu', 'kernels'],
    ['kernels', 'webgpu'],
  ])('are kept by their speed, not by their place: %s', async (fast, slow) => {
    const steps = { [fast]: () => 1, [slow]: () => 1000 };
    for (const order of [steps, Object.fromEntries(Object.entries(steps).toReversed())])
      expect((await rivals(order)).chosen).toBe(fast);
  });

  it('are judged by their best round: one that is slow until it is warm is kept', async () => {
    // Checked, timed alone, and in the first round it computes a thousand times as much.
    const { chosen, outcomes } = await rivals({
      webgpu: (run) => (run < 3 ? 10_000 : 1),
      kernels: () => 300,
    });
    expect([chosen, outcomes]).toEqual(['webgpu', ['webgpu chosen', 'kernels slower']]);
  });

  it('are out when they fail in a round, however fast they were', async () => {
    const { chosen, outcomes } = await rivals({
      webgpu: (run) => (run < 3 ? 1 : NaN),
      kernels: () => 300,
    });
    expect([chosen, outcomes]).toEqual(['kernels', ['webgpu failed', 'kernels chosen']]);
  });
});
