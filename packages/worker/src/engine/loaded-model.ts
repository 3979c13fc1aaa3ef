import type { Embedder, EmbeddingBatch, EmbedOptions, Tokenizer } from '@burrow/embed';
import type { VectorCache } from './vector-cache.ts';
import type { Waits } from './waits.ts';

/** A model that is loaded and verified, with its tokenizer in this worker. */
export class LoadedModel {
  readonly tokenizer: Tokenizer;
  readonly #cache: VectorCache;
  readonly #waits: Waits;
  #embedder: Embedder;
  /** Calls at work, by what they work with. */
  readonly #working = new Map<Embedder, Set<Promise<unknown>>>();

  constructor(embedder: Embedder, tokenizer: Tokenizer, cache: VectorCache, waits: Waits) {
    this.#waits = waits;
    this.#embedder = embedder;
    this.tokenizer = tokenizer;
    this.#cache = cache;
  }

  get embedder(): Embedder {
    return this.#embedder;
  }

  /** Embeds a query. */
  embedQuery(text: string, signal: AbortSignal): Promise<EmbeddingBatch> {
    return this.#work('the query to be embedded', (embedder) =>
      embedder.embed([text], { kind: 'query', signal }),
    );
  }

  /** Vectors of passages, row by row; those that were embedded before come out of the cache. */
  embedPassages(
    texts: string[],
    options: Pick<EmbedOptions, 'signal' | 'onProgress'>,
  ): Promise<{ data: Float32Array; dimensions: number }> {
    return this.#work(`${texts.length} passages to be embedded`, async (embedder) => ({
      data: await this.#cache.embed(embedder, texts, { ...options, kind: 'document' }),
      dimensions: embedder.dimensions,
    }));
  }

  async #work<T>(what: string, task: (embedder: Embedder) => Promise<T>): Promise<T> {
    const embedder = this.#embedder;
    const work = this.#waits.during(what, () => task(embedder));
    const working = this.#working.get(embedder) ?? new Set();
    this.#working.set(embedder, working.add(work));
    try {
      return await work;
    } finally {
      working.delete(work);
    }
  }

  /** Goes on with another embedder of the same space; the one before ends when what it is at is done. */
  async replace(embedder: Embedder): Promise<void> {
    const before = this.#embedder;
    this.#embedder = embedder;
    await this.#end(before);
  }

  /** Ends the model when what it is at is done. */
  retire(): Promise<void> {
    return this.#end(this.#embedder);
  }

  async #end(embedder: Embedder): Promise<void> {
    await Promise.allSettled(this.#working.get(embedder) ?? []);
    this.#working.delete(embedder);
    await embedder[Symbol.asyncDispose]();
  }
}
