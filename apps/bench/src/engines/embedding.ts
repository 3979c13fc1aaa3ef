/** What every embedding engine answers to `embed`. */
export interface EmbedRun {
  milliseconds: number;
  /** Vector of the first text, to see that all engines compute the same. */
  first: number[];
  /** Tokens that the model computed, special ones included; where the engine tells. */
  tokens?: number;
}

/** What every embedding engine takes. */
export interface EmbedInput {
  texts: string[];
}

/** Batch sizes that are tried to find an engine's best. */
export const BATCH_SIZES = [1, 2, 4, 8, 16, 32];

/** The batch size with which an engine is fastest on these texts, each tried twice, and how fast that is. */
export async function findBestBatch(
  texts: string[],
  embed: (texts: string[], batch: number) => Promise<unknown>,
): Promise<{ batch: number; milliseconds: number }> {
  let best = { batch: 1, milliseconds: Number.POSITIVE_INFINITY };
  for (let pass = 0; pass < 2; pass++) {
    for (const batch of BATCH_SIZES) {
      const started = performance.now();
      await embed(texts, batch);
      const milliseconds = performance.now() - started;
      if (pass > 0 && milliseconds < best.milliseconds) best = { batch, milliseconds };
    }
  }
  return best;
}
