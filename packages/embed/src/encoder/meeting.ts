import { EmbedError } from '../errors.ts';

// Shared between the threads of one pass: how many have arrived, how often all had, and whether one gave up.
const ARRIVED = 0;
const ROUND = 1;
const BROKEN = 2;
/** Tries before a thread goes to sleep: some dozens of microseconds, less than waking it takes. */
const SPINS = 20_000;
/** A thread that sleeps looks up so often (ms) and gives up after so many times; while a device sleeps, so does the count. */
const PATIENCE = { milliseconds: 500, times: 10 };
/** A page's own thread may not. */
const MAY_SLEEP = !('document' in globalThis);

/** Where threads wait for each other between the steps of one pass. */
export class Meeting {
  readonly #state: Int32Array;
  readonly #threads: number;

  /** @param state made by `Meeting.room`, the same for all threads */
  constructor(state: Int32Array, threads: number) {
    this.#state = state;
    this.#threads = threads;
  }

  /** Shared numbers for one pass. */
  static room(): Int32Array {
    return new Int32Array(new SharedArrayBuffer(12));
  }

  /**
   * Returns when every thread is here.
   * @throws EmbedError `backend-failed` when one gave up, or does not come within 5 seconds.
   */
  wait(): void {
    const state = this.#state;
    const round = Atomics.load(state, ROUND);
    if (Atomics.add(state, ARRIVED, 1) + 1 === this.#threads) {
      Atomics.store(state, ARRIVED, 0);
      this.#open();
    } else this.#waitFor(round);
    if (Atomics.load(state, BROKEN) !== 0)
      throw new EmbedError('backend-failed', 'A thread of the encoder gave up a text that several work on.');
  }

  /** Lets the others go, who throw. */
  break(): void {
    Atomics.store(this.#state, BROKEN, 1);
    this.#open();
  }

  #open(): void {
    Atomics.add(this.#state, ROUND, 1);
    Atomics.notify(this.#state, ROUND);
  }

  #waitFor(round: number): void {
    const state = this.#state;
    const waiting = (): boolean => Atomics.load(state, ROUND) === round && Atomics.load(state, BROKEN) === 0;
    for (let i = 0; i < SPINS; i++) if (!waiting()) return;
    for (let i = 0; waiting(); i++) {
      if (i === PATIENCE.times)
        throw new EmbedError('backend-failed', 'A thread of the encoder does not answer any more.');
      if (MAY_SLEEP) Atomics.wait(state, ROUND, round, PATIENCE.milliseconds);
      else {
        const until = performance.now() + PATIENCE.milliseconds;
        while (waiting() && performance.now() < until);
      }
    }
  }
}
