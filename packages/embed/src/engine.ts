import type { Backend, BackendRequest } from './backends/backend.ts';
import { createHashBackend, HashEncoder } from './backends/hash.ts';
import { createKernelsBackend } from './backends/kernels.ts';
import { createOnnxBackend } from './backends/onnx.ts';
import { createStaticBackend } from './backends/static.ts';
import { batchByLength } from './batching.ts';
import { createDense, pooledDimensions } from './dense.ts';
import { EmbedError } from './errors.ts';
import { ModelTokenizer, type SequenceEncoder } from './tokenizer.ts';
import { cutRows, normalizeRows } from './vectors.ts';

/** Texts that are embedded in one go. */
export interface Part {
  texts: string[];
  /** Put before each text. */
  prefix: string;
  dimensions: number;
}

export interface PartResult {
  /** texts × dimensions. */
  data: Float32Array;
  tokens: Uint32Array;
  /** 1 where a text was cut. */
  truncated: Uint8Array;
  /** Bytes of WebAssembly memory that the backend holds, where it knows. */
  memory?: number;
}

/** What a started engine tells of itself. */
export interface EngineReport {
  adapter?: string;
}

/** A tokenizer and a backend: text to vectors. Runs in a worker, or in the caller's realm. */
export class Engine {
  readonly report: EngineReport;
  private readonly request: BackendRequest;
  private readonly encoder: SequenceEncoder;
  private readonly backend: Backend;
  private readonly dense: (rows: Float32Array) => Float32Array;

  private constructor(request: BackendRequest, encoder: SequenceEncoder, backend: Backend) {
    this.request = request;
    this.encoder = encoder;
    this.backend = backend;
    this.dense = createDense(request.card, request.files);
    this.report = { adapter: backend.adapter };
  }

  static async start(request: BackendRequest): Promise<Engine> {
    if (request.device === 'hash')
      return new Engine(request, new HashEncoder(), createHashBackend(request.card));
    const tokenizer = tokenizerOf(request);
    return new Engine(request, tokenizer, await createBackend(request, tokenizer));
  }

  async embed({ texts, prefix, dimensions }: Part): Promise<PartResult> {
    const { card } = this.request;
    const sequences = texts.map((text) => this.encoder.sequence(prefix + text));
    const lengths = sequences.map(({ ids }) => ids.length);
    const width = pooledDimensions(card);
    const pooled = new Float32Array(texts.length * width);
    for (const batch of batchByLength(lengths, this.backend.tokenBudget)) {
      const vectors = await this.backend.embed(Array.from(batch, (index) => sequences[index]!.ids));
      batch.forEach((index, row) => {
        pooled.set(vectors.subarray(row * width, (row + 1) * width), index * width);
      });
    }
    const data = cutRows(this.dense(pooled), card.dimensions, dimensions);
    if (card.normalize) normalizeRows(data, dimensions);
    return {
      data,
      tokens: Uint32Array.from(lengths),
      truncated: Uint8Array.from(sequences, ({ truncated }) => (truncated ? 1 : 0)),
      memory: this.backend.memory?.(),
    };
  }

  async dispose(): Promise<void> {
    await this.backend.dispose();
  }
}

function tokenizerOf({ card, files }: BackendRequest): ModelTokenizer {
  const text = (name: string | undefined): string | undefined =>
    name !== undefined && files[name] ? new TextDecoder().decode(files[name]) : undefined;
  const json = text(card.files.tokenizer);
  if (json === undefined) throw new EmbedError('invalid-model', `${card.id} has no ${card.files.tokenizer}.`);
  return new ModelTokenizer(card, json, text(card.files.tokenizerConfig));
}

async function createBackend(request: BackendRequest, tokenizer: ModelTokenizer): Promise<Backend> {
  switch (request.device) {
    case 'static':
      return createStaticBackend(request, tokenizer.unknown);
    case 'kernels':
      return createKernelsBackend(request, request.assets.encoderWorker);
    case 'wasm':
    case 'webgpu':
      return createOnnxBackend(request);
    case 'hash':
      return createHashBackend(request.card);
  }
}
