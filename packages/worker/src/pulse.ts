/** A worker is asked for a sign of life this often at most, in milliseconds. */
const INTERVAL = 1000;
/** A silence is told when so much of the patience is used up, and again each time as much has passed. */
const SHARE = 6;

export interface PulseOptions {
  /** Asks for a sign of life. */
  ping: () => Promise<unknown>;
  /** Milliseconds of silence after which the worker is given up. */
  patience: number;
  /** Called now and then while it is silent, with the seconds of silence so far. */
  onSilence: (seconds: number) => void;
  onLost: () => void;
}

/**
 * Listens to a worker while it has something to answer. A browser tells when a worker has died, but not when its thread
 * hangs; such a one answers nothing at all. Time counts by what this thread has seen of it: a page or a device that slept
 * meanwhile is no silence.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked: Promise<void> | undefined;
  #silence = 0;
  #told = 0;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Starts to listen, where it does not already. */
  start(): void {
    if (this.#timer !== undefined) return;
    const interval = Math.min(INTERVAL, this.#options.patience / 8);
    this.#timer = setInterval(() => this.#beat(interval), interval);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#asked = undefined;
    this.#silence = this.#told = 0;
  }

  #beat(interval: number): void {
    const { ping, patience, onSilence, onLost } = this.#options;
    if (!this.#asked) {
      this.#silence = this.#told = 0;
      const asked: Promise<void> = ping().then(
        () => this.#answered(asked),
        () => this.#answered(asked),
      );
      this.#asked = asked;
      return;
    }
    this.#silence += interval;
    if (this.#silence >= patience) {
      this.stop();
      onLost();
    } else if (this.#silence - this.#told >= patience / SHARE) {
      this.#told = this.#silence;
      onSilence(Math.round(this.#silence / 1000));
    }
  }

  #answered(asked: Promise<void>): void {
    if (this.#asked === asked) this.#asked = undefined;
  }
}
