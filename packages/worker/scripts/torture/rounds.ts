import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Browser } from './browser.ts';
import type { OperationKind } from './operations.ts';
import type { Random } from './random.ts';
import type { Session } from './session.ts';

/** What is going on when the browser is killed. */
export type Phase =
  | 'opening'
  | 'import'
  | 'update'
  | 'remove'
  | 'checkpoint'
  | 'compaction'
  | 'model move'
  | 'hand-over';

export const PHASES: readonly Phase[] = [
  'import',
  'model move',
  'compaction',
  'checkpoint',
  'hand-over',
  'update',
  'remove',
  'opening',
];

const OPERATION: Partial<Record<Phase, OperationKind>> = {
  import: 'add',
  update: 'update',
  remove: 'remove',
  compaction: 'compact',
  'model move': 'move',
};

/** Nothing that a tab is asked to do takes so long. */
const STUCK = 60_000;

/** A browser that did not answer in time. */
export class StuckError extends Error {}

export interface RoundContext {
  session: Session;
  random: Random;
  profile: string;
  origin: string;
  /** How long operations take, about, in milliseconds. */
  durations: Map<string, number>;
}

/** Starts the browser, has it verify what is there and then work, and kills it in the phase, at a random moment. */
export async function playRound(phase: Phase, context: RoundContext): Promise<void> {
  const { session, origin, profile, random, durations } = context;
  const tab = (number: number): string => `${origin}/?tab=${number}&round=${session.round}`;
  const timeout = AbortSignal.timeout(STUCK);
  const next = async (event: 'hello' | 'opened' | 'verified'): Promise<unknown> => {
    try {
      const [value] = await once(session, event, { signal: timeout });
      return value;
    } catch (cause) {
      throw new StuckError(`No "${event}" within ${STUCK / 1000} s.`, { cause });
    }
  };
  const operation = OPERATION[phase];
  if (operation) session.want(operation, random.whole(0, 8));
  const begun = operation && once(session, 'begun', { signal: timeout });
  begun?.catch(() => {});
  const helloed = next('hello');
  const opened = next('opened');
  const verified = next('verified');
  for (const promise of [opened, verified]) promise.catch(() => {});
  const browser = await Browser.start(profile, tab(1));
  try {
    await helloed;
    if (phase === 'opening') {
      const started = performance.now();
      await Promise.race([opened, delay(random.next() * 1.2 * (durations.get('opening') ?? 500))]);
      durations.set('opening', Math.max(performance.now() - started, 300));
      return;
    }
    const started = performance.now();
    await opened;
    durations.set('opening', performance.now() - started);
    await verified;
    if (begun) {
      await begun;
      const usual = phase === 'model move' ? 2000 : (durations.get(operation) ?? 300);
      await delay(random.next() * 1.3 * usual);
    } else if (phase === 'checkpoint') {
      await delay(random.next() * 1000);
      session.pause();
      // Two seconds of rest, and the journal becomes a checkpoint.
      await delay(1900 + random.next() * 600);
    } else if (phase === 'hand-over') {
      for (const number of [2, 3]) {
        const further = next('opened');
        await browser.open(tab(number));
        await further;
      }
      await delay(random.next() * 800);
      await browser.closeTab(tab(1));
      await delay(random.next() * 1500);
    }
  } finally {
    await browser.kill();
    session.end();
  }
}
