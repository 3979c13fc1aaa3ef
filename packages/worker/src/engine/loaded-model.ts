import type { Embedder, EmbeddingBatch, EmbedOptions, Tokenizer } from '@burrow/embed';

/** A model that is loaded and verified, with its tokenizer in this worker. */
export class LoadedModel {
  readonly embedder: Embedder;
  readonly tokenizer: Tokenizer;
  #working = 0;
  #retired = false;
  #disposed: (() => void) | undefined;

  constructor(embedder: Embedder, tokenizer: Tokenizer) {
    this.embedder = embedder;
    this.tokenizer = tokenizer;
  }

  async embed(texts: string[], options: EmbedOptions): Promise<EmbeddingBatch> {
    this.#working++;
    try {
      return await this.embedder.embed(texts, options);
    } finally {
      this.#working--;
      if (this.#working === 0) this.#disposed?.();
    }
  }

  /** Ends the model when what it is at is done. */
  async retire(): Promise<void> {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#working > 0) await new Promise<void>((resolve) => (this.#disposed = resolve));
    await this.embedder[Symbol.asyncDispose]();
  }
}
