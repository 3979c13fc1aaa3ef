import { afterEach, describe, expect, it } from 'vitest';
import type { BackendRequest } from '../src/backends/backend.ts';
import { Engine, type Part, type PartResult } from '../src/engine.ts';
import { EmbedError } from '../src/errors.ts';
import type { EngineHost } from '../src/host.ts';
import { climb, type LadderOptions } from '../src/ladder.ts';
import { ModelFiles } from '../src/models/model-files.ts';
import type { Plan } from '../src/plan.ts';
import type { Device } from '../src/types.ts';
import type { Reference } from '../src/verify.ts';
import { card, request } from './hash-engine.ts';

/** What a device does wrong. The engine behind it is the real one of the hash model, so right answers are real. */
type Flaw = 'cannot start' | 'wrong' | 'slightly off' | 'not numbers' | 'hangs' | 'slow' | undefined;

const exact = await (
  await Engine.start(request)
).embed({ texts: ['one', 'two words'], prefix: '', dimensions: 512 });
const reference: Reference = { texts: ['one', 'two words'], vectors: exact.data };

const open = new Set<FlawedHost>();

class FlawedHost implements EngineHost {
  private readonly flaws: Partial<Record<Device, Flaw>>;
  private engine: Engine | undefined;
  private flaw: Flaw;
  private runs = 0;

  constructor(flaws: Partial<Record<Device, Flaw>>) {
    this.flaws = flaws;
    open.add(this);
  }

  async start({ device }: BackendRequest): Promise<object> {
    this.flaw = this.flaws[device];
    if (this.flaw === 'cannot start') throw new EmbedError('backend-failed', `no ${device} today`);
    this.engine = await Engine.start(request);
    return {};
  }

  async embed(part: Part): Promise<PartResult> {
    if (this.flaw === 'hangs') return new Promise(() => {});
    // The first run is the check; the second one is timed.
    if (this.flaw === 'slow' && this.runs++ > 0) {
      const until = performance.now() + 20;
      while (performance.now() < until);
    }
    const result = await this.engine!.embed(part);
    if (this.flaw === 'wrong') result.data.reverse();
    if (this.flaw === 'not numbers') result.data.fill(NaN);
    if (this.flaw === 'slightly off')
      result.data.forEach((value, i) => (result.data[i] = value + (i % 2 ? 0.01 : -0.01)));
    return result;
  }

  dispose(): void {
    open.delete(this);
  }
}

const plan = (device: Device, dtype: Plan['dtype'] = 'fp32'): Plan => ({
  device,
  dtype,
  threads: 1,
  workers: 1,
});
const PLANS = [plan('webgpu'), plan('kernels'), plan('wasm')];

function options(flaws: Partial<Record<Device, Flaw>>, more: Partial<LadderOptions> = {}): LadderOptions {
  const files = new ModelFiles({ card, urls: {} });
  files.read = async () => new Uint8Array(1);
  return {
    card,
    files,
    assets: request.assets,
    reference,
    createHost: () => new FlawedHost(flaws),
    allowSoftwareAdapter: false,
    startTimeout: 10_000,
    ...more,
  };
}

const outcomes = async (
  flaws: Partial<Record<Device, Flaw>>,
  more?: Partial<LadderOptions>,
): Promise<string[]> => {
  const { tried } = await climb(PLANS, options(flaws, more));
  return tried.map(({ device, outcome }) => `${device} ${outcome}`);
};

describe('the ladder', () => {
  afterEach(() => open.clear());

  it('keeps the fastest of those that are correct', async () => {
    expect(await outcomes({ webgpu: 'slow', wasm: 'slow' })).toEqual([
      'webgpu slower',
      'kernels chosen',
      'wasm slower',
    ]);
  });

  it('passes over what cannot start, and says why', async () => {
    const { running, tried } = await climb(PLANS, options({ webgpu: 'cannot start', wasm: 'slow' }));
    expect(running.plan.device).toBe('kernels');
    expect(tried[0]).toMatchObject({ outcome: 'failed', reason: 'no webgpu today' });
    running.hosts.forEach((host) => host.dispose());
    expect(open.size).toBe(0);
  });

  it('never accepts wrong answers, however fast they are', async () => {
    for (const flaw of ['wrong', 'slightly off', 'not numbers'] as const) {
      expect(await outcomes({ webgpu: flaw, kernels: flaw, wasm: 'slow' }), flaw).toEqual([
        'webgpu incorrect',
        'kernels incorrect',
        'wasm chosen',
      ]);
    }
  });

  it('gives up on what hangs', async () => {
    expect(await outcomes({ webgpu: 'hangs', kernels: 'slow' }, { startTimeout: 50 })).toEqual([
      'webgpu failed',
      'kernels chosen',
      'wasm slower',
    ]);
  });

  it('holds a GPU to the CPU’s own answer where the card has no reference', async () => {
    expect(await outcomes({ webgpu: 'wrong', kernels: 'slow' }, { reference: undefined })).toEqual([
      'webgpu incorrect',
      'kernels chosen',
      'wasm slower',
    ]);
    expect(await outcomes({ kernels: 'slow', wasm: 'slow' }, { reference: undefined })).toEqual([
      'webgpu chosen',
      'kernels slower',
      'wasm slower',
    ]);
    await expect(
      outcomes(
        { webgpu: 'not numbers', kernels: 'not numbers', wasm: 'not numbers' },
        { reference: undefined },
      ),
    ).rejects.toMatchObject({
      code: 'backend-failed',
    });
  });

  it('allows int8 transformers what rounding costs, and no more', async () => {
    const int8 = (flaw: Flaw): Promise<unknown> => climb([plan('wasm', 'int8')], options({ wasm: flaw }));
    await expect(int8('slightly off')).resolves.toMatchObject({ running: { plan: { dtype: 'int8' } } });
    await expect(int8('wrong')).rejects.toThrow(/wrong vectors/);
  });

  it('tries no slower format where a faster one is correct', async () => {
    const { tried } = await climb([plan('wasm', 'int8'), plan('wasm', 'fp32')], options({}));
    expect(
      tried.map(({ dtype, outcome, reason }) => [dtype, outcome, reason.startsWith('not tried')]),
    ).toEqual([
      ['int8', 'chosen', false],
      ['fp32', 'slower', true],
    ]);
    const broken = await climb(
      [plan('wasm', 'int8'), plan('wasm', 'fp32')],
      options({}, { card: { ...card, kind: 'static' }, reference: { ...reference, vectors: exact.data } }),
    );
    expect(broken.running.plan.dtype).toBe('int8');
  });

  it('fetches no runtime where the kernels are correct, and does where they are not', async () => {
    const { tried } = await climb([plan('kernels'), plan('wasm')], options({}));
    expect(tried[1]!.reason).toMatch(/not tried: .*no runtime/);
    const broken = await climb([plan('kernels'), plan('wasm')], options({ kernels: 'wrong' }));
    expect(broken.running.plan.device).toBe('wasm');
  });

  it('lists every reason when nothing works', async () => {
    const all = outcomes({ webgpu: 'cannot start', kernels: 'wrong', wasm: 'not numbers' });
    await expect(all).rejects.toThrow(
      /webgpu fp32: no webgpu today; kernels fp32: wrong vectors .*; wasm fp32: wrong vectors/,
    );
  });

  it('stops when aborted and leaves nothing running', async () => {
    const controller = new AbortController();
    const stopped = climb(
      PLANS,
      options(
        { webgpu: 'hangs' },
        {
          signal: controller.signal,
          onProgress: () => queueMicrotask(() => controller.abort(new Error('stop'))),
        },
      ),
    );
    await expect(stopped).rejects.toThrow();
    expect(open.size).toBe(0);
  });
});
