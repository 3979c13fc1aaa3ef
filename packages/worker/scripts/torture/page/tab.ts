// One tab under torture: does what the harness asks, and tells it of each acknowledgement before it goes on.
import { openSearch } from '@burrow/worker';
import type { Search } from '@burrow/worker';
import type { Operation, Outcome } from '../operations.ts';
import { verify } from './verify.ts';

/** Operations at work at once in one tab. */
const LANES = 3;

/** An operation that takes longer than this, in ms, is reported. */
const STUCK = 30_000;

/** Which tab of which start of the browser this is: goes with every request. */
const { search: query } = location;

async function ask<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`/torture/${path}${query}`, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as T;
}

async function perform(search: Search, operation: Operation): Promise<Partial<Outcome>> {
  switch (operation.kind) {
    case 'add':
      await search.add(operation.documents);
      break;
    case 'update':
      await search.update(operation.documents);
      break;
    case 'remove':
      await search.remove(operation.ids);
      break;
    case 'query':
      await search.query(operation.text);
      break;
    case 'move':
      await search.setModel(operation.model);
      break;
    case 'compact':
      await search.compact();
      break;
    case 'verify':
      return { verification: await verify(search, operation.gone) };
  }
  return {};
}

/** Tells what the search says of itself, or that it says nothing. */
async function tellStuck(search: Search, kind: string): Promise<void> {
  const silence = new Promise<string>((resolve) => setTimeout(() => resolve('no answer'), 5000));
  const stats = await Promise.race([search.stats(), silence]);
  await ask('notice', { message: `${kind} takes more than ${STUCK / 1000} s: ${JSON.stringify(stats)}` });
}

async function lane(search: Search): Promise<never> {
  for (;;) {
    const operation = await ask<Operation>('next', {});
    let outcome: Outcome = { number: operation.number };
    const watchdog = setTimeout(() => void tellStuck(search, operation.kind), STUCK);
    try {
      outcome = { ...outcome, ...(await perform(search, operation)) };
    } catch (error) {
      const { name, code, message } = error as Error & { code?: string };
      outcome = { ...outcome, error: `${name} ${code ?? ''}: ${message}` };
    }
    clearTimeout(watchdog);
    await ask('done', outcome);
  }
}

try {
  const { name, model } = await ask<{ name: string; model: string }>('hello', {});
  const search = await openSearch({ name, model, durability: 'strict' });
  search.on('notice', ({ code, message }) => void ask('notice', { message: `${code}: ${message}` }));
  await ask('opened', {});
  await Promise.all(Array.from({ length: LANES }, () => lane(search)));
} catch (error) {
  const { name, code, message } = error as Error & { code?: string };
  await ask('failed', { error: `${name} ${code ?? ''}: ${message}` });
}
