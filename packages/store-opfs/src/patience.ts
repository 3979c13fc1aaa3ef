import { StoreError } from './errors.ts';

/**
 * How long the browser may take for one small thing, in milliseconds. Its storage answers within some, or, on a device
 * that is busy with other things, within a second or two.
 */
const PATIENCE = 20_000;
/** It runs out in so many steps: a thread that is busy itself, or a device that sleeps, does not hear answers meanwhile. */
const STEPS = 20;

/**
 * What the browser answers; an `io` error when it is silent for too long, so that nobody waits for ever.
 *
 * @param asked what it was asked to do, to complete "did not …"
 * @param giveBack takes an answer that comes after all, to let go of what it holds
 */
export async function answerWithin<T>(
  question: Promise<T>,
  asked: string,
  giveBack?: (late: T) => void,
  patience: number = PATIENCE,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const wait = (left: number): void => {
      timer = setTimeout(() => {
        if (left > 1) return wait(left - 1);
        const message = `The browser did not ${asked} within ${patience / 1000} s. Reload the page; if that does not help, restart the browser.`;
        reject(new StoreError('io', message, { details: { patience } }));
        question.then(giveBack, () => undefined);
      }, patience / STEPS);
    };
    wait(STEPS);
  });
  try {
    return await Promise.race([question, silence]);
  } finally {
    clearTimeout(timer);
  }
}
