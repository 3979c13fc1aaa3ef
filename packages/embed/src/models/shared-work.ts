/** One who waits for work that is shared. */
interface Caller<Event> {
  signal?: AbortSignal;
  onEvent?: (event: Event) => void;
}

interface Work {
  result: Promise<unknown>;
  stop: AbortController;
  callers: Set<Caller<never>>;
  /** What was told last: who comes later is told, too. */
  last?: unknown;
}

/**
 * Work that several callers want at a time, and that is done once. Whoever aborts leaves; it is stopped when the last one
 * has left, and that one's call rejects only when it has come to rest.
 */
export class SharedWork {
  private readonly open = new Map<string, Work>();

  /** Joins the work of this name, or starts it. Listeners must not throw. */
  async join<T, Event = never>(
    name: string,
    caller: Caller<Event>,
    start: (signal: AbortSignal, tell: (event: Event) => void) => Promise<T>,
  ): Promise<T> {
    const { signal, onEvent } = caller;
    signal?.throwIfAborted();
    let work = this.open.get(name);
    while (work?.stop.signal.aborted) {
      await work.result.catch(() => {});
      signal?.throwIfAborted();
      work = this.open.get(name);
    }
    work ??= this.begin(name, start);
    work.callers.add(caller);
    if (work.last !== undefined) onEvent?.(work.last as Event);
    return this.wait(work, caller) as Promise<T>;
  }

  private begin<T, Event>(
    name: string,
    start: (signal: AbortSignal, tell: (event: Event) => void) => Promise<T>,
  ): Work {
    const stop = new AbortController();
    const callers: Work['callers'] = new Set();
    const work: Work = { result: Promise.resolve(), stop, callers };
    const tell = (event: Event): void => {
      work.last = event;
      for (const { onEvent } of callers) onEvent?.(event as never);
    };
    work.result = start(stop.signal, tell).finally(() => this.open.delete(name));
    this.open.set(name, work);
    return work;
  }

  private wait(work: Work, caller: Caller<never>): Promise<unknown> {
    const { signal } = caller;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        work.callers.delete(caller);
        const reason: unknown = signal!.reason;
        if (work.callers.size > 0) return reject(reason);
        work.stop.abort(reason);
        work.result.then(
          () => reject(reason),
          () => reject(reason),
        );
      };
      signal?.addEventListener('abort', leave, { once: true });
      const end = (settle: () => void) => (): void => {
        signal?.removeEventListener('abort', leave);
        if (work.callers.has(caller)) settle();
      };
      work.result.then(
        (value) => end(() => resolve(value))(),
        (error: unknown) => end(() => reject(error))(),
      );
    });
  }
}

const byCache = new WeakMap<object, SharedWork>();
const withoutCache = {};

/** What is under way in this realm for a cache; without one, for all that have none. */
export function workFor(cache: object = withoutCache): SharedWork {
  let work = byCache.get(cache);
  if (!work) byCache.set(cache, (work = new SharedWork()));
  return work;
}
