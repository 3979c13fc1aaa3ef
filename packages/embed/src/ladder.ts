import type { BackendRequest } from './backends/backend.ts';
import type { Part } from './engine.ts';
import { EmbedError, messageOf } from './errors.ts';
import type { EngineHost, HostFactory } from './host.ts';
import { filesOf } from './models/card-files.ts';
import type { ModelFiles } from './models/model-files.ts';
import type { Plan } from './plan.ts';
import type { Candidate, EmbedAssets, LoadProgress, ModelCard } from './types.ts';
import { REFERENCE_TEXTS } from './models/reference-texts.ts';
import { type Reference, sane, verify } from './verify.ts';

export interface LadderOptions {
  card: ModelCard;
  files: ModelFiles;
  assets: EmbedAssets;
  reference: Reference | undefined;
  createHost: HostFactory;
  allowSoftwareAdapter: boolean;
  /** Milliseconds that a candidate may take from its start to its first vectors; a runtime may be downloaded in it. */
  startTimeout: number;
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
}

/** Errors of one candidate that another may be free of. */
const TRY_ON = new Set(['backend-failed', 'unsupported', 'not-found']);

/** Engines that were found to be right. */
export interface Running {
  plan: Plan;
  hosts: EngineHost[];
  adapter?: string;
  candidate: Candidate;
}

/**
 * Tries plans, each in fresh hosts, and keeps the fastest of those that reproduce the reference vectors.
 * @throws EmbedError `backend-failed` when none does; its message has every candidate's reason.
 */
export async function climb(
  plans: Plan[],
  options: LadderOptions,
): Promise<{ running: Running; tried: Candidate[] }> {
  const tried: Candidate[] = [];
  let best: Running | undefined;
  for (const plan of plans) {
    const spared = needless(plan, tried);
    if (spared) {
      tried.push({ ...plan, outcome: 'slower', reason: `not tried: ${spared}` });
      continue;
    }
    const result = await tryPlan(plan, options, plans.length > 1);
    if (!('hosts' in result)) {
      tried.push(result);
      continue;
    }
    tried.push(result.candidate);
    const failed = best && (await race([best, result], options));
    if (failed === result) continue;
    if (!best || failed) {
      best = result;
      continue;
    }
    const [faster, slower] = rate(result) > rate(best) ? [result, best] : [best, result];
    slower.hosts.forEach((host) => host.dispose());
    slower.candidate.outcome = 'slower';
    slower.candidate.reason = `correct, but slower than ${describe(faster.plan)}`;
    best = faster;
  }
  if (!best) {
    const reasons = tried.map((candidate) => `${describe(candidate)}: ${candidate.reason}`).join('; ');
    throw new EmbedError('backend-failed', `No backend could run ${options.card.id}. ${reasons}`);
  }
  return { running: best, tried };
}

/** Why a plan need not be tried after what was found. */
function needless(plan: Plan, tried: Candidate[]): string | undefined {
  const correct = tried.filter(
    ({ outcome, cosine }) => (outcome === 'chosen' || outcome === 'slower') && cosine,
  );
  const format = correct.find(({ device, dtype }) => device === plan.device && dtype !== plan.dtype);
  if (format) return `on ${plan.device}, ${format.dtype} is faster and correct`;
  const kernels = plan.device === 'wasm' && correct.some(({ device }) => device === 'kernels');
  return kernels
    ? 'the kernels are correct, were faster wherever both were measured, and need no runtime'
    : undefined;
}

/** Rounds in which two correct candidates are timed, in turn. */
const ROUNDS = 3;

/**
 * Times candidates in turn, so that none has the later rounds, when the machine has warmed up and compiled more, to itself;
 * what counts is the best round of each. Gives the one that failed in it, disposed of.
 */
async function race(sides: Running[], options: LadderOptions): Promise<Running | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of sides) {
      try {
        await within(options.startTimeout, options.signal, () => measure(side, options));
      } catch (error) {
        const ended = options.signal?.aborted ? sides : [side];
        for (const { hosts } of ended) hosts.forEach((host) => host.dispose());
        options.signal?.throwIfAborted();
        Object.assign(side.candidate, { outcome: 'failed', reason: messageOf(error) });
        return side;
      }
    }
  }
  return undefined;
}

/** Reference texts a second, over all hosts; the best of all times that it was measured. */
async function measure({ hosts, candidate }: Running, options: LadderOptions): Promise<void> {
  const part = referencePart(options);
  const started = performance.now();
  await Promise.all(hosts.map((host) => host.embed(part)));
  const seconds = Math.max(1e-5, (performance.now() - started) / 1000);
  const measured = (part.texts.length * hosts.length) / seconds;
  candidate.textsPerSecond = Math.max(candidate.textsPerSecond ?? 0, measured);
}

const referencePart = ({ card, reference }: LadderOptions): Part => ({
  texts: reference?.texts ?? REFERENCE_TEXTS,
  prefix: '',
  dimensions: card.dimensions,
});

const rate = ({ candidate }: Running): number => candidate.textsPerSecond ?? 0;

/** A plan in words. */
export function describe({ device, dtype, threads, workers }: Plan): string {
  const cores = threads > 1 ? `, ${threads} threads` : workers > 1 ? `, ${workers} workers` : '';
  return `${device} ${dtype}${cores}`;
}

async function tryPlan(plan: Plan, options: LadderOptions, compare: boolean): Promise<Running | Candidate> {
  const { card, signal } = options;
  const hosts: EngineHost[] = [];
  const giveUp = (
    outcome: 'failed' | 'incorrect',
    reason: string,
    more: Partial<Candidate> = {},
  ): Candidate => {
    hosts.forEach((host) => host.dispose());
    return { ...plan, outcome, reason, ...more };
  };
  const abort = (): void => hosts.forEach((host) => host.dispose());
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    options.onProgress?.({ phase: 'start', device: plan.device, dtype: plan.dtype, threads: plan.threads });
    const requests = await buildRequests(plan, options);
    const reference = await referenceFor(plan, options);
    const started = performance.now();
    for (const _ of requests) hosts.push(options.createHost());
    const part = referencePart(options);
    const { reports, results } = await within(options.startTimeout, signal, async () => {
      const reports = await Promise.all(requests.map((request, i) => hosts[i]!.start(request)));
      return { reports, results: await Promise.all(hosts.map((host) => host.embed(part))) };
    });
    const candidate: Candidate = { ...plan, outcome: 'chosen', reason: '' };
    candidate.startMilliseconds = performance.now() - started;
    for (const { data } of results) {
      const verdict = reference ? verify(card, plan.dtype, reference, data) : sane(data, card.dimensions);
      candidate.cosine = verdict.cosine;
      candidate.reason = verdict.reason;
      if (!verdict.correct) return giveUp('incorrect', verdict.reason, { cosine: verdict.cosine });
    }
    const running: Running = { plan, hosts, adapter: reports[0]?.adapter, candidate };
    if (compare) await within(options.startTimeout, signal, () => measure(running, options));
    signal?.throwIfAborted();
    return running;
  } catch (error) {
    if (signal?.aborted) {
      giveUp('failed', 'aborted');
      throw signal.reason;
    }
    // A model that cannot be had, or is damaged, is no better on another device; only its other formats may be there.
    if (error instanceof EmbedError && !TRY_ON.has(error.code)) {
      giveUp('failed', error.message);
      throw error;
    }
    return giveUp('failed', messageOf(error));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/**
 * What a plan is compared with: the card's reference; for a GPU and a card without one, the CPU's own vectors from the same
 * file, worked out once for each revision. On the CPU itself such a card has to be believed.
 */
async function referenceFor(plan: Plan, options: LadderOptions): Promise<Reference | undefined> {
  const { card, files, reference } = options;
  if (reference || plan.device === 'wasm' || card.kind !== 'onnx') return reference;
  const texts = REFERENCE_TEXTS;
  const name = `reference-${plan.dtype}.f32`;
  const kept = await files.recall(name);
  if (kept?.byteLength === texts.length * card.dimensions * 4) {
    return { texts, vectors: new Float32Array(new Uint8Array(kept).buffer) };
  }
  const cpu: Plan = { device: 'wasm', dtype: plan.dtype, threads: 1, workers: 1 };
  const [request] = await buildRequests(cpu, options);
  const host = options.createHost();
  try {
    await host.start(request!);
    const { data } = await host.embed({ texts, prefix: '', dimensions: card.dimensions });
    const verdict = sane(data, card.dimensions);
    if (!verdict.correct)
      throw new EmbedError('backend-failed', `the CPU gives no reference: ${verdict.reason}`);
    await files.remember(name, new Uint8Array(data.buffer.slice(0) as ArrayBuffer));
    return { texts, vectors: data };
  } finally {
    host.dispose();
  }
}

async function within<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const late = (): void =>
      reject(new EmbedError('backend-failed', `gave no vectors within ${milliseconds / 1000} s`));
    const timer = setTimeout(late, milliseconds);
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    signal?.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    over.abort();
  }
}

/** One request for each worker, with its own copy of the files. */
async function buildRequests(
  plan: Plan,
  { card, files, assets, allowSoftwareAdapter }: LadderOptions,
): Promise<BackendRequest[]> {
  const names = filesOf(card, plan.dtype);
  const contents = await Promise.all(names.map((name) => files.read(name)));
  return Array.from({ length: plan.workers }, () => ({
    card,
    device: plan.device,
    dtype: plan.dtype,
    threads: plan.threads,
    assets,
    allowSoftwareAdapter,
    files: Object.fromEntries(names.map((name, i) => [name, contents[i]!.slice()])),
  }));
}
