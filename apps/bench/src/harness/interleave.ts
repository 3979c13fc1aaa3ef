import { calibrate } from './calibration.ts';

/** Something that is measured beside others. */
export interface Contestant<T> {
  name: string;
  /** @param round from 0, repetitions that are thrown away counted in: the same for all contestants of a round */
  run(round: number): Promise<T>;
}

export interface InterleaveOptions {
  /** Repetitions that count. */
  rounds: number;
  /** Repetitions before, thrown away. Default 1. */
  warmUps?: number;
  signal: AbortSignal;
  onRound?: (done: number, of: number, name: string) => void;
}

/**
 * Runs contestants in turn, round after round, each round beginning with the next one, so that drift and neighbours hit
 * all alike. Returns one value for each round and contestant, in the order of rounds, and the calibration of each round.
 */
export async function interleave<T>(
  contestants: readonly Contestant<T>[],
  { rounds, warmUps = 1, signal, onRound }: InterleaveOptions,
): Promise<{ values: Map<string, T[]>; calibration: number[] }> {
  const values = new Map<string, T[]>(contestants.map(({ name }) => [name, []]));
  const calibration: number[] = [];
  const total = (rounds + warmUps) * contestants.length;
  let done = 0;
  calibrate(); // so that the engine has compiled it
  for (let round = -warmUps; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      signal.throwIfAborted();
      const contestant = contestants[(turn + round + warmUps) % contestants.length]!;
      onRound?.(done++, total, contestant.name);
      const value = await contestant.run(round + warmUps);
      if (round >= 0) values.get(contestant.name)!.push(value);
    }
    if (round >= 0) calibration.push(calibrate());
  }
  onRound?.(total, total, '');
  return { values, calibration };
}
