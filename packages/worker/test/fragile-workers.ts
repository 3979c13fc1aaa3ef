/** Code that runs in the engine worker, besides the engine: stands still for so many milliseconds when it is told. */
const FREEZER = `addEventListener('message', ({ data }) => {
  if (!data?.freeze) return;
  postMessage({ frozen: true });
  for (const end = performance.now() + data.freeze; performance.now() < end; );
});`;

/** Engine workers that can be killed and frozen from outside. */
export class FragileWorkers {
  readonly #before: string;
  readonly #workers: Worker[] = [];

  /** @param before code that runs in each worker before the engine is there */
  constructor(before = '') {
    this.#before = before;
  }

  /** For `openSearch`. */
  readonly create = (url: string): Worker => {
    const before = addressOf(this.#before);
    const code = `import ${JSON.stringify(before)};\nimport ${JSON.stringify(url)};\n${FREEZER}`;
    const worker = new Worker(addressOf(code), { type: 'module' });
    this.#workers.push(worker);
    return worker;
  };

  /** How many were started. */
  get started(): number {
    return this.#workers.length;
  }

  kill(): void {
    this.#workers.at(-1)?.terminate();
  }

  freeze(milliseconds: number): Promise<void> {
    const worker = this.#workers.at(-1)!;
    return new Promise((resolve) => {
      worker.addEventListener('message', ({ data }) => data?.frozen && resolve());
      worker.postMessage({ freeze: milliseconds });
    });
  }
}

function addressOf(code: string): string {
  return URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
}
