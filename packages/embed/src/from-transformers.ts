import { EmbedError, messageOf } from './errors.ts';
import type { Part, PartResult } from './engine.ts';
import type { EngineHost } from './host.ts';
import { buildJob } from './job.ts';
import { Scheduler } from './scheduler.ts';
import { spaceOf } from './space.ts';
import type {
  BackendReport,
  Candidate,
  Embedder,
  EmbeddingBatch,
  EmbedOptions,
  ModelCard,
  Pooling,
} from './types.ts';
import { cutRows, normalizeRows } from './vectors.ts';

/** What is used of a feature-extraction pipeline of transformers.js. */
export interface FeatureExtractor {
  (
    texts: string[],
    options: { pooling: string; normalize: boolean },
  ): Promise<{ data: ArrayLike<number>; dims: number[] }>;
  tokenizer?: { encode?(text: string): { length: number } };
  dispose?(): Promise<unknown>;
}

/** What has to be said about the model: the pipeline does not know it. */
export type TransformersModel = Partial<ModelCard> & Pick<ModelCard, 'id' | 'dimensions'>;

const POOLING: Partial<Record<Pooling, string>> = { mean: 'mean', cls: 'cls', last: 'last_token' };
const poolingOf = ({ pooling }: ModelCard): string | undefined =>
  Array.isArray(pooling) ? undefined : POOLING[pooling];
const PART = { tokens: 1024, texts: 8 };

/**
 * An embedder over a pipeline of transformers.js, for models that nothing lighter can load. Batching, order, queries before
 * documents, prefixes and abort are this package's; speed and right answers are the pipeline's: nothing is verified here.
 *
 * ```ts
 * const extractor = await pipeline('feature-extraction', 'owner/model');
 * const embedder = fromTransformers(extractor, { id: 'owner/model', dimensions: 768 });
 * ```
 */
export function fromTransformers(extractor: FeatureExtractor, model: TransformersModel): Embedder {
  const card: ModelCard = {
    revision: 'main',
    kind: 'onnx',
    maxTokens: 512,
    pooling: 'mean',
    normalize: true,
    prefixes: { query: '', document: '' },
    similarity: 'cosine',
    languages: [],
    licence: 'see the model’s page',
    fusionWeight: 0.4,
    files: { tokenizer: '', weights: {} },
    bytes: {},
    sources: { '*': 'given to fromTransformers' },
    ...model,
    verified: false,
  };
  if (poolingOf(card) === undefined || card.dense) {
    const what = card.dense ? 'dense layers' : `${[card.pooling].join(' and ')} pooling`;
    throw new EmbedError(
      'unsupported',
      `transformers.js has no ${what}. Use mean, cls or last pooling alone.`,
    );
  }
  return new TransformersEmbedder(extractor, card);
}

class TransformersEmbedder implements Embedder {
  readonly model: ModelCard;
  readonly space: string;
  readonly dimensions: number;
  readonly backend: BackendReport;
  private readonly extractor: FeatureExtractor;
  private readonly scheduler: Scheduler;
  private disposed = false;

  constructor(extractor: FeatureExtractor, card: ModelCard) {
    this.extractor = extractor;
    this.model = card;
    this.space = spaceOf(card);
    this.dimensions = card.dimensions;
    const plan = { device: 'wasm' as const, dtype: 'fp32' as const, threads: 1, workers: 1 };
    const candidate: Candidate = {
      ...plan,
      outcome: 'chosen',
      reason: 'given: a pipeline of transformers.js, which chooses its own device',
    };
    this.backend = { ...plan, candidates: [candidate] };
    const host: EngineHost = {
      start: async () => ({}),
      embed: (part) => runPipeline(extractor, card, part),
      dispose: () => {},
    };
    this.scheduler = new Scheduler([host], {
      maxTokens: card.maxTokens,
      size: () => PART,
      recover: async (reason) => {
        throw new EmbedError('backend-failed', `The pipeline failed: ${messageOf(reason)}`, {
          cause: reason,
        });
      },
    });
  }

  async embed(texts: string[], options: EmbedOptions = {}): Promise<EmbeddingBatch> {
    const job = buildJob(this.model, texts, options);
    if (this.disposed) throw new EmbedError('disposed', 'The embedder was disposed. Create another one.');
    return this.scheduler.run([...texts], job);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.scheduler.close(new EmbedError('disposed', 'The embedder was disposed while it worked.'));
    await this.extractor.dispose?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

async function runPipeline(extractor: FeatureExtractor, card: ModelCard, part: Part): Promise<PartResult> {
  const texts = part.texts.map((text) => part.prefix + text);
  const { data, dims } = await extractor(texts, { pooling: poolingOf(card)!, normalize: false });
  if (dims.at(-1) !== card.dimensions) {
    throw new EmbedError(
      'invalid-model',
      `The pipeline gives ${dims.at(-1)} dimensions, not ${card.dimensions}.`,
    );
  }
  const vectors = cutRows(Float32Array.from(data), card.dimensions, part.dimensions);
  if (card.normalize) normalizeRows(vectors, part.dimensions);
  const lengths = texts.map((text) => extractor.tokenizer?.encode?.(text).length ?? 0);
  return {
    data: vectors,
    tokens: Uint32Array.from(lengths, (length) => Math.min(length, card.maxTokens)),
    truncated: Uint8Array.from(lengths, (length) => (length > card.maxTokens ? 1 : 0)),
  };
}
