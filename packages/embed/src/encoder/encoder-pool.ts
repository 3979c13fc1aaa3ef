import type { Pooling } from '../types.ts';
import { Encoder } from './encoder.ts';
import { planJob, runJob } from './encoder-job.ts';
import type { PackedModel } from './pack.ts';
import { embedShared, threadsFor } from './shared-pass.ts';
import { Thread } from './thread.ts';

/**
 * Several threads over the weights of one shared memory; the caller's is one of them. A call that comes while others
 * still work on the last one is begun at once: no thread waits for the slowest.
 */
export class EncoderPool {
  readonly #encoder: Encoder;
  readonly #helpers: Thread[];

  private constructor(encoder: Encoder, helpers: Thread[]) {
    this.#encoder = encoder;
    this.#helpers = helpers;
  }

  /**
   * @param url address of the built `encoder-worker.js`
   * @throws EmbedError `backend-failed` when a thread cannot start.
   */
  static async start(
    model: PackedModel,
    pooling: Pooling,
    threads: number,
    url: string,
  ): Promise<EncoderPool> {
    const helpers = Array.from({ length: threads - 1 }, () => new Thread(url));
    try {
      await Promise.all(helpers.map((helper) => helper.start({ model, pooling })));
    } catch (error) {
      for (const helper of helpers) helper.dispose();
      throw error;
    }
    return new EncoderPool(new Encoder(model, pooling), helpers);
  }

  /** One vector for each text, as `Encoder.embed`. */
  async embed(texts: readonly Int32Array[]): Promise<Float32Array> {
    const idle = this.#helpers.filter((helper) => helper.idle);
    const threads = threadsFor(texts, 1 + idle.length);
    if (threads > 1) return this.#embedShared(texts, idle.slice(0, threads - 1));
    const job = planJob(texts, this.#encoder.model.dimensions);
    const busy = Math.min(this.#helpers.length, job.units.length - 2);
    const helping = this.#helpers.slice(0, busy).map((helper) => helper.request({ type: 'run', job }));
    const all = Promise.all(helping);
    all.catch(() => undefined); // told below, after this thread's own part
    runJob(this.#encoder, job);
    await all;
    return job.out.slice();
  }

  /** Few texts, a query above all: threads that have nothing else to do share their rows. */
  #embedShared(texts: readonly Int32Array[], helpers: Thread[]): Float32Array {
    return embedShared(this.#encoder, texts, helpers.length + 1, (passes) =>
      helpers.forEach((helper, i) => {
        // A helper that fails lets this thread know where they meet.
        helper.request({ type: 'assist', pass: passes[i]! }).catch(() => undefined);
      }),
    );
  }

  dispose(): void {
    for (const helper of this.#helpers) helper.dispose();
  }
}
