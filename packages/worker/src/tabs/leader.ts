import type { Call, CallEvent, Reply, TabMessage } from '../protocol.ts';
import type { TabChannel } from './tab-channel.ts';

/** Runs one call in this worker. */
export type RunCall = (
  call: Call,
  onEvent: (event: CallEvent) => void,
  signal: AbortSignal,
) => Promise<Reply>;

/** While calls are at work, the leader says so this often, in milliseconds. */
const SIGN_OF_LIFE = 1000;

interface RunningCall {
  /** Whom to answer: the worker that asked last, should the first one have died. */
  to: string;
  controller: AbortController;
}

/** Serves the calls of other tabs. */
export class Leader {
  readonly #channel: TabChannel;
  readonly #run: RunCall;
  readonly #running = new Map<string, RunningCall>();
  #pulse: ReturnType<typeof setInterval> | undefined;
  #leaving = false;

  constructor(channel: TabChannel, run: RunCall) {
    this.#channel = channel;
    this.#run = run;
    channel.post({ type: 'leader', from: channel.self });
  }

  /** Takes what other tabs ask. */
  receive(message: TabMessage): void {
    if (message.type === 'call') void this.#serve(message.from, message.call);
    else if (message.type === 'abort') this.#running.get(message.call)?.controller.abort();
  }

  /** From now on nothing new is taken; what fails from here on, the next leader is asked again. */
  leave(): void {
    this.#leaving = true;
  }

  async #serve(from: string, call: Call): Promise<void> {
    if (this.#leaving) return;
    this.#channel.post({ type: 'received', to: from, call: call.id });
    const known = this.#running.get(call.id);
    // Sent twice, around a change of leader or by a worker that was started again: once is enough.
    if (known) {
      known.to = from;
      return;
    }
    const running: RunningCall = { to: from, controller: new AbortController() };
    this.#running.set(call.id, running);
    this.#pulse ??= setInterval(() => this.#channel.post({ type: 'alive' }), SIGN_OF_LIFE);
    const onEvent = (event: CallEvent): void => {
      this.#channel.post({ type: 'call-event', to: running.to, call: call.id, event });
    };
    try {
      const reply = await this.#run(call, onEvent, running.controller.signal);
      if (reply.ok || !this.#leaving)
        this.#channel.post({ type: 'reply', to: running.to, call: call.id, reply });
    } finally {
      this.#running.delete(call.id);
      if (this.#running.size === 0) {
        clearInterval(this.#pulse);
        this.#pulse = undefined;
      }
    }
  }
}
