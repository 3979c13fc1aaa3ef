// The ten lines of the README as a page of their own: what a first visit downloads, and how long until the first answer.
import { openSearch } from '@burrow/worker';

/** What the page tells the one that holds it. */
export interface FirstVisit {
  /** Milliseconds since the page began to load. */
  open: number;
  firstAnswer: number;
  hits: number;
  error?: string;
}

async function visit(): Promise<FirstVisit> {
  const search = await openSearch({ name: 'first-visit' });
  const open = performance.now();
  await search.add([
    {
      id: 'passport',
      title: 'Passports',
      text: 'To renew a passport, bring the old one and two pictures to the town hall.',
    },
    {
      id: 'bread',
      title: 'Sourdough',
      text: 'Feed the starter in the evening and bake early in the morning.',
    },
  ]);
  const { hits } = await search.query('travel documents');
  const firstAnswer = performance.now();
  await search.close();
  return { open, firstAnswer, hits: hits.length };
}

visit().then(
  (result) => parent.postMessage(result, location.origin),
  (error: unknown) =>
    parent.postMessage(
      { open: 0, firstAnswer: 0, hits: 0, error: String(error) } satisfies FirstVisit,
      location.origin,
    ),
);
