import { toWire } from '../error-wire.ts';
import { WorkerError } from '../errors.ts';
import type { Call, CallEvent, Reply, TabMessage } from '../protocol.ts';
import { markReplayed } from '../replay.ts';
import type { TabChannel } from './tab-channel.ts';

export interface OpenCall {
  call: Call;
  onEvent: (event: CallEvent) => void;
  resolve: (reply: Reply) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the leader has it. */
  received: boolean;
}

/** Sends the calls of this tab to the leader, and again to the next leader when it goes. */
export class Follower {
  readonly #channel: TabChannel;
  /** Milliseconds without a sign of life after which a leader counts as frozen. */
  readonly #patience: number;
  readonly #open = new Map<string, OpenCall>();
  /** Why this tab cannot ask at all. */
  #refusal: unknown;

  constructor(channel: TabChannel, patience: number) {
    this.#channel = channel;
    this.#patience = patience;
  }

  /** Has the leader run a call. Resolves to its reply, or to a `leader-unresponsive` error when it is silent. */
  call(call: Call, onEvent: (event: CallEvent) => void): Promise<Reply> {
    if (this.#refusal) return Promise.resolve({ ok: false, error: toWire(this.#refusal) });
    return new Promise((resolve) => {
      const open: OpenCall = { call, onEvent, resolve, timer: undefined, received: false };
      this.#open.set(call.id, open);
      this.#send(open);
    });
  }

  abort(call: string): void {
    if (this.#open.has(call)) this.#channel.post({ type: 'abort', from: this.#channel.self, call });
  }

  /** Takes what the leader says. */
  receive(message: TabMessage): void {
    if (message.type === 'leader') {
      // A new leader knows nothing of what the old one was asked.
      for (const open of this.#open.values()) {
        markReplayed(open.call);
        this.#send(open);
      }
      return;
    }
    if (message.type === 'alive') {
      for (const open of this.#open.values()) if (open.received) this.#wait(open);
      return;
    }
    if (!('to' in message) || message.to !== this.#channel.self) return;
    const open = this.#open.get(message.call);
    if (!open) return;
    if (message.type === 'received') {
      open.received = true;
      this.#wait(open);
    } else if (message.type === 'call-event') {
      this.#wait(open);
      open.onEvent(message.event);
    } else if (message.type === 'reply') this.#settle(open, message.reply);
  }

  /** Hands over all open calls, for this tab to run itself: it has become the leader. */
  takeOpenCalls(): OpenCall[] {
    const calls = [...this.#open.values()];
    for (const open of calls) {
      clearTimeout(open.timer);
      markReplayed(open.call);
    }
    this.#open.clear();
    return calls;
  }

  /** Settles every open call with an error, and every later one. */
  refuse(error: unknown): void {
    this.#refusal = error;
    const reply: Reply = { ok: false, error: toWire(error) };
    for (const open of this.#open.values()) this.#settle(open, reply);
  }

  #send(open: OpenCall): void {
    open.received = false;
    this.#wait(open);
    this.#channel.post({ type: 'call', from: this.#channel.self, call: open.call });
  }

  /** Waits for the next sign of life. */
  #wait(open: OpenCall): void {
    clearTimeout(open.timer);
    open.timer = setTimeout(() => {
      // Should it thaw after all, it must not do what the caller was told has failed.
      this.abort(open.call.id);
      const doubt = open.received && open.call.method === 'write' ? ' Part of it may have been stored.' : '';
      const message = `The tab that holds this index does not answer (its browser may have frozen it). Bring that tab to the front or close it, then try again.${doubt}`;
      this.#settle(open, { ok: false, error: toWire(new WorkerError('leader-unresponsive', message)) });
    }, this.#patience);
  }

  #settle(open: OpenCall, reply: Reply): void {
    clearTimeout(open.timer);
    this.#open.delete(open.call.id);
    open.resolve(reply);
  }
}
