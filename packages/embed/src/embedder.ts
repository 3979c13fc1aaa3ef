import { embedAssets } from './assets.ts';
import { probeEnvironment } from './environment.ts';
import { EmbedError, messageOf } from './errors.ts';
import { type EngineHost, type HostFactory, LocalHost, startWorker, WorkerHost } from './host.ts';
import { climb, describe, type LadderOptions, type Running } from './ladder.ts';
import type { HubOptions } from './models/hub.ts';
import { ModelFiles } from './models/model-files.ts';
import { resolveModel } from './models/resolve.ts';
import { type Choice, type Plan, planCandidates } from './plan.ts';
import { type PartSize, Scheduler } from './scheduler.ts';
import { buildJob } from './job.ts';
import { notify } from './notify.ts';
import { spaceOf } from './space.ts';
import type {
  BackendReport,
  Candidate,
  Device,
  Dtype,
  EmbedAssets,
  Embedder,
  EmbeddingBatch,
  EmbedEvent,
  EmbedOptions,
  LoadProgress,
  Model,
  ModelCard,
} from './types.ts';
import { referenceOf } from './verify.ts';

export interface CreateEmbedderOptions {
  /**
   * A model as data; `static-en` (the default) or `hash`, which come with this package; a preset's name; a hub id like
   * `owner/name` or `owner/name@revision`; the address of a folder. Only presets, hub ids and addresses are downloaded.
   */
  model?: string | Model;
  /** Where hub models come from, and where they are kept. */
  hub?: HubOptions;
  /** Default `auto`: the fastest that is correct. */
  device?: 'auto' | Device;
  /** Default `auto`: the fastest that the device is good at. */
  dtype?: 'auto' | Dtype;
  /** Cores to use on the CPU. Default `auto`: all, at most 8. */
  threads?: 'auto' | number;
  /** Addresses of the worker and of the runtimes. Default: where this package lies. */
  assets?: EmbedAssets;
  /** Whether to run in workers (in Node: worker threads), or how to make one from its address. Default: where there are some. */
  worker?: boolean | ((url: string) => Worker);
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
  /** Called when the backend fails during work and another takes over. */
  onEvent?: (event: EmbedEvent) => void;
}

const PART_SIZES: Record<Device, PartSize> = {
  static: { tokens: 1 << 16, texts: 4096 },
  hash: { tokens: 1 << 15, texts: 4096 },
  // One long text, or some short ones: on ONNX Runtime they go one by one, and queries wait for no more than that.
  wasm: { tokens: 256, texts: 16 },
  // Two at a time: while one thread ends a part, the others begin the next one.
  kernels: { tokens: 1024, texts: 64, ahead: 2 },
  webgpu: { tokens: 4096, texts: 64 },
};

const START_TIMEOUT = 180_000;

/** How often the last backend that is left may be started anew before its failure is the caller's. */
const MOST_RESTARTS = 2;

/** WebAssembly memory never shrinks: engines that grew by more than this are started anew when they are idle, */
const MOST_GROWTH = 256 << 20;
/** and have been for this long, in milliseconds. */
const IDLE = 10_000;

/**
 * Loads a model and the fastest backend that gives the right vectors with it.
 * @throws EmbedError `invalid-model`, `unknown-model`, `unsupported`, `download-failed`, `unauthorized`, `not-found`,
 * `rate-limited`, `integrity`, `backend-failed` (with each candidate's reason);
 * the signal's reason when it was aborted.
 */
export async function createEmbedder(options: CreateEmbedderOptions = {}): Promise<Embedder> {
  const { hub = {}, signal, worker = true, assets = embedAssets } = options;
  const onProgress = (progress: LoadProgress): void => notify(options.onProgress, progress);
  signal?.throwIfAborted();
  const { model, cache } = await resolveModel(options.model, { ...hub, signal });
  const { card } = model;
  const choice: Choice = {
    device: options.device ?? 'auto',
    dtype: options.dtype ?? 'auto',
    threads: options.threads ?? 'auto',
  };
  const gpu = card.kind === 'onnx' && (choice.device === 'auto' || choice.device === 'webgpu');
  // What needs no runtime is sooner done than told to one of Node's threads.
  const workers = worker !== false && (card.kind === 'onnx' || typeof Worker === 'function');
  const environment = await probeEnvironment({ workers, gpu });
  const { plans, unavailable } = planCandidates(card, choice, environment);
  const createWorker = typeof worker === 'function' ? worker : startWorker;
  const createHost: HostFactory = environment.workers
    ? () => new WorkerHost(createWorker(assets.worker))
    : () => new LocalHost();
  const ladder: LadderOptions = {
    card,
    files: new ModelFiles(model, {
      signal,
      onProgress,
      token: hub.token,
      cache,
    }),
    startTimeout: START_TIMEOUT,
    assets,
    reference: referenceOf(card),
    createHost,
    allowSoftwareAdapter: choice.device === 'webgpu',
    signal,
    onProgress,
  };
  const { running, tried } = await climb(plans, ladder).finally(() => ladder.files.release());
  // What happens later is no part of this call: its signal and its listener have nothing to do with it.
  const files = new ModelFiles(model, { token: hub.token, cache });
  return new LadderEmbedder(
    running,
    plans,
    [...unavailable, ...tried],
    { ...ladder, files, signal: undefined, onProgress: undefined },
    options.onEvent,
  );
}

/** An embedder that climbs on when what it stands on breaks. */
class LadderEmbedder implements Embedder {
  readonly model: ModelCard;
  readonly space: string;
  readonly dimensions: number;
  private running: Running;
  private plans: Plan[];
  private candidates: Candidate[];
  private restarts = 0;
  private disposed = false;
  private bytesAtStart: number;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private readonly ladder: LadderOptions;
  private readonly onEvent: ((event: EmbedEvent) => void) | undefined;
  private readonly scheduler: Scheduler;

  constructor(
    running: Running,
    plans: Plan[],
    candidates: Candidate[],
    ladder: LadderOptions,
    onEvent: ((event: EmbedEvent) => void) | undefined,
  ) {
    this.model = ladder.card;
    this.dimensions = ladder.card.dimensions;
    this.space = spaceOf(ladder.card);
    this.running = running;
    this.bytesAtStart = bytesOf(running);
    this.plans = plans;
    this.candidates = candidates;
    this.ladder = ladder;
    this.onEvent = onEvent;
    this.scheduler = new Scheduler(running.hosts, {
      maxTokens: ladder.card.maxTokens,
      size: () => PART_SIZES[this.running.plan.device],
      recover: (reason) => this.recover(reason),
      onIdle: () => this.waitIdle(),
    });
  }

  get backend(): BackendReport {
    const { plan, adapter } = this.running;
    return { ...plan, adapter, candidates: this.candidates.map((candidate) => ({ ...candidate })) };
  }

  async embed(texts: string[], options: EmbedOptions = {}): Promise<EmbeddingBatch> {
    const job = buildJob(this.model, texts, options);
    if (this.disposed) throw new EmbedError('disposed', 'The embedder was disposed. Create another one.');
    clearTimeout(this.idle);
    return this.scheduler.run([...texts], job);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    clearTimeout(this.idle);
    this.scheduler.close(new EmbedError('disposed', 'The embedder was disposed while it worked.'));
    this.running.hosts.forEach((host) => host.dispose());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  private waitIdle(): void {
    if (bytesOf(this.running) - this.bytesAtStart <= MOST_GROWTH) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.giveBackMemory(), IDLE);
  }

  /** Starts the same backend anew; the old one works until the new one is there. */
  private async giveBackMemory(): Promise<void> {
    const before = this.running;
    const held = bytesOf(before);
    this.bytesAtStart = held; // when it fails: not again before it has grown further
    const climbing = climb([before.plan], this.ladder).finally(() => this.ladder.files.release());
    const fresh = await climbing.catch(() => undefined);
    if (!fresh) return;
    const { running } = fresh;
    if (this.disposed || this.running !== before) return running.hosts.forEach((host) => host.dispose());
    this.running = { ...running, candidate: before.candidate };
    this.bytesAtStart = bytesOf(running);
    this.scheduler.exchange(running.hosts);
    before.hosts.forEach((host) => host.dispose());
    const freed = Math.round((held - this.bytesAtStart) / 2 ** 20);
    notify(this.onEvent, {
      type: 'backend-restarted',
      reason: `${describe(running.plan)} gave back ${freed} MiB of memory`,
      backend: this.backend,
    });
  }

  /** The next candidate; the last one that is left is started anew. */
  private async recover(reason: unknown): Promise<EngineHost[]> {
    const failed = this.running;
    failed.hosts.forEach((host) => host.dispose());
    if (this.disposed) throw reason;
    const rest = this.plans.filter((plan) => plan !== failed.plan);
    const restart = rest.length === 0;
    if (restart && this.restarts++ === MOST_RESTARTS) throw reason;
    failed.candidate.outcome = 'failed';
    failed.candidate.reason = `failed during work: ${messageOf(reason)}`;
    if (!restart) this.plans = rest;
    const { running, tried } = await climb(this.plans, this.ladder).finally(() =>
      this.ladder.files.release(),
    );
    if (this.disposed) {
      running.hosts.forEach((host) => host.dispose());
      throw new EmbedError('disposed', 'The embedder was disposed while it worked.');
    }
    this.running = running;
    this.bytesAtStart = bytesOf(running);
    const again = new Set(tried.map(describe));
    this.candidates = [
      ...this.candidates.filter(
        (candidate) => candidate === failed.candidate || !again.has(describe(candidate)),
      ),
      ...tried,
    ];
    notify(this.onEvent, {
      type: restart ? 'backend-restarted' : 'backend-changed',
      reason: `${describe(failed.plan)} ${failed.candidate.reason}`,
      backend: this.backend,
    });
    return running.hosts;
  }
}

function bytesOf({ hosts }: Running): number {
  return hosts.reduce((sum, { memory = 0 }) => sum + memory, 0);
}
