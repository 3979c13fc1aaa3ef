import type { Call, CallEvent, Reply, TabMessage } from '../protocol.ts';
import type { TabChannel } from './tab-channel.ts';

/** Runs one call in this worker. */
export type RunCall = (
  call: Call,
  onEvent: (event: CallEvent) => void,
  signal: AbortSignal,
) => Promise<Reply>;

/** Serves the calls of other tabs. */
export class Leader {
  readonly #channel: TabChannel;
  readonly #run: RunCall;
  readonly #running = new Map<string, AbortController>();

  constructor(channel: TabChannel, run: RunCall) {
    this.#channel = channel;
    this.#run = run;
    channel.post({ type: 'leader', from: channel.self });
  }

  /** Takes what other tabs ask. */
  receive(message: TabMessage): void {
    if (message.type === 'call') void this.#serve(message.from, message.call);
    else if (message.type === 'abort') this.#running.get(message.call)?.abort();
  }

  async #serve(from: string, call: Call): Promise<void> {
    this.#channel.post({ type: 'received', to: from, call: call.id });
    // Sent twice around a change of leader: once is enough.
    if (this.#running.has(call.id)) return;
    const controller = new AbortController();
    this.#running.set(call.id, controller);
    const onEvent = (event: CallEvent): void => {
      this.#channel.post({ type: 'call-event', to: from, call: call.id, event });
    };
    try {
      const reply = await this.#run(call, onEvent, controller.signal);
      this.#channel.post({ type: 'reply', to: from, call: call.id, reply });
    } finally {
      this.#running.delete(call.id);
    }
  }
}
