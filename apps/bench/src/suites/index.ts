import type { Suite } from '../harness/types.ts';
import { embed } from './embed.ts';
import { operators } from './operators.ts';
import { page } from './page.ts';
import { search } from './search.ts';
import { startup } from './startup.ts';
import { store } from './store.ts';

/** Every suite that runs in a browser. */
export const SUITES: readonly Suite[] = [embed, operators, search, store, startup, page];

/** The suite of that name. */
export function suiteNamed(name: string): Suite {
  const suite = SUITES.find((one) => one.name === name);
  if (!suite)
    throw new Error(`There is no suite "${name}": use ${SUITES.map((one) => one.name).join(', ')}.`);
  return suite;
}
