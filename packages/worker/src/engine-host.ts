import type { ProxyMarked, Remote } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { type CallWatchOptions, watchCall } from './call-watch.ts';
import { Engine } from './engine/engine.ts';
import { Waits } from './engine/waits.ts';
import { toWire } from './error-wire.ts';
import { WorkerError } from './errors.ts';
import type {
  Call,
  CallEvent,
  EngineEndpoint,
  EngineInit,
  EngineListener,
  Reply,
  TabMessage,
} from './protocol.ts';
import { Follower } from './tabs/follower.ts';
import { Leader } from './tabs/leader.ts';
import { Leadership } from './tabs/leadership.ts';
import { TabChannel } from './tabs/tab-channel.ts';
import type { SearchEvent, SearchStats } from './types.ts';

/**
 * What runs in a tab's engine worker. The leader opens the engine and serves all tabs; the others pass their
 * page's calls on to it, and one of them takes over when it goes.
 */
export class EngineHost implements EngineEndpoint {
  #init!: EngineInit;
  #listener!: Remote<EngineListener & ProxyMarked>;
  #channel!: TabChannel;
  #leadership!: Leadership;
  #follower!: Follower;
  #leader: Leader | undefined;
  #engine: Promise<Engine> | undefined;
  readonly #waits = new Waits();
  /** Set when a newer version of the app has come. */
  #outdated: WorkerError | undefined;
  readonly #running = new Map<string, AbortController>();

  live(aliveLock: string): Promise<boolean> {
    return holdAliveLock(aliveLock);
  }

  ping(): void {}

  async open(init: EngineInit, listener: EngineListener): Promise<Reply> {
    this.#init = init;
    this.#listener = listener as unknown as Remote<EngineListener & ProxyMarked>;
    return toReply(async () => {
      this.#channel = new TabChannel(init.name, {
        onMessage: (message) => this.#receive(message),
        onOtherVersion: (which) => this.#meetOtherVersion(which),
      });
      this.#channel.post({ type: 'hello' });
      this.#follower = new Follower(this.#channel, init.leaderTimeout);
      this.#leadership = new Leadership(init.name);
      if (await this.#leadership.join(() => void this.#lead().catch(() => {}))) await this.#lead();
    });
  }

  async call(call: Call): Promise<Reply> {
    const controller = new AbortController();
    this.#running.set(call.id, controller);
    const onEvent = (event: CallEvent): void => void this.#listener.onCallEvent(call.id, event);
    try {
      const outdated = this.#outdated;
      if (outdated) return { ok: false, error: toWire(outdated) };
      const reply = await (this.#leader
        ? this.#run(call, onEvent, controller.signal)
        : this.#follower.call(call, onEvent));
      if (!reply.ok && this.#outdated) return { ok: false, error: toWire(this.#outdated) };
      return call.method === 'stats' ? this.#withRole(reply) : reply;
    } finally {
      this.#running.delete(call.id);
    }
  }

  abort(call: string): void {
    this.#running.get(call)?.abort();
    this.#follower.abort(call);
  }

  async close(): Promise<Reply> {
    return toReply(async () => {
      const onEvent = (event: CallEvent): void => {
        if (event.type === 'waiting') void this.#listener.onEvent({ ...event, method: 'close' });
      };
      try {
        await watchCall(this.#watch(onEvent), () => this.#stepDown());
      } finally {
        this.#channel.close();
      }
    });
  }

  /** Finishes what is being stored, closes the files and leaves them to the next in line. */
  async #stepDown(): Promise<void> {
    this.#leader?.leave();
    try {
      await (await this.#engine?.catch(() => undefined))?.close();
    } finally {
      this.#leadership.leave();
    }
  }

  /** Opens the engine and takes over what this tab had asked the leader before. */
  async #lead(): Promise<void> {
    this.#engine = this.#waits.during('the index to be opened', () =>
      Engine.open(this.#init, this.#waits, (event) => this.#publish(event)),
    );
    this.#leader = new Leader(this.#channel, (call, onEvent, signal) => this.#run(call, onEvent, signal));
    for (const { call, onEvent, resolve } of this.#follower.takeOpenCalls()) {
      const signal = this.#running.get(call.id)?.signal ?? new AbortController().signal;
      void this.#run(call, onEvent, signal).then(resolve);
    }
    await this.#engine;
  }

  #run(call: Call, onEvent: (event: CallEvent) => void, signal: AbortSignal): Promise<Reply> {
    return toReply(() =>
      watchCall(this.#watch(onEvent), async (onSign) => {
        const engine = await this.#engine;
        if (!engine)
          throw new WorkerError('internal', 'This tab was asked to search, but does not hold the index.');
        signal.throwIfAborted();
        return engine.run(call, { signal, onEvent: onSign });
      }),
    );
  }

  #watch(onEvent: (event: CallEvent) => void): CallWatchOptions {
    return { patience: this.#init.leaderTimeout, waits: () => this.#waits.list(), onEvent };
  }

  #receive(message: TabMessage): void {
    if (message.type === 'event') void this.#listener.onEvent(this.#fromHere(message.event));
    else if (this.#leader) this.#leader.receive(message);
    else this.#follower.receive(message);
  }

  #publish(event: SearchEvent): void {
    void this.#listener.onEvent(event);
    this.#channel.post({ type: 'event', event });
  }

  /** The newer version stays: only it can know how to read what both have written. */
  #meetOtherVersion(which: 'newer' | 'older'): void {
    if (which === 'older') {
      // So that it learns of us; a leader among them lets go.
      this.#channel.post({ type: 'hello' });
      return;
    }
    if (this.#outdated) return;
    const message =
      'Another tab runs a newer version of this app. Reload this tab to go on; nothing is lost.';
    this.#outdated = new WorkerError('version-skew', message);
    this.#follower.refuse(this.#outdated);
    void this.#listener.onEvent({ type: 'notice', code: 'version-skew', message });
    void this.#stepDown().catch(() => {});
  }

  #withRole(reply: Reply): Reply {
    if (!reply.ok) return reply;
    return {
      ok: true,
      value: { ...(reply.value as SearchStats), role: this.#leader ? 'leader' : 'follower' },
    };
  }

  #fromHere(event: SearchEvent): SearchEvent {
    return event.type === 'status' ? { ...event, stats: { ...event.stats, role: 'follower' } } : event;
  }
}

async function toReply(work: () => Promise<unknown>): Promise<Reply> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
