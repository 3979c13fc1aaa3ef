const turns = new Map<string, Promise<unknown>>();

/**
 * Runs work while nobody else does under this name: on this origin where there are Web Locks, else in this realm.
 * @param onWait called when somebody else is at it
 */
export async function exclusively<T>(
  name: string,
  work: () => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void } = {},
): Promise<T> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  if (!locks) return inTurn(name, work);
  let started = false;
  const run = (): Promise<T> => {
    started = true;
    return work();
  };
  const lock = `burrow-models ${name}`;
  try {
    const first = await locks.request(
      lock,
      { ifAvailable: true },
      async (free) => free && { value: await run() },
    );
    if (first) return first.value;
    onWait?.();
    return await locks.request(lock, { signal }, run);
  } catch (error) {
    signal?.throwIfAborted();
    // Pages without an origin have no locks, and share nothing either.
    if (started) throw error;
    return inTurn(name, work);
  }
}

async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(name) ?? Promise.resolve()).then(work, work);
  turns.set(name, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(name) === turn) turns.delete(name);
  }
}
