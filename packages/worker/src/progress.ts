import type { CallEvent } from './protocol.ts';
import type { WorkProgress } from './types.ts';

/** Adds up the progress of a write's slices, and estimates the rate and what is left. */
export class ProgressMeter {
  readonly #report: ((progress: WorkProgress) => void) | undefined;
  readonly #totalDocuments: number | undefined;
  readonly #started = performance.now();
  /** Passages embedded so far, by slice. */
  readonly #chunks = new Map<number, number>();
  #documents = 0;

  constructor(report: ((progress: WorkProgress) => void) | undefined, totalDocuments: number | undefined) {
    this.#report = report;
    this.#totalDocuments = totalDocuments;
  }

  /** Progress within a slice. */
  onEvent(slice: number, event: CallEvent): void {
    if (event.type !== 'progress') return;
    this.#chunks.set(slice, event.chunks);
    this.#emit(event.phase);
  }

  /** A slice is done: its documents are acknowledged or have failed. */
  onDocuments(count: number): void {
    this.#documents += count;
    this.#emit('storing');
  }

  #emit(phase: WorkProgress['phase']): void {
    if (!this.#report) return;
    const seconds = (performance.now() - this.#started) / 1000;
    let chunks = 0;
    for (const count of this.#chunks.values()) chunks += count;
    const total = this.#totalDocuments;
    const left = total === undefined || this.#documents === 0 ? undefined : total - this.#documents;
    this.#report({
      phase,
      documents: this.#documents,
      ...(total === undefined ? {} : { totalDocuments: total }),
      chunks,
      chunksPerSecond: seconds > 0 ? chunks / seconds : 0,
      ...(left === undefined ? {} : { secondsLeft: (left * seconds) / this.#documents }),
    });
  }
}
