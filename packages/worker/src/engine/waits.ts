/**
 * What an engine is waiting for at this moment, in words. Nothing is to wait without a name: a call that takes too long
 * can then say why, instead of being silent.
 */
export class Waits {
  readonly #open = new Set<{ what: string; since: number }>();

  /** Runs work, and counts it as waited for until it is settled. */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    const wait = { what, since: performance.now() };
    this.#open.add(wait);
    try {
      return await work();
    } finally {
      this.#open.delete(wait);
    }
  }

  /** All that is waited for, the longest first, each with its seconds. */
  list(): string[] {
    const now = performance.now();
    return [...this.#open].map(({ what, since }) => `${what} (${((now - since) / 1000).toFixed(1)} s)`);
  }
}
