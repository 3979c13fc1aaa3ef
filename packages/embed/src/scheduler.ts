import type { Part, PartResult } from './engine.ts';
import { batchByLength } from './batching.ts';
import type { EngineHost } from './host.ts';
import type { EmbeddingBatch, EmbedProgress } from './types.ts';

export interface JobOptions {
  prefix: string;
  dimensions: number;
  urgent: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: EmbedProgress) => void;
}

/** How large the pieces are that a job is cut into; a job can be overtaken or aborted between two of them. */
export interface PartSize {
  tokens: number;
  texts: number;
  /** Parts that an engine is given at a time, so that it need not wait for the next one. Default: 1. */
  ahead?: number;
}

interface Job extends JobOptions {
  texts: string[];
  /** Indices of texts, part by part. */
  parts: Uint32Array[];
  batch: EmbeddingBatch;
  done: number;
  doneTokens: number;
  settled: boolean;
  resolve(batch: EmbeddingBatch): void;
  reject(reason: unknown): void;
}

/** Latin text has about four characters a token: good enough to put texts of a length together. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Hands parts of jobs to engines: urgent jobs first, else first come, first served. When an engine fails, its part is put
 * back and done again by what `recover` brings; the caller sees nothing of it.
 */
export class Scheduler {
  private readonly urgent: Job[] = [];
  private readonly normal: Job[] = [];
  private idle: EngineHost[];
  private readonly size: () => PartSize;
  private readonly maxTokens: number;
  private readonly recover: (reason: unknown) => Promise<EngineHost[]>;
  private readonly onIdle: (() => void) | undefined;
  private recovering: Promise<void> | undefined;
  private generation = 0;
  private working = 0;
  private closed: unknown;

  constructor(
    hosts: EngineHost[],
    options: {
      maxTokens: number;
      size: () => PartSize;
      recover: (reason: unknown) => Promise<EngineHost[]>;
      /** Called when there is nothing left to do. */
      onIdle?: () => void;
    },
  ) {
    this.size = options.size;
    this.idle = this.slots(hosts);
    this.maxTokens = options.maxTokens;
    this.recover = options.recover;
    this.onIdle = options.onIdle;
  }

  run(texts: string[], options: JobOptions): Promise<EmbeddingBatch> {
    return new Promise((resolve, reject) => {
      options.signal?.throwIfAborted();
      const { dimensions } = options;
      const batch: EmbeddingBatch = {
        data: new Float32Array(texts.length * dimensions),
        count: texts.length,
        dimensions,
        tokens: new Uint32Array(texts.length),
        truncated: [],
      };
      const lengths = texts.map((text) => Math.min(this.maxTokens, 1 + text.length / CHARACTERS_PER_TOKEN));
      const parts = batchByLength(lengths, this.size().tokens, this.size().texts);
      const job: Job = {
        ...options,
        texts,
        parts,
        batch,
        done: 0,
        doneTokens: 0,
        settled: false,
        resolve,
        reject,
      };
      if (this.closed !== undefined) return reject(this.closed);
      if (texts.length === 0) return resolve(batch);
      const abort = (): void => this.settle(job, () => reject(options.signal!.reason));
      options.signal?.addEventListener('abort', abort, { once: true });
      job.resolve = (batch) => {
        options.signal?.removeEventListener('abort', abort);
        resolve(batch);
      };
      (options.urgent ? this.urgent : this.normal).push(job);
      this.pump();
    });
  }

  /** Goes on with other engines; what the ones before are at is taken when they are done, or done again. */
  exchange(hosts: EngineHost[]): void {
    this.generation++;
    this.idle = this.slots(hosts);
    this.pump();
  }

  /** Rejects what is open and takes no more. */
  close(reason: unknown): void {
    this.closed = reason;
    for (const job of [...this.urgent, ...this.normal]) this.settle(job, () => job.reject(reason));
  }

  /** Each engine as often as it takes parts at a time. */
  private slots(hosts: EngineHost[]): EngineHost[] {
    return Array.from({ length: this.size().ahead ?? 1 }, () => hosts).flat();
  }

  private settle(job: Job, how: () => void): void {
    if (job.settled) return;
    job.settled = true;
    job.parts.length = 0;
    for (const queue of [this.urgent, this.normal]) {
      const at = queue.indexOf(job);
      if (at >= 0) queue.splice(at, 1);
    }
    how();
  }

  private pump(): void {
    while (this.idle.length > 0 && !this.recovering) {
      const job = [...this.urgent, ...this.normal].find((job) => job.parts.length > 0);
      if (!job) return;
      void this.work(this.idle.pop()!, job, job.parts.shift()!);
    }
  }

  private async work(host: EngineHost, job: Job, indices: Uint32Array): Promise<void> {
    const { generation } = this;
    const part: Part = {
      texts: Array.from(indices, (index) => job.texts[index]!),
      prefix: job.prefix,
      dimensions: job.dimensions,
    };
    let result: PartResult;
    this.working++;
    try {
      result = await host.embed(part);
    } catch (reason) {
      this.working--;
      if (!job.settled) job.parts.unshift(indices);
      if (generation === this.generation) void this.replaceHosts(reason);
      else this.pump();
      return;
    }
    this.working--;
    if (!job.settled) this.accept(job, indices, result);
    if (generation === this.generation) this.idle.push(host);
    this.pump();
    if (this.working === 0 && this.closed === undefined) this.onIdle?.();
  }

  private accept(job: Job, indices: Uint32Array, { data, tokens, truncated }: PartResult): void {
    const { batch, dimensions } = job;
    indices.forEach((index, row) => {
      batch.data.set(data.subarray(row * dimensions, (row + 1) * dimensions), index * dimensions);
      batch.tokens[index] = tokens[row]!;
      job.doneTokens += tokens[row]!;
      if (truncated[row]) batch.truncated.push(index);
    });
    job.done += indices.length;
    try {
      job.onProgress?.({ done: job.done, total: batch.count, tokens: job.doneTokens });
    } catch (error) {
      // The caller's own fault must not cost others their engine.
      return this.settle(job, () => job.reject(error));
    }
    if (job.done === batch.count) {
      batch.truncated.sort((a, b) => a - b);
      this.settle(job, () => job.resolve(batch));
    }
  }

  /** One recovery at a time; every engine of the old generation is given up. */
  private async replaceHosts(reason: unknown): Promise<void> {
    if (this.recovering || this.closed !== undefined) return;
    this.generation++;
    this.idle = [];
    this.recovering = this.recover(reason).then(
      (hosts) => {
        this.idle = this.slots(hosts);
      },
      (error: unknown) => this.close(error),
    );
    await this.recovering;
    this.recovering = undefined;
    this.pump();
  }
}
