import type { Embedder, EmbeddingBatch, EmbedOptions, Tokenizer } from '@burrow/embed';

/** A model that is loaded and verified, with its tokenizer in this worker. */
export class LoadedModel {
  readonly tokenizer: Tokenizer;
  #embedder: Embedder;
  /** Calls at work, by what they work with. */
  readonly #working = new Map<Embedder, Set<Promise<unknown>>>();

  constructor(embedder: Embedder, tokenizer: Tokenizer) {
    this.#embedder = embedder;
    this.tokenizer = tokenizer;
  }

  get embedder(): Embedder {
    return this.#embedder;
  }

  async embed(texts: string[], options: EmbedOptions): Promise<EmbeddingBatch> {
    const embedder = this.#embedder;
    const work = embedder.embed(texts, options);
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
