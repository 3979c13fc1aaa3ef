import { EventEmitter, once } from 'node:events';
import type { OperationKind, Outcome, Verification } from './operations.ts';
import type { Oracle } from './oracle.ts';
import type { Planned, Planner } from './planner.ts';

interface Events {
  /** A tab loads, and is about to open the index. */
  hello: [tab: string];
  opened: [tab: string];
  verified: [verification: Verification];
  /** An operation that the round waits for was handed out. */
  begun: [kind: OperationKind];
  trouble: [message: string];
}

/** What one start of the browser is asked to do and what it answers, until it is killed. */
export class Session extends EventEmitter<Events> {
  /** Number of the round, as the tabs' addresses have it. */
  readonly round: string;
  readonly #planner: Planner;
  readonly #oracle: Oracle;
  readonly #open = new Map<number, Planned & { tab: string; started: number }>();
  readonly #durations: Map<string, number>;
  #verification: 'due' | 'running' | 'done' = 'due';
  #wanted: OperationKind | undefined;
  #untilWanted = 0;
  #paused = false;
  #over = false;

  constructor(round: number, planner: Planner, oracle: Oracle, durations: Map<string, number>) {
    super();
    this.round = String(round);
    this.#planner = planner;
    this.#oracle = oracle;
    this.#durations = durations;
  }

  /** After so many other operations, one of this kind is handed out, and `begun` is emitted. */
  want(kind: OperationKind, after: number): void {
    this.#wanted = kind;
    this.#untilWanted = after;
  }

  /** From now on nothing is handed out. */
  pause(): void {
    this.#paused = true;
  }

  /** The browser is gone; requests that still arrive count for nothing. */
  end(): void {
    this.#over = true;
    this.emit('trouble', 'over');
  }

  /** Answers a tab. */
  async answer(
    path: string,
    { tab, round }: { tab: string; round: string },
    body: unknown,
  ): Promise<unknown> {
    // What a browser sent just before it was killed may arrive when the next one runs.
    if (this.#over || round !== this.round) return new Promise(() => {});
    switch (path) {
      case 'hello':
        this.emit('hello', tab);
        return { name: 'torture', model: this.#planner.model };
      case 'opened':
        this.emit('opened', tab);
        return {};
      case 'next':
        return this.#next(tab);
      case 'done':
        this.#done(body as Outcome);
        return {};
      case 'notice':
        this.emit('trouble', `Notice in tab ${tab}: ${(body as { message: string }).message}`);
        return {};
      case 'failed':
        this.emit('trouble', `Tab ${tab} could not open the index: ${(body as { error: string }).error}`);
        return {};
      default:
        throw new Error(`Nobody asks for ${path}.`);
    }
  }

  async #next(tab: string): Promise<unknown> {
    if (this.#verification === 'running') await once(this, 'verified');
    if (this.#paused || this.#over) return new Promise(() => {});
    let planned: Planned;
    if (this.#verification === 'due') {
      this.#verification = 'running';
      planned = this.#planner.verification();
    } else if (this.#wanted && this.#untilWanted-- <= 0) {
      planned = this.#planner.next(this.#wanted);
      this.emit('begun', this.#wanted);
      this.#wanted = undefined;
    } else planned = this.#planner.next();
    this.#oracle.begin(planned.contents);
    this.#open.set(planned.operation.number, { ...planned, tab, started: performance.now() });
    return planned.operation;
  }

  #done({ number, error, verification }: Outcome): void {
    const planned = this.#open.get(number);
    if (!planned) return;
    this.#open.delete(number);
    const { kind } = planned.operation;
    if (error !== undefined) {
      // What became of it shows at the next start.
      this.emit('trouble', `${kind} failed: ${error}`);
      if (kind === 'verify') this.#verification = 'due';
      return;
    }
    if (kind !== 'verify') {
      const took = performance.now() - planned.started;
      this.#durations.set(kind, ((this.#durations.get(kind) ?? took) + took) / 2);
      this.#oracle.acknowledge(planned.contents);
      this.#planner.noteGone(planned);
    } else {
      this.#verification = 'done';
      this.emit('verified', verification!);
    }
  }
}
