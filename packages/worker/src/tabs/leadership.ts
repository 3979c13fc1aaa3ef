/**
 * Which tab's engine worker holds the files: the one with the Web Lock. The lock goes to the next in line when
 * its holder closes, crashes or is killed, and cannot be held by two.
 */
export class Leadership {
  readonly #lockName: string;
  readonly #waiting = new AbortController();
  #release: (() => void) | undefined;

  constructor(name: string) {
    this.#lockName = `burrow:leader:${name}`;
  }

  /**
   * Takes the lead at once where nobody has it (resolves to true), else stands in line: `onElected` is called
   * when this worker's turn has come. Without Web Locks every worker leads; the store then refuses the second.
   */
  async join(onElected: () => void): Promise<boolean> {
    const { locks } = navigator;
    if (!locks) return true;
    const hold = (): Promise<void> =>
      new Promise((resolve) => {
        this.#release = resolve;
      });
    const taken = await new Promise<boolean>((resolve, reject) => {
      locks
        .request(this.#lockName, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock ? hold() : undefined;
        })
        .catch(reject);
    });
    if (!taken) {
      const queue = { signal: this.#waiting.signal };
      locks
        .request(this.#lockName, queue, () => {
          onElected();
          return hold();
        })
        .catch(() => {
          // Left the line on purpose.
        });
    }
    return taken;
  }

  /** Gives the lead to the next in line, or leaves the line. */
  leave(): void {
    this.#waiting.abort();
    this.#release?.();
  }
}
